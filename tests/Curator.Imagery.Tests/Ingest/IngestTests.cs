using System.Security.Cryptography;
using Curator.Core;
using Curator.Core.Catalogs;
using Curator.Core.Images;
using Curator.Imagery.Hashing;
using Curator.Imagery.Ingest;
using Curator.Imagery.Tests.Support;

namespace Curator.Imagery.Tests.Ingest;

public sealed class IngestTests
{
    private static void Picture(string path, int seed = 1, int side = 24)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, Pictures.Png(Pictures.Rgb(side, side, seed), side, side));
    }

    [Fact]
    public async Task Bad_files_are_counted_with_their_reason_and_the_rest_is_taken_in()
    {
        using var folder = new TemporaryFolder();
        using var fixture = new IngestFixture(folder);
        var root = Directory.CreateDirectory(folder["mixed"]).FullName;
        string In(string name) => Path.Combine(root, name);
        var noise = Pictures.Noise(64, 64);
        var jpeg = Pictures.Jpeg(noise, 64, 64);
        var png = Pictures.Png(noise, 64, 64);
        File.WriteAllBytes(In("good.JPG"), jpeg);
        File.WriteAllBytes(In("png named.jpg"), png);
        File.WriteAllBytes(In("deep.png"), Pictures.RawPng(2, 1, 2, 16, new byte[12]));
        File.WriteAllBytes(In("deep.tif"), Pictures.Tiff(2, 1, 3, 16, 2, new byte[12]));
        File.WriteAllBytes(In("cmyk.tiff"), Pictures.Tiff(2, 1, 4, 8, 5, new byte[8]));
        File.WriteAllBytes(In("cut.jpg"), jpeg[..(jpeg.Length / 2)]);
        File.WriteAllBytes(In("cut.png"), png[..(png.Length / 2)]);
        File.WriteAllText(In("text.jpg"), "this is a text");
        File.WriteAllBytes(In("empty.png"), []);
        File.WriteAllBytes(In("bomb.png"), Pictures.PngHeader(50_000, 50_000));
        File.CreateSymbolicLink(In("dangling.gif"), In("nowhere.gif"));
        File.CreateSymbolicLink(In("itself.jpg"), In("itself.jpg"));
        Directory.CreateSymbolicLink(In("loop"), root);
        Picture(Path.Combine(In("folder.jpg"), "inside.png"));
        File.WriteAllText(In("notes.txt"), "not looked at");
        File.WriteAllBytes(In(".hidden.jpg"), jpeg);

        var report = await fixture.AddAsync(root);

        Assert.Equal(6, report.Added);
        Assert.Equal(
            new SortedDictionary<ImageProblem, long>
            {
                [ImageProblem.Empty] = 1, [ImageProblem.NotAnImage] = 1, [ImageProblem.Truncated] = 2, [ImageProblem.TooLarge] = 1, [ImageProblem.Missing] = 1,
                [ImageProblem.Unreadable] = 1,
            },
            report.Refused);
        Assert.Equal(7, report.Examples.Count);
        Assert.All(report.Examples, file => Assert.NotEmpty(file.Detail));
        Assert.Equal(
            ["cmyk.tiff", "deep.png", "deep.tif", "folder.jpg/inside.png", "good.JPG", "png named.jpg"],
            (await fixture.RowsAsync()).Select(r => Path.GetRelativePath(root, r.Uri)));
        var rejected = await fixture.RejectedAsync();
        Assert.Equal(7, rejected.Count);
        Assert.Equal(ImageProblem.TooLarge, rejected[In("bomb.png")]);
        Assert.Equal(ImageProblem.Missing, rejected[In("dangling.gif")]);
        Assert.Equal(ImageProblem.Unreadable, rejected[In("itself.jpg")]);

        // A mended file is taken in, and its refusal is forgotten; one that is gone too.
        File.WriteAllBytes(In("cut.jpg"), jpeg);
        File.Delete(In("text.jpg"));
        report = await fixture.AddAsync(root);
        Assert.Equal((1, 6), (report.Added, report.AlreadyThere));
        Assert.Equal(5, (await fixture.RejectedAsync()).Count);
    }

    [Fact]
    public async Task Rows_hold_the_facts_of_their_files()
    {
        using var folder = new TemporaryFolder();
        using var fixture = new IngestFixture(folder);
        var rgb = Pictures.Noise(40, 30);
        rgb.AsSpan(0, 3 * 300).Clear();
        var path = Path.Combine(Directory.CreateDirectory(folder["tiles/a/b"]).FullName, "2020-08-15_-01.0991,-005.8739,001.2072,-003.5676.png");
        File.WriteAllBytes(path, Pictures.Png(rgb, 40, 30));
        await fixture.AddAsync(folder["tiles"]);
        var row = Assert.Single(await fixture.RowsAsync());
        var luma = rgb.Chunk(3).Select(p => 0.299 * p[0] + 0.587 * p[1] + 0.114 * p[2]).ToArray();
        var mean = luma.Average();
        Assert.Equal((path, "a/b", 40, 30, 3, 8), (row.Uri, row.Folder, row.Width, row.Height, row.Channels, row.BitDepth));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path))), row.Sha256);
        Assert.Equal((new FileInfo(path).Length, SourceCheck.ModifiedNanoseconds(new FileInfo(path))), (row.SizeBytes, row.ModifiedNanoseconds));
        Assert.Equal(mean, row.MeanLuma, 3);
        Assert.Equal(Math.Sqrt(luma.Average(l => (l - mean) * (l - mean))), row.LumaDeviation, 3);
        Assert.Equal(0.25, row.NoDataShare, 6);
        Assert.Equal(new PerceptualHash().Of(rgb, 40, 30), row.PerceptualHash);
        Assert.Equal(new DateTimeOffset(2020, 8, 15, 0, 0, 0, TimeSpan.Zero), row.TakenAt);
        Assert.Equal(new BoundingBox(-1.0991, -5.8739, 1.2072, -3.5676), row.Footprint);
    }

    [Fact]
    public async Task Adding_twice_adds_nothing_and_writes_nothing()
    {
        using var folder = new TemporaryFolder();
        using var fixture = new IngestFixture(folder);
        for (var i = 0; i < 20; i++) Picture(folder[$"set/{i % 3}/{i}.png"], i);
        Assert.Equal((20, 0), await Counts(fixture.AddAsync(folder["set"])));
        var bytes = fixture.ManifestBytes();
        var written = File.GetLastWriteTimeUtc(Directory.GetFiles(fixture.Project, "images.parquet", SearchOption.AllDirectories).Single());
        Assert.Equal((0, 20), await Counts(fixture.AddAsync(folder["set"])));
        Assert.Equal(bytes, fixture.ManifestBytes());
        Assert.Equal(written, File.GetLastWriteTimeUtc(Directory.GetFiles(fixture.Project, "images.parquet", SearchOption.AllDirectories).Single()));
        Assert.False(Directory.Exists(Path.Combine(fixture.Project, ".work", "ingest-1")));

        static async Task<(long, long)> Counts(Task<IngestReport> run)
        {
            var report = await run;
            return (report.Added, report.AlreadyThere);
        }
    }

    [Fact]
    public async Task Changed_touched_vanished_and_returned_files_are_noticed()
    {
        using var folder = new TemporaryFolder();
        using var fixture = new IngestFixture(folder);
        foreach (var name in (string[])["a", "b", "c", "d"]) Picture(folder[$"set/{name}.png"], name[0]);
        await fixture.AddAsync(folder["set"]);
        var later = new DateTime(2031, 1, 2, 3, 4, 5, DateTimeKind.Utc);
        Picture(folder["set/a.png"], 99, 30); // Other bytes.
        File.SetLastWriteTimeUtc(folder["set/b.png"], later); // The same bytes.
        File.Move(folder["set/c.png"], folder["c.png"]);

        var report = await fixture.AddAsync(folder["set"]);
        Assert.Equal((1, 2, 1, 1), (report.Added, report.AlreadyThere, report.Changed, report.Vanished));
        var states = await fixture.StatesAsync();
        Assert.Equal(new Dictionary<long, ImageState> { [0] = ImageState.Changed, [2] = ImageState.Vanished }, states);
        Assert.Equal([folder["set/a.png"], folder["set/b.png"], folder["set/c.png"], folder["set/d.png"], folder["set/a.png"]], (await fixture.RowsAsync()).Select(r => r.Uri));

        File.Move(folder["c.png"], folder["set/c.png"]);
        File.WriteAllText(folder["set/d.png"], "no picture any more");
        report = await fixture.AddAsync(folder["set"]);
        Assert.Equal((0, 3, 1, 0), (report.Added, report.AlreadyThere, report.Changed, report.Vanished));
        Assert.Equal(new Dictionary<long, ImageState> { [0] = ImageState.Changed, [3] = ImageState.Changed }, await fixture.StatesAsync());

        Picture(folder["set/d.png"], 'd'); // As it was when it was added, at another time.
        await fixture.AddAsync(folder["set"]);
        Assert.Equal(new Dictionary<long, ImageState> { [0] = ImageState.Changed }, await fixture.StatesAsync());
        Assert.Equal(5, (await fixture.RowsAsync()).Count);
    }

    [Fact]
    public async Task Marks_of_people_stay()
    {
        using var folder = new TemporaryFolder();
        using var fixture = new IngestFixture(folder);
        Picture(folder["set/a.png"]);
        Picture(folder["set/b.png"], 2);
        await fixture.AddAsync(folder["set"]);
        await using (var workspace = await Workspace.OpenAsync(fixture.Project, TimeProvider.System, CancellationToken.None))
            await workspace.Catalog.SetImageStateAsync([new ImageId(1, 0), new ImageId(1, 1)], ImageState.Hidden, CancellationToken.None);
        File.Delete(folder["set/a.png"]);
        Assert.Equal(1, (await fixture.AddAsync(folder["set"])).Vanished);
        Assert.Equal(new Dictionary<long, ImageState> { [0] = ImageState.Hidden, [1] = ImageState.Hidden }, await fixture.StatesAsync());
    }

    [Fact]
    public async Task Order_and_bytes_do_not_depend_on_the_number_of_workers()
    {
        using var folder = new TemporaryFolder();
        for (var i = 0; i < 700; i++) Picture(folder[$"set/{i % 7}/{i * 7919 % 700}.png"], i, 8);
        await IngestFixture.AddAsync(folder["one"], new IngestOptions { Roots = [folder["set"]] }, 1);
        await IngestFixture.AddAsync(folder["four"], new IngestOptions { Roots = [folder["set"]] }, 4);
        Assert.Equal(IngestFixture.ManifestBytes(folder["one"]), IngestFixture.ManifestBytes(folder["four"]));
        using var fixture = new IngestFixture(folder);
        await fixture.AddAsync(folder["set"]);
        var expected = Directory.GetFiles(folder["set"], "*", SearchOption.AllDirectories)
            .OrderBy(p => Path.GetFileName(Path.GetDirectoryName(p)), StringComparer.Ordinal).ThenBy(Path.GetFileName, StringComparer.Ordinal);
        Assert.Equal(expected, (await fixture.RowsAsync()).Select(r => r.Uri));
    }

    [Fact]
    public async Task Links_are_followed_once_and_cycles_end()
    {
        using var folder = new TemporaryFolder();
        using var fixture = new IngestFixture(folder);
        Picture(folder["root/a.png"]);
        Picture(folder["root/sub/b.png"], 2);
        Picture(folder["outside/c.png"], 3);
        Directory.CreateSymbolicLink(folder["root/sub/up"], folder["root"]);
        Directory.CreateSymbolicLink(folder["root/sub/above"], folder.FullPath);
        Directory.CreateSymbolicLink(folder["root/out1"], folder["outside"]);
        Directory.CreateSymbolicLink(folder["root/out2"], folder["outside"]);
        Directory.CreateSymbolicLink(folder["outside/back"], folder["root"]);
        Directory.CreateSymbolicLink(folder["root/self"], folder["root/self"]);
        File.CreateSymbolicLink(folder["root/link.png"], folder["outside/c.png"]);
        var report = await fixture.AddAsync(folder["root"]);
        Assert.Equal(["a.png", "link.png", "out1/c.png", "sub/b.png"], (await fixture.RowsAsync()).Select(r => Path.GetRelativePath(folder["root"], r.Uri)));
        Assert.Equal(4, (await fixture.AddAsync(folder["root"])).AlreadyThere);
        Assert.Empty(report.Refused);
        await using var workspace = await Workspace.OpenAsync(fixture.Project, TimeProvider.System, CancellationToken.None);
        var check = await SourceCheck.RunAsync(workspace, report.Partitions[0], readContents: false, null, CancellationToken.None);
        Assert.Equal((0, 0), (check.Vanished, check.Changed));
    }

    [Fact]
    public async Task The_projects_own_folders_are_not_taken_in()
    {
        using var folder = new TemporaryFolder();
        using var fixture = new IngestFixture(folder);
        Picture(Path.Combine(fixture.Project, "exports", "out.png"));
        Picture(Path.Combine(fixture.Project, ".work", "x", "tmp.png"));
        Picture(Path.Combine(fixture.Project, "pictures", "exports", "in.png"));
        await fixture.AddAsync(fixture.Project);
        Assert.Equal(["in.png"], (await fixture.RowsAsync()).Select(r => Path.GetFileName(r.Uri)));
    }

    [Fact]
    public async Task Roots_become_partitions_and_nested_roots_count_once()
    {
        using var folder = new TemporaryFolder();
        using var fixture = new IngestFixture(folder);
        Picture(folder["my tiles/x/a.png"]);
        Picture(folder["my tiles/b.png"], 2);
        Picture(folder["other/c.png"], 3);
        var report = await fixture.AddAsync(folder["my tiles/x"], folder["my tiles"], folder["other/c.png"], folder["other/c.png"]);
        Assert.Equal(["x/native/all", "my_tiles/native/all", "other/native/all"], report.Partitions.Select(p => p.Name));
        Assert.Equal([1L, 2L, 1L], report.Partitions.Select(p => p.Rows));
        report = await IngestFixture.AddAsync(
            folder["second"], new IngestOptions { Roots = [folder["my tiles/x"], folder["my tiles"], folder["other"]], Product = "modis", Resolution = "250m", Period = "2020" });
        var partition = Assert.Single(report.Partitions);
        Assert.Equal(("modis/250m/2020", 3L), (partition.Name, partition.Rows));
    }

    [Fact]
    public async Task Absent_roots_and_bad_names_are_errors_before_anything_is_done()
    {
        using var folder = new TemporaryFolder();
        using var fixture = new IngestFixture(folder);
        var error = await Assert.ThrowsAsync<WorkspaceException>(() => fixture.AddAsync(folder["absent"], folder["also absent"]));
        Assert.Contains("also absent", error.WhatHappened, StringComparison.Ordinal);
        await Assert.ThrowsAsync<WorkspaceException>(() => fixture.AddAsync());
        Directory.CreateDirectory(folder["set"]);
        await Assert.ThrowsAsync<WorkspaceException>(() => IngestFixture.AddAsync(fixture.Project, new IngestOptions { Roots = [folder["set"]], Product = "../up" }));
        Assert.Equal(0, (await fixture.AddAsync(folder["set"])).Added);
    }

    [Fact]
    public async Task Real_tiles_are_taken_in_with_their_classes_as_folders()
    {
        using var folder = new TemporaryFolder();
        using var fixture = new IngestFixture(folder);
        var root = TestData.Shared("eurosat");
        Directory.CreateSymbolicLink(folder["eurosat"], root);
        var report = await fixture.AddAsync(Path.Combine(folder["eurosat"], "River"), Path.Combine(folder["eurosat"], "SeaLake"));
        var expected = (Directory.GetFiles(Path.Combine(root, "River")).Length, Directory.GetFiles(Path.Combine(root, "SeaLake")).Length);
        Assert.Equal(expected, ((int)report.Partitions[0].Rows, (int)report.Partitions[1].Rows));
        Assert.Empty(report.Refused);
        var rows = await fixture.RowsAsync();
        Assert.All(rows, r => Assert.Equal((64, 64, "", (DateTimeOffset?)null), (r.Width, r.Height, r.Folder, r.TakenAt)));
    }
}
