using Curator.Core.Images;
using Curator.Imagery.Decoding;
using Curator.Imagery.Geography;
using Curator.Imagery.Scenes;

namespace Curator.Imagery.Tests.Scenes;

/// <summary>Scenes written by GDAL, and real ones of NASA's OnEarth.</summary>
public sealed class MrfTests : IDisposable
{
    private const int Width = 100;
    private const int Height = 70;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("PNG", 8, 3, "PIXEL")]
    [InlineData("PNG", 8, 4, "PIXEL")]
    [InlineData("PNG", 16, 1, "PIXEL")]
    [InlineData("PNG", 16, 6, "BAND")]
    [InlineData("PNG", 8, 1, "BAND")]
    public async Task Every_sample_and_the_place_of_a_scene_by_GDAL_arrive(string compression, int bits, int bands, string interleave)
    {
        var samples = await TranslateAsync(bits, bands, "-co", $"COMPRESS={compression}", "-co", $"INTERLEAVE={interleave}");
        using var scene = RasterScene.Open(_folder["scene.mrf"], DecodeOptions.Default);
        Assert.Equal(new RasterForm(Width, Height, bands, bits, 1), scene.Form);
        Assert.Equal(32633, scene.Place!.Epsg);
        Assert.Equal((399_960, 5_200_020, 10, -10), (scene.Place.OriginX, scene.Place.OriginY, Math.Round(scene.Place.PixelX, 9), Math.Round(scene.Place.PixelY, 9)));
        Assert.Equal(samples, ReadAll(scene, 9));
    }

    [Theory]
    [InlineData("JPEG", 3)]
    [InlineData("JPEG", 1)]
    [InlineData("JPNG", 4)]
    public async Task Pages_with_losses_are_what_GDAL_sees_in_them(string compression, int bands)
    {
        await TranslateAsync(8, bands, "-co", $"COMPRESS={compression}");
        await OtherProgram.RunAsync("gdal_translate", "-q", "-of", "ENVI", "-co", "INTERLEAVE=BIP", _folder["scene.mrf"], _folder["raw"]);
        using var scene = RasterScene.Open(_folder["scene.mrf"], DecodeOptions.Default);
        var (read, expected) = (ReadAll(scene, Height), File.ReadAllBytes(_folder["raw"]));
        Assert.Equal(expected.Length, read.Length);
        // Two JPEG decoders may round differently.
        Assert.InRange(Enumerable.Range(0, read.Length).Max(i => Math.Abs(read[i] - expected[i])), 0, 3);
    }

    [Fact]
    public async Task Palettes_become_colours_and_pages_that_are_not_there_hold_no_data()
    {
        await TranslateAsync(8, 1, "-co", "COMPRESS=PNG", "-a_nodata", "7");
        var index = File.ReadAllBytes(_folder["scene.idx"]);
        index.AsSpan(16, 16).Clear();
        File.WriteAllBytes(_folder["scene.idx"], index);
        using (var scene = RasterScene.Open(_folder["scene.mrf"], DecodeOptions.Default))
        {
            Assert.Equal(7, scene.NoData);
            var samples = ReadAll(scene, 32);
            Assert.All(Enumerable.Range(32, 32), x => Assert.Equal(7, samples[x]));
            Assert.Equal(Sample(0, 64, 0), samples[64]);
        }

        var tiles = SceneCutter.Cut(_folder["scene.mrf"], _folder["out"], new CutOptions { Tile = "32x35", Overlap = 0, Boundary = TileBoundary.Discard, MaxNodata = 0.5 }, CancellationToken.None).ToList();
        Assert.DoesNotContain(tiles, tile => (tile.X, tile.Y) == (32, 0));
        Assert.Equal(5, tiles.Count);

        await OtherProgram.RunAsync("gdal_translate", "-q", "-of", "VRT", "-b", "1", _folder["scene.tif"], _folder["palette.vrt"]);
        var vrt = File.ReadAllText(_folder["palette.vrt"]).Replace(
            "<SimpleSource>", "<ColorInterp>Palette</ColorInterp><ColorTable>" + string.Concat(Enumerable.Range(0, 256).Select(i => $"<Entry c1=\"{i}\" c2=\"{255 - i}\" c3=\"9\" c4=\"255\"/>")) + "</ColorTable><SimpleSource>",
            StringComparison.Ordinal);
        File.WriteAllText(_folder["palette.vrt"], System.Text.RegularExpressions.Regex.Replace(vrt, "<ColorInterp>Gray</ColorInterp>", ""));
        await OtherProgram.RunAsync("gdal_translate", "-q", "-of", "MRF", "-co", "COMPRESS=PPNG", "-co", "BLOCKSIZE=32", _folder["palette.vrt"], _folder["palette.mrf"]);
        using var coloured = RasterScene.Open(_folder["palette.mrf"], DecodeOptions.Default);
        Assert.Equal(new RasterForm(Width, Height, 3, 8, 1), coloured.Form);
        Assert.Equal([Sample(0, 0, 0), (byte)(255 - Sample(0, 0, 0)), 9], ReadAll(coloured, 10)[..3]);
    }

    [Fact]
    public void A_real_scene_is_cut_into_its_own_pages_with_places()
    {
        var scene = TestData.Shared("gibs/onearth/mrf/test_weekly_jpg-2012053000000.mrf");
        var tiles = SceneCutter.Cut(scene, _folder["out"], new CutOptions { Tile = "512", Overlap = 0, Boundary = TileBoundary.Discard, Format = CutFormat.Png, Date = new DateOnly(2012, 2, 22) }, CancellationToken.None).ToList();
        Assert.Equal(10, tiles.Count);
        Assert.Equal(new BoundingBox(18, -180, 90, -108), tiles[0].Footprint);
        // The data file begins with a picture that no page refers to.
        for (var i = 0; i < tiles.Count; i++)
        {
            var page = new ImageDecoder().DecodeFile(TestData.Shared($"gibs/onearth/mrf/test_weekly_jpg-2012053000000_tiles/{i + 1:0000}.jpg"), DecodeOptions.Default);
            Assert.True(page.Image!.Pixels.Span.SequenceEqual(new ImageDecoder().DecodeFile(tiles[i].Path, DecodeOptions.Default).Image!.Pixels.Span), tiles[i].Path);
        }
    }

    [Theory]
    [InlineData(ImageProblem.Unsupported, "<PageSize", "<Compression>LERC</Compression><PageSize")]
    [InlineData(ImageProblem.Unsupported, "<PageSize", "<DataType>Float32</DataType><PageSize")]
    [InlineData(ImageProblem.Corrupt, "<Size", "<Size z=\"a\"")]
    [InlineData(ImageProblem.Corrupt, "x=\"100\"", "x=\"0\"")]
    [InlineData(ImageProblem.Corrupt, "</MRF_META>", "")]
    [InlineData(ImageProblem.Corrupt, "<MRF_META>", "<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]><MRF_META>")]
    [InlineData(ImageProblem.Corrupt, "x=\"32\"", "x=\"31\"")]
    [InlineData(ImageProblem.Truncated, "y=\"70\"", "y=\"7000\"")]
    [InlineData(ImageProblem.Missing, "<PageSize", "<DataFile>elsewhere.ppg</DataFile><PageSize")]
    [InlineData(ImageProblem.TooLarge, "x=\"100\"", "x=\"16000000\"", "y=\"32\"", "y=\"8192\"")]
    public async Task What_cannot_be_read_says_why(ImageProblem problem, params string[] changes)
    {
        await TranslateAsync(8, 3, "-co", "COMPRESS=PNG");
        var xml = await File.ReadAllTextAsync(_folder["scene.mrf"], TestContext.Current.CancellationToken);
        for (var i = 0; i < changes.Length; i += 2)
        {
            Assert.Contains(changes[i], xml, StringComparison.Ordinal);
            xml = xml.Replace(changes[i], changes[i + 1], StringComparison.Ordinal);
        }

        await File.WriteAllTextAsync(_folder["scene.mrf"], xml, TestContext.Current.CancellationToken);
        Assert.Equal(problem, Assert.Throws<ImageDecodeException>(() => Read()).Problem);
    }

    [Fact]
    public async Task Damage_anywhere_is_told_in_our_terms()
    {
        await TranslateAsync(8, 3, "-co", "COMPRESS=PNG");
        var random = new Random(3);
        var refused = 0;
        foreach (var name in (string[])["scene.mrf", "scene.idx", "scene.ppg"])
        {
            var whole = File.ReadAllBytes(_folder[name]);
            for (var i = 0; i < 150; i++)
            {
                File.WriteAllBytes(_folder[name], Decoding.FuzzTests.Mutate(whole, random));
                try
                {
                    Read();
                }
                catch (ImageDecodeException)
                {
                    refused++;
                }
            }

            File.WriteAllBytes(_folder[name], whole);
        }

        Assert.InRange(refused, 150, 449);
        Read();

    }

    private void Read()
    {
        using var scene = RasterScene.Open(_folder["scene.mrf"], DecodeOptions.Default);
        if ((long)scene.Form.Width * scene.Form.Height < 1 << 20) ReadAll(scene, scene.Form.Height);
    }

    /// <summary>Never 0: GDAL marks pixels of zeros in JPEG pages in a way of its own, which is not read.</summary>
    private static byte Sample(int band, int x, int y) => (byte)(1 + (x * 2 + y + band * 40 + x * y % 5) % 250);

    /// <summary>Writes scene.tif by our writer and scene.mrf, in pages of 32 × 32, by GDAL; returns its samples.</summary>
    private async Task<byte[]> TranslateAsync(int bits, int bands, params string[] options)
    {
        var form = new RasterForm(Width, Height, bands, bits, 1);
        var samples = new byte[Width * Height * form.PixelBytes];
        for (var i = 0; i < Width * Height; i++)
            for (var b = 0; b < bands; b++)
                if (bits == 8) samples[i * bands + b] = bands == 4 && b == 3 ? (byte)(i % Width < 50 ? 255 : 100) : Sample(b, i % Width, i / Width);
                else BitConverter.TryWriteBytes(samples.AsSpan(2 * (i * bands + b)), (ushort)(257 * Sample(b, i % Width, i / Width) + b));
        await File.WriteAllBytesAsync(_folder["scene.tif"], GeoTiffWriter.Encode(samples, form, new GeoReference(399_960, 5_200_020, 10, -10, 32633), null), TestContext.Current.CancellationToken);
        await OtherProgram.RunAsync("gdal_translate", ["-q", "-of", "MRF", "-co", "BLOCKSIZE=32", .. options, _folder["scene.tif"], _folder["scene.mrf"]]);
        return samples;
    }

    private static byte[] ReadAll(RasterScene scene, int rowsAtATime)
    {
        var stride = scene.Form.Width * scene.Form.PixelBytes;
        var all = new byte[stride * scene.Form.Height];
        for (var y = 0; y < scene.Form.Height; y += rowsAtATime) scene.ReadRows(all.AsSpan(y * stride, Math.Min(rowsAtATime, scene.Form.Height - y) * stride));
        return all;
    }
}
