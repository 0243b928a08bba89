using Curator.Core;
using Curator.Core.Catalogs;
using Curator.Core.Images;
using Curator.Imagery.Decoding;
using Curator.Imagery.Duplicates;
using Curator.Imagery.Resizing;
using Curator.Imagery.Tests.Ingest;
using Curator.Imagery.Tests.Support;

namespace Curator.Imagery.Tests.Duplicates;

public sealed class DuplicateFinderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private void Put(string name, byte[] bytes)
    {
        Directory.CreateDirectory(_folder["pictures"]);
        File.WriteAllBytes(_folder[$"pictures/{name}"], bytes);
    }

    private async Task<Workspace> AddAsync()
    {
        await IngestFixture.AddAsync(_folder["project"], new Imagery.Ingest.IngestOptions { Roots = [_folder["pictures"]] });
        return await Workspace.OpenAsync(_folder["project"], TimeProvider.System, CancellationToken.None);
    }

    private static Task<DuplicateReport> FindAsync(Workspace workspace, DuplicateOptions? options = null) =>
        DuplicateFinder.FindAsync(workspace, options ?? new DuplicateOptions(), null, CancellationToken.None);

    private static string[] Names(IEnumerable<string> paths) => [.. paths.Select(path => Path.GetFileName(path))];

    [Fact]
    public async Task Copies_scaled_and_compressed_ones_are_grouped_and_the_largest_stays()
    {
        var large = new byte[3 * 128 * 128];
        var picture = Pictures.Noise(16, 16, 1);
        new Resizer().Resize(picture, 16, 16, large, 128, 128);
        var small = new byte[3 * 64 * 64];
        new Resizer().Resize(large, 128, 128, small, 64, 64);
        Put("a.png", Pictures.Png(small, 64, 64));
        Put("b-copy.png", Pictures.Png(small, 64, 64));
        Put("c-large.png", Pictures.Png(large, 128, 128));
        Put("d-jpeg.jpg", Pictures.Jpeg(small, 64, 64, 70));
        for (var i = 0; i < 5; i++) Put($"other-{i}.png", Pictures.Png(Pictures.Noise(64, 64, 10 + i), 64, 64));
        await using var workspace = await AddAsync();

        var report = await FindAsync(workspace);

        Assert.Equal(9, report.Images);
        var group = Assert.Single(report.Groups);
        Assert.Equal("c-large.png", Path.GetFileName(group.KeptPath));
        Assert.Equal(["a.png", "b-copy.png", "d-jpeg.jpg"], Names(group.Duplicates.Select(d => d.Path)));
        var exact = Assert.Single((await FindAsync(workspace, new DuplicateOptions { ExactOnly = true, Keep = KeepPolicy.First })).Groups);
        Assert.Equal(("a.png", DuplicateKind.Exact), (Path.GetFileName(exact.KeptPath), exact.Duplicates[0].Kind));
    }

    [Fact]
    public async Task Rasters_of_many_bands_are_compared_by_the_bands_that_are_seen()
    {
        byte[][] noise = [.. Enumerable.Range(0, 2).Select(seed => Pictures.Noise(40, 40, seed))];
        Put("a.tif", GeoTiffs.Make(40, 40, 6, 16, 1, (band, x, y) => 10 * noise[0][3 * (40 * y + x) + band % 3]));
        Put("b.tif", GeoTiffs.Make(40, 40, 6, 16, 1, (band, x, y) => 10 * noise[0][3 * (40 * y + x) + band % 3] + band % 2, planar: true));
        Put("c.tif", GeoTiffs.Make(40, 40, 6, 16, 1, (band, x, y) => 10 * noise[1][3 * (40 * y + x) + band % 3]));
        await IngestFixture.AddAsync(_folder["project"], new Imagery.Ingest.IngestOptions { Roots = [_folder["pictures"]], Bands = "4,3,2", Stretch = "0:2550" });
        await using var workspace = await Workspace.OpenAsync(_folder["project"], TimeProvider.System, CancellationToken.None);
        var report = await FindAsync(workspace);
        Assert.Equal((3, 0), (report.Images, report.Unreadable));
        var group = Assert.Single(report.Groups);
        Assert.Equal(["a.tif", "b.tif"], Names([group.KeptPath, .. group.Duplicates.Select(d => d.Path)]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Turned_copies_are_found_only_when_asked_for()
    {
        var rgb = Pictures.Noise(32, 32, 4);
        var mirrored = new byte[rgb.Length];
        for (var y = 0; y < 32; y++)
            for (var x = 0; x < 32; x++)
                rgb.AsSpan(3 * (32 * y + x), 3).CopyTo(mirrored.AsSpan(3 * (32 * y + 31 - x)));
        Put("a.png", Pictures.Png(rgb, 32, 32));
        Put("b.png", Pictures.Png(mirrored, 32, 32));
        await using var workspace = await AddAsync();
        Assert.Empty((await FindAsync(workspace)).Groups);
        var group = Assert.Single((await FindAsync(workspace, new DuplicateOptions { Turned = true })).Groups);
        Assert.Equal(DuplicateKind.Turned, Assert.Single(group.Duplicates).Kind);
    }

    [Fact]
    public async Task Featureless_pictures_are_told_apart_unless_their_bytes_are_equal()
    {
        for (var i = 0; i < 4; i++)
        {
            var flat = new byte[3 * 64 * 64];
            Array.Fill(flat, (byte)(80 + i / 2 * 10));
            Put($"flat-{i}.png", Pictures.Png(flat, 64, 64));
        }
        await using var workspace = await AddAsync();
        var report = await FindAsync(workspace);
        Assert.Equal(4, report.Featureless.Count);
        Assert.Equal(2, report.Groups.Count);
        Assert.All(report.Groups.SelectMany(group => group.Duplicates), duplicate => Assert.Equal(DuplicateKind.Exact, duplicate.Kind));
    }

    [Fact]
    public async Task Marks_follow_from_the_last_report_and_leave_other_marks_alone()
    {
        var bytes = Pictures.Png(Pictures.Noise(32, 32), 32, 32);
        for (var i = 0; i < 4; i++) Put($"{i}.png", bytes);
        await using var workspace = await AddAsync();
        await workspace.Catalog.SetImageStateAsync([new ImageId(1, 3)], ImageState.Hidden, CancellationToken.None);

        await DuplicateFinder.MarkAsync(workspace, await FindAsync(workspace), CancellationToken.None);
        var states = await workspace.Catalog.GetImageStatesAsync(1, CancellationToken.None);
        Assert.Equal([(1L, ImageState.Duplicate), (2L, ImageState.Duplicate), (3L, ImageState.Hidden)], states.Select(s => (s.Key, s.Value)).Order());

        // Marked ones still count in the next search, so doing it again changes nothing.
        await DuplicateFinder.MarkAsync(workspace, await FindAsync(workspace), CancellationToken.None);
        Assert.Equal(states.OrderBy(state => state.Key), (await workspace.Catalog.GetImageStatesAsync(1, CancellationToken.None)).OrderBy(state => state.Key));
        Assert.Equal(2, await DuplicateFinder.ClearAsync(workspace, CancellationToken.None));
        Assert.Equal([3L], (await workspace.Catalog.GetImageStatesAsync(1, CancellationToken.None)).Keys);
    }

    [Fact]
    public async Task A_candidate_that_has_gone_is_counted_and_the_rest_goes_on()
    {
        var rgb = Pictures.Noise(32, 32, 4);
        Put("a.png", Pictures.Png(rgb, 32, 32));
        Put("b.jpg", Pictures.Jpeg(rgb, 32, 32));
        Put("c.webp", Pictures.WebP(rgb, 32, 32, 95));
        await using var workspace = await AddAsync();
        File.Delete(_folder["pictures/b.jpg"]);
        var report = await FindAsync(workspace);
        Assert.Equal(1, report.Unreadable);
        Assert.Equal("c.webp", Path.GetFileName(Assert.Single(Assert.Single(report.Groups).Duplicates).Path));
    }

    /// <summary>Real tiles beside changed copies of themselves: which copies are found, and how many different tiles are taken for copies.</summary>
    [Fact]
    public async Task Changed_copies_of_real_tiles_are_found_and_different_tiles_are_not()
    {
        const int PerClass = 25;
        var decoder = new ImageDecoder();
        string[] classes = ["AnnualCrop", "Highway", "Industrial", "Residential", "River", "HerbaceousVegetation"];
        foreach (var file in classes.SelectMany(c => Directory.GetFiles(TestData.Shared($"eurosat/{c}"), "*.jpg").Order(StringComparer.Ordinal).Take(PerClass)))
        {
            var name = Path.GetFileNameWithoutExtension(file);
            var rgb = decoder.DecodeFile(file, DecodeOptions.Default).Image!.Pixels.ToArray();
            Put($"{name}-0.jpg", File.ReadAllBytes(file));
            Put($"{name}-jpeg.jpg", Pictures.Jpeg(rgb, 64, 64, 75));
            var larger = new byte[3 * 100 * 100];
            new Resizer().Resize(rgb, 64, 64, larger, 100, 100);
            Put($"{name}-resized.png", Pictures.Png(larger, 100, 100));
            Put($"{name}-bright.png", Pictures.Png([.. rgb.Select(value => (byte)Math.Min(255, value * 1.15 + 5))], 64, 64));
        }
        await using var workspace = await AddAsync();
        var report = await FindAsync(workspace);

        static string Origin(string path) => Path.GetFileName(path)[..Path.GetFileName(path).LastIndexOf('-')];
        var found = report.Groups.SelectMany(g => g.Duplicates.Select(d => (Kept: g.KeptPath, d.Path))).ToList();
        var right = found.Count(pair => Origin(pair.Kept) == Origin(pair.Path));
        var recall = right / (3.0 * PerClass * classes.Length - 3 * report.Featureless.Count / 4.0);
        var precision = (double)right / found.Count;
        TestContext.Current.SendDiagnosticMessage($"precision {precision:F4}, recall {recall:F4}, featureless {report.Featureless.Count}");
        Assert.True(precision >= 0.97, $"precision {precision}");
        Assert.True(recall >= 0.95, $"recall {recall}");
    }
}
