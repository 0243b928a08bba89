using System.Text.Json;
using Curator.Core;
using Curator.Core.Shards;
using Curator.Labeling.Classification;
using Curator.Labeling.Export;
using Curator.Labeling.Tests.Classification;

namespace Curator.Labeling.Tests.Export;

public sealed class ExporterTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(FileTransfer.Copy)]
    [InlineData(FileTransfer.HardLink)]
    [InlineData(FileTransfer.Symlink)]
    public async Task An_image_folder_holds_every_image_once_under_its_class_and_the_sources_stay(FileTransfer transfer)
    {
        await using var made = await SweptAsync();
        var sources = Snapshot(made["images"]);
        var report = await Exporter.ExportAsync(made.Workspace, made.Task, ExportFormat.ImageFolder, made["out"], new ExportOptions { Transfer = transfer }, Token);
        var set = await FinalSet.ReadAsync(made.Workspace, made.Task, false, Token).ToListAsync(Token);
        foreach (var name in made.Task.Classes)
        {
            var expected = set.Where(l => l.Class == name).Select(l => File.ReadAllText(l.Record.Uri)).Order();
            Assert.Equal(expected, Directory.GetFiles(made[$"out/{name}"]).Select(File.ReadAllText).Order());
            Assert.Equal(report.Classes[name], set.Count(l => l.Class == name));
        }
        Assert.Equal(0, report.Missing);
        Assert.Equal(sources, Snapshot(made["images"]));
        var link = new FileInfo(Directory.GetFiles(made["out/yes"])[0]).LinkTarget;
        Assert.Equal(transfer == FileTransfer.Symlink, link is not null);
    }

    [Fact]
    public async Task The_same_set_gives_the_same_bytes_and_a_changed_label_moves_the_image()
    {
        await using var made = await SweptAsync();
        async Task<List<string>> ExportAsync()
        {
            await Exporter.ExportAsync(made.Workspace, made.Task, ExportFormat.ImageFolder, made["out"], new ExportOptions(), Token);
            return Snapshot(made["out"]);
        }
        var first = await ExportAsync();
        Assert.Equal(first, await ExportAsync());
        var label = await FinalSet.ReadAsync(made.Workspace, made.Task, false, Token).FirstAsync(l => l.Class == "no", Token);
        await made.AnswerAsync(label.Image, "yes", "zoe");
        var second = await ExportAsync();
        Assert.NotEqual(first, second);
        var content = File.ReadAllText(label.Record.Uri);
        Assert.DoesNotContain(content, Directory.GetFiles(made["out/no"]).Select(File.ReadAllText));
        Assert.Contains(content, Directory.GetFiles(made["out/yes"]).Select(File.ReadAllText));
        Assert.False(Path.Exists(made["out.partial"]) || Path.Exists(made["out.replaced"]));
    }

    [Fact]
    public async Task Equal_file_names_get_the_image_id_whatever_the_order()
    {
        await using var made = await SweptAsync();
        await Exporter.ExportAsync(made.Workspace, made.Task, ExportFormat.ImageFolder, made["out"], new ExportOptions(), Token);
        // tileN.jpg exists in the folders even and odd; where both are of one class, both carry their id.
        var names = Directory.GetFiles(made["out/no"]).Select(Path.GetFileName).ToList();
        Assert.Contains(names, n => n!.Contains('~', StringComparison.Ordinal));
        foreach (var twice in names.Where(n => n!.Contains('~', StringComparison.Ordinal)).CountBy(n => n!.Split('~')[0])) Assert.Equal(2, twice.Value);
    }

    [Fact]
    public async Task The_table_reads_back_in_Python_as_it_was_meant()
    {
        await using var made = await SweptAsync();
        await made.AnswerAsync(made.Images[3], "yes", "=cmd, \"Ann\"");
        await Exporter.ExportAsync(made.Workspace, made.Task, ExportFormat.Csv, made["out"], new ExportOptions(), Token);
        var set = await FinalSet.ReadAsync(made.Workspace, made.Task, false, Token).ToListAsync(Token);
        var rows = await PythonAsync(made["out/labels.csv"]);
        Assert.Equal(set.Count, rows.Count);
        for (var i = 0; i < rows.Count; i++)
        {
            Assert.Equal(set[i].Image.ToString(), rows[i]["image_id"]);
            Assert.Equal(set[i].Class, rows[i]["label"]);
            Assert.Equal(set[i].Record.Uri, rows[i]["uri"]);
            Assert.Equal(set[i].IsHuman ? "human" : "model", rows[i]["source"]);
            Assert.Equal(set[i].Confidence, double.Parse(rows[i]["confidence"], System.Globalization.CultureInfo.InvariantCulture), 1e-5);
            Assert.Equal(set[i].LabeledAt is null, rows[i]["labeled_at"].Length == 0);
            if (set[i].Record.Footprint is { } box) Assert.Equal(box.West, double.Parse(rows[i]["west"], System.Globalization.CultureInfo.InvariantCulture), 1e-6);
            else Assert.Equal("", rows[i]["west"]);
        }
        Assert.Equal("'=cmd, \"Ann\"", rows.Single(r => r["image_id"] == made.Images[3].ToString())["person"]);
        Assert.Equal(["README.md", "examples.png", "labels.csv", "provenance.json"], Directory.GetFileSystemEntries(made["out"]).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task Parts_of_the_set_can_be_taken_and_the_card_says_so()
    {
        await using var made = await SweptAsync();
        var human = await Exporter.ExportAsync(made.Workspace, made.Task, ExportFormat.Csv, made["human"], new ExportOptions { HumanOnly = true }, Token);
        Assert.Equal((60, 0), (human.Human, human.Model));
        var positive = await Exporter.ExportAsync(made.Workspace, made.Task, ExportFormat.ImageFolder, made["positive"], new ExportOptions { PositiveOnly = true }, Token);
        Assert.Equal(["yes"], positive.Classes.Keys);
        Assert.False(Directory.Exists(made["positive/no"]));
        var sure = await Exporter.ExportAsync(made.Workspace, made.Task, ExportFormat.Csv, made["sure"], new ExportOptions { MinimumConfidence = 0.99 }, Token);
        Assert.True(sure.Model < 340);
        var card = await File.ReadAllTextAsync(made["positive/README.md"], Token);
        Assert.Contains($"| yes | {positive.Classes["yes"]} |", card);
        Assert.Contains("mix@1", card);
        Assert.Contains("Only the positive class", card);
        Assert.Contains("| recall |", card);
    }

    [Fact]
    public async Task A_missing_source_file_is_counted_and_stops_nothing()
    {
        await using var made = await SweptAsync();
        var record = await made.Workspace.GetImageAsync(made.Images[7], Token);
        File.Delete(record.Uri);
        var report = await Exporter.ExportAsync(made.Workspace, made.Task, ExportFormat.ImageFolder, made["out"], new ExportOptions(), Token);
        Assert.Equal(1, report.Missing);
        Assert.Equal(399, Directory.GetFiles(made["out"], "*.jpg", SearchOption.AllDirectories).Length);
    }

    [Fact]
    public async Task A_folder_with_other_things_in_it_is_never_written_to()
    {
        await using var made = await SweptAsync();
        Directory.CreateDirectory(made["mine"]);
        await File.WriteAllTextAsync(made["mine/thesis.txt"], "years of work", Token);
        await Assert.ThrowsAsync<WorkspaceException>(() => Exporter.ExportAsync(made.Workspace, made.Task, ExportFormat.Csv, made["mine"], new ExportOptions(), Token));
        Assert.Equal(["thesis.txt"], Directory.GetFileSystemEntries(made["mine"]).Select(Path.GetFileName));
        await Assert.ThrowsAsync<WorkspaceException>(() => Exporter.ExportAsync(made.Workspace, made.Task, ExportFormat.Csv, made["mine/thesis.txt"], new ExportOptions(), Token));
    }

    [Theory]
    [InlineData(ExportFormat.ImageFolder)]
    [InlineData(ExportFormat.WebDataset)]
    public async Task An_interrupted_export_leaves_no_set_goes_on_where_it_was_and_ends_with_the_same_bytes(ExportFormat format)
    {
        await using var made = await SweptAsync();
        var options = new ExportOptions { Transfer = FileTransfer.Copy, Split = "0.8,0.2" };
        using var cut = new CancellationTokenSource();
        var stop = new Watcher(value => { if (value.Done >= 256) cut.Cancel(); });
        await Assert.ThrowsAsync<OperationCanceledException>(() => Exporter.ExportAsync(made.Workspace, made.Task, format, made["out"], options, stop, cut.Token));
        Assert.False(Directory.Exists(made["out"]));
        var first = Directory.GetFiles(made["out.partial"], format == ExportFormat.ImageFolder ? "*.jpg" : "*.unfinished", SearchOption.AllDirectories);
        Assert.NotEmpty(first);
        // What is whole is not made again: a mark in it survives. (A shard that is not whole is.)
        if (format == ExportFormat.ImageFolder) await File.AppendAllTextAsync(first[0], "mark", Token);
        await Exporter.ExportAsync(made.Workspace, made.Task, format, made["out"], options, Token);
        if (format == ExportFormat.ImageFolder)
        {
            var marked = Path.Combine(made["out"], Path.GetRelativePath(made["out.partial"], first[0]));
            Assert.EndsWith("mark", await File.ReadAllTextAsync(marked, Token));
            await using var bytes = File.OpenWrite(marked);
            bytes.SetLength(bytes.Length - 4);
        }
        await Exporter.ExportAsync(made.Workspace, made.Task, format, made["again"], options, Token);
        Assert.Equal(Snapshot(made["again"]), Snapshot(made["out"]));
        Assert.False(Directory.Exists(made["out.partial"]));
    }

    [Fact]
    public async Task What_an_interrupted_export_of_another_set_left_is_not_used()
    {
        await using var made = await SweptAsync();
        var options = new ExportOptions { Transfer = FileTransfer.Copy };
        using var cut = new CancellationTokenSource();
        await Assert.ThrowsAsync<OperationCanceledException>(() =>
            Exporter.ExportAsync(made.Workspace, made.Task, ExportFormat.ImageFolder, made["out"], options, new Watcher(_ => cut.Cancel()), cut.Token));
        await Exporter.ExportAsync(made.Workspace, made.Task, ExportFormat.ImageFolder, made["out"], options with { HumanOnly = true }, Token);
        Assert.Equal(60, Directory.GetFiles(made["out"], "*.jpg", SearchOption.AllDirectories).Length);
    }

    [Fact]
    public async Task Two_exports_into_one_folder_wait_for_each_other()
    {
        await using var made = await SweptAsync();
        await Task.WhenAll(
            Exporter.ExportAsync(made.Workspace, made.Task, ExportFormat.ImageFolder, made["out"], new ExportOptions(), Token),
            Exporter.ExportAsync(made.Workspace, made.Task, ExportFormat.Coco, made["out"], new ExportOptions(), Token));
        var files = Directory.GetFiles(made["out"], "*.json", SearchOption.AllDirectories).Select(Path.GetFileName).ToList();
        Assert.Equal(files.Contains("all.json"), !Directory.Exists(made["out/yes"]));
    }

    [Theory]
    [InlineData("yes", "yes")]
    [InlineData("../etc", "_.._etc")]
    [InlineData("a/b:c", "a_b_c")]
    [InlineData(".", "_")]
    public void Class_names_become_safe_folder_names(string name, string folder) => Assert.Equal(folder, ExportNames.Folder(name));

    internal static async Task<SyntheticWorkspace> SweptAsync()
    {
        var made = await ClassifierTests.LearnedAsync(2, files: true);
        await Classifier.ClassifyAsync(made.Workspace, made.Task, new PoolEngine(1), null, Token);
        return made;
    }

    private sealed class Watcher(Action<StageProgress> seen) : IProgress<StageProgress>
    {
        public void Report(StageProgress value) => seen(value);
    }

    internal static List<string> Snapshot(string directory) =>
        [.. Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(f => $"{Path.GetRelativePath(directory, f)} {Convert.ToHexString(File.ReadAllBytes(f))}")];

    private static async Task<List<Dictionary<string, string>>> PythonAsync(string table) => JsonSerializer.Deserialize<List<Dictionary<string, string>>>(
        await OtherProgram.PythonAsync("import csv,json,sys; print(json.dumps(list(csv.DictReader(open(sys.argv[1], newline='', encoding='utf-8')))))", table))!;
}
