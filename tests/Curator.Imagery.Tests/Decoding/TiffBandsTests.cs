using System.Buffers.Binary;
using BitMiracle.LibTiff.Classic;
using Curator.Core.Images;
using Curator.Imagery.Decoding;
using Curator.Imagery.Tests.Support;

namespace Curator.Imagery.Tests.Decoding;

public sealed class TiffBandsTests
{
    private const int Width = 37, Height = 23;

    public static TheoryData<int, int, bool, int> Layouts()
    {
        var layouts = new TheoryData<int, int, bool, int>();
        foreach (var (bits, format) in ((int, int)[])[(8, 1), (16, 1), (16, 2), (32, 2), (32, 3), (64, 3)])
            foreach (var planar in (bool[])[false, true])
                foreach (var tile in (int[])[0, 16])
                    layouts.Add(bits, format, planar, tile);
        return layouts;
    }

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Bands_of_every_layout_are_chosen_and_stretched(int bits, int format, bool planar, int tile)
    {
        var file = GeoTiffs.Make(Width, Height, 6, bits, format, Sample, planar, tile);
        var rendering = new Rendering { Bands = [5, 3, 1], Stretch = [(10, 110), (0, 200), (20, 60)] };
        var result = new ImageDecoder().Decode(file, new DecodeOptions { Rendering = rendering });
        Assert.True(result.Succeeded, result.Detail);
        Assert.Equal((Width, Height, 6, bits), (result.Image.Width, result.Image.Height, result.Image.Channels, result.Image.BitDepth));
        for (var y = 0; y < Height; y++)
            for (var x = 0; x < Width; x++)
                for (var c = 0; c < 3; c++)
                {
                    var (low, high) = rendering.Stretch[c];
                    var expected = Math.Clamp((Sample(rendering.Bands![c] - 1, x, y) - low) / (high - low) * 255, 0, 255);
                    Assert.InRange(result.Image.Pixels.Span[3 * (y * Width + x) + c] - expected, -0.51, 0.51);
                }
    }

    [Fact]
    public void Separate_planes_of_a_plain_picture_need_no_rendering()
    {
        var whole = new ImageDecoder().Decode(GeoTiffs.Make(Width, Height, 3, 8, 1, Sample), DecodeOptions.Default).Image!.Pixels.ToArray();
        Assert.Equal(whole, new ImageDecoder().Decode(GeoTiffs.Make(Width, Height, 3, 8, 1, Sample, planar: true, tile: 16), DecodeOptions.Default).Image!.Pixels.ToArray());
    }

    [Fact]
    public void One_band_is_grey_and_no_number_is_black()
    {
        var file = GeoTiffs.Make(Width, Height, 2, 32, 3, (band, x, _) => x == 3 ? double.NaN : band * 100 + x);
        var pixels = new ImageDecoder().Decode(file, new DecodeOptions { Rendering = new Rendering { Bands = [2], Stretch = [(100, 137)] } }).Image!.Pixels.Span;
        Assert.Equal(new byte[3], pixels[9..12].ToArray());
        Assert.Equal(new byte[] { 207, 207, 207 }, pixels[90..93].ToArray());
    }

    [Fact]
    public void Many_bands_and_floating_point_are_refused_with_the_flag_that_helps()
    {
        var decoder = new ImageDecoder();
        var many = decoder.Decode(GeoTiffs.Make(Width, Height, 6, 16, 1, Sample), DecodeOptions.Default);
        Assert.Equal(ImageProblem.Unsupported, many.Problem);
        Assert.Contains("--bands", many.Detail, StringComparison.Ordinal);
        var floating = decoder.Decode(GeoTiffs.Make(Width, Height, 1, 32, 3, Sample), DecodeOptions.Default);
        Assert.Equal(ImageProblem.Unsupported, floating.Problem);
        Assert.Contains("--stretch", floating.Detail, StringComparison.Ordinal);
        Assert.Equal(ImageProblem.Unsupported, decoder.Decode(GeoTiffs.Make(Width, Height, 2, 8, 1, Sample), new DecodeOptions { Rendering = new Rendering { Bands = [3, 2, 1] } }).Problem);
    }

    [Fact]
    public void Percentiles_leave_out_the_given_share_on_both_sides()
    {
        var file = GeoTiffs.Make(100, 100, 1, 16, 1, (_, x, y) => y * 100 + x);
        Assert.Null(TiffHeader.TryRead(file, out var header, out _));
        var stretch = Assert.Single(TiffBands.Percentiles(file, header, null, 0.02, out _, out _)!);
        Assert.Equal((199, 9800), (stretch.Low, stretch.High));
    }

    [Fact]
    public void Damaged_rasters_of_many_bands_never_crash_or_throw()
    {
        var random = new Random(5);
        var decoder = new ImageDecoder();
        var options = new DecodeOptions { LimitPixels = 1_000_000, Rendering = new Rendering { Bands = [4, 2, 1], Stretch = [(0, 255)] } };
        var refused = 0;
        foreach (var file in (byte[][])[GeoTiffs.Make(Width, Height, 5, 16, 1, Sample, true, 16), GeoTiffs.Make(Width, Height, 5, 8, 1, Sample, compression: Compression.ADOBE_DEFLATE)])
            for (var i = 0; i < 600; i++)
                if (!decoder.Decode(FuzzTests.Mutate(file, random), options).Succeeded)
                    refused++;
        Assert.InRange(refused, 100, 1200);
    }

    [Fact]
    public void A_strip_that_claims_more_than_its_bytes_can_hold_gets_no_memory()
    {
        var file = GeoTiffs.Make(Width, Height, 6, 16, 1, Sample);
        foreach (var tag in (int[])[256, 257, 278]) Patch(file, tag, 4000);
        var options = new DecodeOptions { Rendering = new Rendering { Bands = [4, 2, 1] } };
        var before = GC.GetAllocatedBytesForCurrentThread();
        var result = new ImageDecoder().Decode(file, options);
        Assert.Equal(ImageProblem.Corrupt, result.Problem);
        Assert.Contains("pieces of 4000×4000", result.Detail, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 60_000_000); // The picture's own 48 MB.
    }

    [Fact]
    public void A_field_that_claims_more_values_than_the_file_has_bytes_gets_no_memory()
    {
        var file = GeoTiffs.Make(Width, Height, 6, 16, 1, Sample);
        Patch(file, 258, 134_217_733, count: true);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(ImageProblem.Corrupt, new ImageDecoder().Decode(file, new DecodeOptions { Rendering = new Rendering { Bands = [4, 2, 1] } }).Problem);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }

    /// <summary>Sets a field of a little-endian file to a number of 32 bits, or how many values it has.</summary>
    private static void Patch(byte[] file, int tag, int value, bool count = false)
    {
        var at = BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(4));
        for (int n = BinaryPrimitives.ReadInt16LittleEndian(file.AsSpan(at)), entry = at + 2; n > 0; n--, entry += 12)
            if (BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(entry)) == tag)
            {
                if (!count) BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(entry + 2), 4);
                BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(entry + (count ? 4 : 8)), value);
                return;
            }

        Assert.Fail($"no field {tag}");
    }

    private static double Sample(int band, int x, int y) => (band * 31 + x * 3 + y * 5) % 120;
}
