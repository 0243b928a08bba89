using System.Buffers.Binary;
using Curator.Imagery.Decoding;
using Curator.Imagery.Hashing;
using Curator.Imagery.Resizing;
using Curator.Imagery.Tests.Support;

namespace Curator.Imagery.Tests.Decoding;

public sealed class ImageDecoderTests
{
    private const int Width = 37;
    private const int Height = 23;

    private static readonly byte[] Rgb = Pictures.Rgb(Width, Height);

    private static DecodedImage Decode(byte[] file)
    {
        var result = new ImageDecoder().Decode(file, DecodeOptions.Default);
        Assert.True(result.Succeeded, $"{result.Problem}: {result.Detail}");
        return result.Image;
    }

    private static void AssertNear(ReadOnlySpan<byte> expected, ReadOnlySpan<byte> actual, int tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - actual[i]) <= tolerance, $"byte {i}: {actual[i]}, expected {expected[i]} ± {tolerance}");
    }

    [Fact]
    public void Lossless_formats_give_the_very_pixels()
    {
        foreach (var (file, format) in new[]
        {
            (Pictures.Png(Rgb, Width, Height), ImageFormat.Png),
            (Pictures.LosslessWebP(Rgb, Width, Height), ImageFormat.WebP),
            (Pictures.Bmp(Rgb, Width, Height), ImageFormat.Bmp),
            (Pictures.Tiff(Width, Height, 3, 8, 2, Rgb), ImageFormat.Tiff),
        })
        {
            var image = Decode(file);
            Assert.Equal((Width, Height, format, 8), (image.Width, image.Height, image.Format, image.BitDepth));
            AssertNear(Rgb, image.Pixels.Span, 0);
        }
    }

    [Fact]
    public void Lossy_formats_come_near()
    {
        AssertNear(Rgb, Decode(Pictures.Jpeg(Rgb, Width, Height, 100)).Pixels.Span, 24);
        AssertNear(Rgb, Decode(Pictures.WebP(Rgb, Width, Height, 100)).Pixels.Span, 40);
        AssertNear(Rgb, Decode(Pictures.Gif(Rgb, Width, Height)).Pixels.Span, 26);
    }

    [Fact]
    public void Sixteen_bit_png_keeps_the_high_byte_and_says_sixteen()
    {
        var rows = new byte[6 * Width * Height];
        for (var i = 0; i < Rgb.Length; i++) rows[2 * i] = rows[2 * i + 1] = Rgb[i];
        var image = Decode(Pictures.RawPng(Width, Height, 2, 16, rows));
        Assert.Equal((3, 16), (image.Channels, image.BitDepth));
        AssertNear(Rgb, image.Pixels.Span, 1);
    }

    [Fact]
    public void Sixteen_bit_grey_png_becomes_grey()
    {
        var rows = new byte[2 * Width * Height];
        for (var i = 0; i < Width * Height; i++) BinaryPrimitives.WriteUInt16BigEndian(rows.AsSpan(2 * i), (ushort)(i * 65_535 / (Width * Height - 1)));
        var image = Decode(Pictures.RawPng(Width, Height, 0, 16, rows));
        Assert.Equal((1, 16), (image.Channels, image.BitDepth));
        for (var i = 0; i < Width * Height; i++)
            Assert.All(image.Pixels.Slice(3 * i, 3).ToArray(), value => Assert.InRange(value, i * 255.0 / (Width * Height - 1) - 1.01, i * 255.0 / (Width * Height - 1) + 1.01));
    }

    [Fact]
    public void Sixteen_bit_tiff_is_scaled_to_eight()
    {
        var samples = new byte[6 * Width * Height];
        for (var i = 0; i < Rgb.Length; i++) BinaryPrimitives.WriteUInt16LittleEndian(samples.AsSpan(2 * i), (ushort)(Rgb[i] * 257));
        var image = Decode(Pictures.Tiff(Width, Height, 3, 16, 2, samples));
        Assert.Equal((3, 16, ImageFormat.Tiff), (image.Channels, image.BitDepth, image.Format));
        AssertNear(Rgb, image.Pixels.Span, 0);
    }

    [Theory]
    [InlineData(512, 400, 128, 256, 200)]
    [InlineData(512, 400, 50, 64, 50)]
    [InlineData(255, 255, 128, 255, 255)]
    [InlineData(2000, 129, 128, 2000, 129)]
    public void A_jpeg_that_is_only_shrunk_is_decoded_at_a_fraction_of_its_sides(int width, int height, int shortestSide, int expectedWidth, int expectedHeight)
    {
        var rgb = new byte[3 * width * height];
        new Resizer().Resize(Pictures.Noise(20, 20), 20, 20, rgb, width, height); // Every frequency has its share, so that no bit hangs on a rounding.
        var jpeg = Pictures.Jpeg(rgb, width, height);
        var options = new DecodeOptions { ShortestSide = shortestSide };
        var small = new ImageDecoder().Decode(jpeg, options).Image!;
        Assert.Equal((expectedWidth, expectedHeight), (small.Width, small.Height));
        var turned = new ImageDecoder().Decode(Pictures.WithOrientation(jpeg, 6), options).Image!;
        Assert.Equal((expectedHeight, expectedWidth), (turned.Width, turned.Height));
        var whole = Decode(jpeg);
        Assert.InRange(
            PerceptualHash.Distance(new PerceptualHash().Of(whole.Pixels.Span, width, height), new PerceptualHash().Of(small.Pixels.Span, small.Width, small.Height)), 0, 4);
        var png = new ImageDecoder().Decode(Pictures.Png(rgb, width, height), options).Image!;
        Assert.Equal((width, height), (png.Width, png.Height));
    }

    [Theory]
    [InlineData(3, 8, 0)]
    [InlineData(3, 16, 0)]
    [InlineData(1, 8, 16)]
    [InlineData(3, 16, 48)]
    public void A_tiff_larger_than_what_is_fetched_at_once_is_decoded_whole(int bands, int bits, int tile)
    {
        const int Width = 307, Height = 211;
        static double Sample(int band, int x, int y) => (x * 7 + y * 13 + band * 50) % 256;
        var image = Decode(GeoTiffs.Make(Width, Height, bands, bits, 1, (band, x, y) => Sample(band, x, y) * (bits == 16 ? 257 : 1), tile: tile));
        Assert.Equal((Width, Height), (image.Width, image.Height));
        var expected = new byte[3 * Width * Height];
        for (var i = 0; i < expected.Length; i++) expected[i] = (byte)Sample(bands == 1 ? 0 : i % 3, i / 3 % Width, i / 3 / Width);
        AssertNear(expected, image.Pixels.Span, 0);
    }

    [Fact]
    public void Grey_palette_and_alpha_become_rgb_on_black()
    {
        var grey = Decode(Pictures.RawPng(2, 1, 0, 8, [10, 200]));
        Assert.Equal(1, grey.Channels);
        AssertNear([10, 10, 10, 200, 200, 200], grey.Pixels.Span, 0);
        var palette = Decode(Pictures.RawPng(2, 1, 3, 8, [1, 0], [1, 2, 3, 40, 50, 60], [255, 0]));
        AssertNear([0, 0, 0, 1, 2, 3], palette.Pixels.Span, 0);
        var alpha = Decode(Pictures.RawPng(3, 1, 6, 8, [200, 100, 50, 255, 200, 100, 50, 128, 200, 100, 50, 0]));
        Assert.Equal(4, alpha.Channels);
        AssertNear([200, 100, 50, 100, 50, 25, 0, 0, 0], alpha.Pixels.Span, 1);
        var bits = Decode(Pictures.RawPng(8, 1, 0, 1, [0b1010_0001]));
        AssertNear([255, 255, 255, 0, 0, 0, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255], bits.Pixels.Span, 0);
        var tiff = Decode(Pictures.Tiff(2, 1, 4, 8, 2, [200, 100, 50, 255, 200, 100, 50, 0]));
        AssertNear([200, 100, 50, 0, 0, 0], tiff.Pixels.Span, 0);
    }

    [Fact]
    public void Cmyk_tiff_is_converted()
    {
        var image = Decode(Pictures.Tiff(3, 1, 4, 8, 5, [0, 0, 0, 0, 255, 0, 0, 0, 0, 0, 0, 255]));
        AssertNear([255, 255, 255, 0, 255, 255, 0, 0, 0], image.Pixels.Span, 0);
    }

    [Fact]
    public void Four_component_jpeg_of_nasa_is_converted()
    {
        var result = new ImageDecoder().DecodeFile(TestData.Shared("gibs/onearth/MORCR143ARDY/MORCR143ARDY_0.jpg"), DecodeOptions.Default);
        Assert.True(result.Succeeded, result.Detail);
        Assert.Equal((4, 512, 512), (result.Image.Channels, result.Image.Width, result.Image.Height));
    }

    [Fact]
    public void Orientation_is_applied_as_the_standard_draws_it()
    {
        // 16×8: left half red, right half green; the lower rows are darker. Blocks of eight keep JPEG from mixing them.
        var upright = new byte[3 * 16 * 16];
        for (var y = 0; y < 16; y++)
            for (var x = 0; x < 16; x++)
                upright[3 * (y * 16 + x) + (x < 8 ? 0 : 1)] = (byte)(y < 8 ? 250 : 120);
        // For each orientation, where the stored top left corner is shown: row and column of the quadrant.
        (int Orientation, int Row, int Column)[] corners = [(1, 0, 0), (2, 0, 1), (3, 1, 1), (4, 1, 0), (5, 0, 0), (6, 0, 1), (7, 1, 1), (8, 1, 0)];
        foreach (var (orientation, row, column) in corners)
        {
            var image = Decode(Pictures.WithOrientation(Pictures.Jpeg(upright, 16, 16, 100), orientation));
            var at = 3 * ((4 + 8 * row) * 16 + 4 + 8 * column);
            Assert.True(image.Pixels.Span[at] > 200, $"orientation {orientation}: top left red is not in quadrant {row}, {column}");
            // The stored top right corner is green: with 5 to 8 it lies below or above, else beside.
            var (greenRow, greenColumn) = orientation >= 5 ? (1 - row, column) : (row, 1 - column);
            at = 3 * ((4 + 8 * greenRow) * 16 + 4 + 8 * greenColumn);
            Assert.True(image.Pixels.Span[at + 1] > 200, $"orientation {orientation}: green is not in quadrant {greenRow}, {greenColumn}");
        }
        var turned = Decode(Pictures.WithOrientation(Pictures.Jpeg(Rgb, Width, Height), 6));
        Assert.Equal((Height, Width), (turned.Width, turned.Height));
        var tiff = Decode(Pictures.Tiff(2, 1, 3, 8, 2, [1, 2, 3, 4, 5, 6], orientation: 6));
        Assert.Equal((1, 2), (tiff.Width, tiff.Height));
        AssertNear([1, 2, 3, 4, 5, 6], tiff.Pixels.Span, 0);
    }

    [Fact]
    public void Every_orientation_agrees_with_the_literal_definition()
    {
        const int W = 5, H = 3;
        var source = Pictures.Noise(W, H);
        for (var orientation = 1; orientation <= 8; orientation++)
        {
            var (w, h) = Orientation.SwapsSides(orientation) ? (H, W) : (W, H);
            var actual = new byte[source.Length];
            Orientation.Apply(orientation, source, W, H, actual);
            for (var y = 0; y < h; y++)
                for (var x = 0; x < w; x++)
                {
                    // Exif 2.3: which stored row and column is shown here.
                    var (sx, sy) = orientation switch
                    {
                        1 => (x, y), 2 => (W - 1 - x, y), 3 => (W - 1 - x, H - 1 - y), 4 => (x, H - 1 - y),
                        5 => (y, x), 6 => (y, H - 1 - x), 7 => (W - 1 - y, H - 1 - x), _ => (W - 1 - y, x),
                    };
                    Assert.Equal(source.AsSpan(3 * (sy * W + sx), 3), actual.AsSpan(3 * (y * w + x), 3));
                }
        }
    }

    [Fact]
    public void One_decoder_reads_many_pictures_one_after_another()
    {
        var decoder = new ImageDecoder();
        foreach (var side in (int[])[100, 3, 64, 1, 257, 2])
        {
            var rgb = Pictures.Rgb(side, side, side);
            var result = decoder.Decode(Pictures.Png(rgb, side, side), DecodeOptions.Default);
            Assert.True(result.Succeeded);
            AssertNear(rgb, result.Image.Pixels.Span, 0);
        }
    }

    [Fact]
    public void All_real_earth_pictures_can_be_read()
    {
        var decoder = new ImageDecoder();
        var read = 0;
        foreach (var path in Directory.EnumerateFiles(TestData.Shared("gibs"), "*", SearchOption.AllDirectories))
        {
            if (Path.GetExtension(path) is not (".jpg" or ".jpeg" or ".png")) continue;
            var result = decoder.DecodeFile(path, DecodeOptions.Default);
            Assert.True(result.Succeeded, $"{path}: {result.Problem} {result.Detail}");
            read++;
        }
        Assert.True(read >= 20, $"only {read} pictures");
    }
}
