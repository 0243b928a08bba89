using System.Security.Cryptography;
using System.Text;
using Curator.Core;
using Curator.Core.Images;
using Curator.Core.Labels;
using Curator.Core.Manifests;
using Curator.Labeling.Import;

namespace Curator.Labeling.Tests.Import;

public sealed class LabelImportTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task A_table_is_taken_in_once_and_beside_answers_that_stand()
    {
        await using var site = await Site.CreateAsync("a/one.jpg", "a/two.jpg", "b/one.jpg");
        var csv = site.Write("labels.csv", "image,label\na/one.jpg,yes\ntwo.jpg,no\n/pictures/b/one.jpg,no\nthree.jpg,yes\none.jpg,yes\ntwo.jpg,\n");
        await site.Workspace.Labels.GetOrAddTaskAsync(new LabelingTask("island", "?", ["yes", "no"], null, null, "", DateTimeOffset.UnixEpoch), None);
        await site.Workspace.Labels.AppendAsync(new NewLabelEvent("mine", "island", new ImageId(1, 1), "ann", "s", LabelEventKind.Label, "yes"), None);
        for (var twice = 0; twice < 2; twice++)
        {
            var report = await LabelImport.RunAsync(site.Workspace, "island", csv, ImportFormat.Auto, null, None);
            Assert.Equal((ImportFormat.Csv, 3L, 1L, 2L, 1L), (report.Format, report.Labels, report.Covered, report.Unknown, report.Skipped));
            Assert.Contains(report.Examples, example => example.Contains("fits 2 images", StringComparison.Ordinal));
        }
        Assert.Equal(["yes", "yes", "no"], await site.ValuesAsync());
        Assert.Equal(4, (await site.Workspace.Labels.GetEventsAsync("island", 0, None).ToListAsync(None)).Count);

        // A corrected table is another one, and covers the first; the answer given here still stands.
        var corrected = site.Write("corrected.csv", "path,class\na/one.jpg,no\na/two.jpg,no\n");
        await LabelImport.RunAsync(site.Workspace, "island", corrected, ImportFormat.Auto, null, None);
        Assert.Equal(["no", "yes", "no"], await site.ValuesAsync());
    }

    [Fact]
    public async Task Our_own_export_is_a_table_whose_human_rows_count()
    {
        await using var site = await Site.CreateAsync("a/one.jpg", "a/two.jpg");
        var csv = site.Write(
            "labels.csv",
            "filename,label,confidence,source,person,labeled_at,image_id,uri,taken_at,south,west,north,east\n"
                + "yes/one.jpg,yes,1,human,ann,2026-01-01T00:00:00Z,9-9,/pictures/a/one.jpg,,,,,\nno/two.jpg,no,0.7,model,,,9-8,/pictures/a/two.jpg,,,,,\n");
        await Assert.ThrowsAsync<WorkspaceException>(() => LabelImport.RunAsync(site.Workspace, "island", csv, ImportFormat.Auto, null, None)); // one class makes no task
        await site.AddTaskAsync("yes", "no");
        var report = await LabelImport.RunAsync(site.Workspace, "island", csv, ImportFormat.Auto, null, None);
        Assert.Equal((1L, 1L), (report.Labels, report.Skipped));
        Assert.Equal("import:ann", (await site.Workspace.Labels.GetStatesAsync("island", None)).Single().Person);
    }

    [Fact]
    public async Task Class_folders_are_matched_by_their_bytes_whatever_the_files_are_called()
    {
        await using var site = await Site.CreateAsync("a/one.jpg", "a/two.jpg", "b/copy-of-one.jpg");
        site.Write("set/river/renamed.jpg", Site.Content("a/one.jpg"));
        site.Write("set/sea/two.jpg", Site.Content("a/two.jpg"));
        site.Write("set/sea/stranger.jpg", "none of ours");
        var report = await LabelImport.RunAsync(site.Workspace, "island", site["set"], ImportFormat.Auto, "sea", None);
        Assert.Equal((ImportFormat.ImageFolder, 2L, 1L), (report.Format, report.Labels, report.Unknown));
        Assert.Equal(["sea", "river"], (await site.Workspace.Labels.GetTaskAsync("island", None)).Classes);
        Assert.Equal(["river", "sea"], await site.ValuesAsync());
    }

    [Fact]
    public async Task Coco_gives_images_of_one_category_and_names_those_of_none_or_several()
    {
        await using var site = await Site.CreateAsync("a/one.jpg", "a/two.jpg", "a/three.jpg", "a/four.jpg");
        var json = site.Write("coco.json", """
            {"images":[{"id":1,"file_name":"one.jpg"},{"id":2,"file_name":"a/two.jpg"},{"id":3,"file_name":"three.jpg"},{"id":4,"file_name":"four.jpg"}],
             "categories":[{"id":7,"name":"ship"},{"id":9,"name":"cloud"}],
             "annotations":[{"id":1,"image_id":1,"category_id":7,"bbox":[1,2,3,4]},{"id":2,"image_id":1,"category_id":7},{"id":3,"image_id":2,"category_id":9},
                            {"id":4,"image_id":3,"category_id":7},{"id":5,"image_id":3,"category_id":9}]}
            """);
        var report = await LabelImport.RunAsync(site.Workspace, "island", json, ImportFormat.Auto, "ship", None);
        Assert.Equal((ImportFormat.Coco, 2L, 2L), (report.Format, report.Labels, report.Skipped));
        Assert.Equal(["ship", "cloud"], await site.ValuesAsync());
    }

    [Fact]
    public async Task Label_studio_gives_one_opinion_an_annotator()
    {
        await using var site = await Site.CreateAsync("a/one.jpg", "a/two.jpg", "a/three.jpg");
        var json = site.Write("project-1.json", """
            [{"id":1,"data":{"image":"/data/local-files/?d=some%20folder/a/one.jpg"},"annotations":[
                {"completed_by":3,"result":[{"type":"choices","value":{"choices":["Yes"]}}]},
                {"completed_by":{"id":4,"email":"eva@example.org"},"result":[{"type":"choices","value":{"choices":["No"]}}]},
                {"completed_by":5,"was_cancelled":true,"result":[]}]},
             {"id":2,"data":{"image":"/data/upload/1/0a1b2c3d-two.jpg"},"annotations":[{"completed_by":3,"result":[{"type":"choices","value":{"choices":["No"]}}]}]},
             {"id":3,"image":"https://bucket.example/a/three.jpg","choice":"Yes","annotator":3},
             {"id":4,"image":"s3://bucket/none.jpg","choice":{"choices":["Yes","No"]}}]
            """);
        var report = await LabelImport.RunAsync(site.Workspace, "island", json, ImportFormat.Auto, "Yes", None);
        Assert.Equal((ImportFormat.LabelStudio, 4L, 2L), (report.Format, report.Labels, report.Skipped));
        var opinions = await site.Workspace.Labels.GetOpinionsAsync("island", None);
        Assert.All(opinions, opinion => Assert.True(opinion.Imported));
        Assert.Equal(
            [(0L, "import:3", "Yes"), (0L, "import:eva@example.org", "No"), (1L, "import:3", "No"), (2L, "import:3", "Yes")],
            opinions.Select(opinion => (opinion.Image.Row, opinion.Person, opinion.Value)));
    }

    [Theory]
    [InlineData("x.json", "{\"annotations\":[]}", "COCO")]
    [InlineData("x.json", "{\"a\":1}", "Label Studio")]
    [InlineData("x.json", "{", "JSON")]
    [InlineData("x.csv", "one column\n", "Csv")]
    [InlineData("x.txt", "", "--format")]
    public async Task What_is_no_such_file_is_refused(string name, string content, string says)
    {
        await using var site = await Site.CreateAsync("a/one.jpg");
        await site.AddTaskAsync("yes", "no");
        var error = await Assert.ThrowsAsync<WorkspaceException>(() => LabelImport.RunAsync(site.Workspace, "island", site.Write(name, content), ImportFormat.Auto, null, None));
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("/etc/passwd")]
    [InlineData("..%2f..%2fetc%2fpasswd")]
    [InlineData("C:\\\\windows\\\\x.jpg")]
    public async Task Names_are_compared_and_never_opened(string name)
    {
        await using var site = await Site.CreateAsync("a/one.jpg");
        await site.AddTaskAsync("yes", "no");
        var report = await LabelImport.RunAsync(site.Workspace, "island", site.Write("x.csv", $"image,label\n\"{name}\",yes\n"), ImportFormat.Auto, null, None);
        Assert.Equal((0L, 1L), (report.Labels, report.Unknown));
    }

    private sealed class Site : IAsyncDisposable
    {
        private readonly TemporaryFolder _folder = new();

        public Workspace Workspace { get; private set; } = null!;

        public string this[string relative] => _folder[relative];

        public static async Task<Site> CreateAsync(params string[] pictures)
        {
            var site = new Site();
            site.Workspace = await Workspace.InitAsync(site["project"], TimeProvider.System, None);
            var partition = await site.Workspace.Catalog.GetOrAddPartitionAsync("pictures", "native", "all", None);
            using var manifest = ManifestWriter.Create(site.Workspace.ManifestPath(partition));
            foreach (var picture in pictures)
                manifest.Append(new ImageRecord
                {
                    Uri = $"/pictures/{picture}",
                    Sha256 = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Content(picture)))),
                    SizeBytes = 1,
                    ModifiedNanoseconds = 0,
                    Width = 64,
                    Height = 64,
                    Channels = 3,
                    BitDepth = 8,
                    Folder = Path.GetDirectoryName(picture)!,
                    PerceptualHash = 0,
                    MeanLuma = 100,
                    LumaDeviation = 20,
                    NoDataShare = 0,
                });
            var (rows, fingerprint) = manifest.Commit();
            await site.Workspace.Catalog.SetManifestAsync(partition.Number, rows, fingerprint, None);
            return site;
        }

        public static string Content(string picture) => $"bytes of {picture}";

        public Task<LabelingTask> AddTaskAsync(params string[] classes) =>
            Workspace.Labels.GetOrAddTaskAsync(new LabelingTask("island", "?", classes, null, null, "", DateTimeOffset.UnixEpoch), None);

        public string Write(string name, string content)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_folder[name])!);
            File.WriteAllText(_folder[name], content);
            return _folder[name];
        }

        public async Task<string?[]> ValuesAsync() => [.. (await Workspace.Labels.GetStatesAsync("island", None)).Select(state => state.Value)];

        public async ValueTask DisposeAsync()
        {
            await Workspace.DisposeAsync();
            _folder.Dispose();
        }
    }
}
