using System.Text.Json;

namespace Curator.EndToEnd.Tests;

/// <summary>Every verb of the job in its order, as a person types them.</summary>
public sealed class WholeJobTests
{
    private const int Count = 120;
    private const int Discs = Count / 4;

    [Fact]
    public async Task Verb_by_verb_from_a_folder_of_pictures_to_a_labeled_set()
    {
        using var project = await ScratchProject.CreateAsync(Count);
        var example = Path.Combine(project.Pictures, "disc", "00000.jpg");
        File.WriteAllText(Path.Combine(project.Pictures, "notes.jpg"), "no picture");

        var added = (await project.RunAsync("add", project.Pictures)).Expect(1);
        Assert.Contains("120 pictures added, 0 were there already", added.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("pictures added", added.Error, StringComparison.Ordinal);
        var status = (await project.RunAsync("status", "--json")).Expect(0).Json.GetProperty("status");
        Assert.Equal(Count, status.GetProperty("partitions")[0].GetProperty("images").GetInt32());
        Assert.Equal(1, status.GetProperty("partitions")[0].GetProperty("refused").GetProperty("notAnImage").GetInt32());

        Assert.Equal(Count, (await project.RunAsync("embed", "--json")).Expect(0).Json.GetProperty("embedded").GetInt32());
        Assert.Equal((0, Count), Embedded((await project.RunAsync("embed", "--json")).Expect(0).Json));

        var sheet = project["sheet.png"];
        var hits = (await project.RunAsync("search", example, "-k", "10", "--json", "--sheet", sheet)).Expect(0).Json.EnumerateArray().ToArray();
        Assert.Equal(10, hits.Length);
        Assert.Equal(example, hits[0].GetProperty("path").GetString());
        Assert.All(hits, hit => Assert.Contains("/disc/", hit.GetProperty("path").GetString(), StringComparison.Ordinal));
        Assert.Equal(hits.Select(h => h.GetProperty("distance").GetSingle()).Order(), hits.Select(h => h.GetProperty("distance").GetSingle()));
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], File.ReadAllBytes(sheet)[..4]);

        var learned = (await project.RunAsync("learn", "disc", "--example", example, "--simulate", "folders:disc", "--label-budget", "40")).Expect(0);
        Assert.Contains("Next: curator classify disc", learned.Output, StringComparison.Ordinal);
        // Each round is told while it goes, beside the result and not in it.
        Assert.Contains("round", learned.Error, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("round 1", learned.Output, StringComparison.OrdinalIgnoreCase);
        var again = (await project.RunAsync("learn", "disc", "--simulate", "folders:disc", "--label-budget", "40", "--json", "--quiet")).Expect(0);
        Assert.Equal("", again.Error);
        Assert.InRange(again.Json.GetProperty("labels").GetInt32(), 10, 40);
        Assert.True(File.Exists(Path.Combine(project.Root, "exports", "disc", "rounds.png")));
        Assert.Equal(
            again.Json.GetProperty("rounds").GetArrayLength(), File.ReadAllLines(Path.Combine(project.Root, "exports", "disc", "rounds.jsonl")).Length);

        var classified = (await project.RunAsync("classify", "disc", "--json")).Expect(0).Json;
        Assert.Equal(Count, classified.GetProperty("images").GetInt32());

        await project.RunAsync("export", "disc", project["set"]);
        var exported = (await project.RunAsync("export", "disc", project["set"], "--json")).Expect(0).Json;
        var yes = FilesOf(project["set/yes"]);
        var no = FilesOf(project["set/no"]);
        Assert.Equal((yes.Length, no.Length), (exported.GetProperty("classes").GetProperty("yes").GetInt32(), exported.GetProperty("classes").GetProperty("no").GetInt32()));
        Assert.Equal(Count, yes.Length + no.Length);
        var right = yes.Count(f => File.Exists(Path.Combine(project.Pictures, "disc", f)));
        // The two kinds are told apart by anyone; measured 30 of 30 with no false find.
        Assert.True(2.0 * right / (yes.Length + Discs) >= 0.95, $"{right} of {Discs} discs among {yes.Length} finds");
        Assert.Equal(File.ReadAllBytes(example), File.ReadAllBytes(Path.Combine(project["set/yes"], "00000.jpg")));

        (await project.RunAsync("export", "disc", project["table"], "--format", "csv")).Expect(0);
        var rows = File.ReadAllLines(project["table/labels.csv"]).Skip(1).Select(line => line.Split(',')).ToArray();
        Assert.Equal(yes, rows.Where(r => r[1] == "yes").Select(r => Path.GetFileName(r[7])).Order(StringComparer.Ordinal));
        Assert.All(rows, row => Assert.True(File.Exists(row[7])));
        Assert.Equal(["README.md", "examples.png", "labels.csv", "provenance.json"], FilesOf(project["table"]));
    }

    [Fact]
    public async Task Find_does_it_all_in_one_command_and_the_second_run_has_nothing_to_do()
    {
        using var folder = new TemporaryFolder();
        Pictures.Write(folder["pictures"], Count);
        string[] line =
            ["find", Path.Combine(folder["pictures"], "disc", "00000.jpg"), folder["pictures"], "--task", "disc", "--minutes", "0", "--simulate", "folders:disc", "--label-budget", "40", "--json"];
        var first = (await CuratorProcess.RunAsync(folder.FullPath, line)).Expect(0).Json;
        var set = first.GetProperty("set").GetString()!;
        Assert.StartsWith(folder["curator-project"], set, StringComparison.Ordinal);
        Assert.True(first.GetProperty("figures").GetProperty("f1").GetDouble() >= 0.95, first.GetProperty("figures").ToString());
        Assert.Contains("<html", File.ReadAllText(first.GetProperty("report").GetString()!), StringComparison.OrdinalIgnoreCase);
        var before = Contents(set);
        Assert.InRange(before.Keys.Count(name => name.StartsWith("yes/", StringComparison.Ordinal)), Discs - 2, Discs + 2);
        var embeddings = ScratchProject.HashOf(folder["curator-project"], "*.embeddings");
        var events = await EventsAsync(folder["curator-project"]);

        var second = (await CuratorProcess.RunAsync(folder.FullPath, line)).Expect(0).Json;
        Assert.Equal(before, Contents(set));
        Assert.Equal(embeddings, ScratchProject.HashOf(folder["curator-project"], "*.embeddings"));
        Assert.Equal(events, await EventsAsync(folder["curator-project"]));
        Assert.Equal(first.GetProperty("learning").ToString(), second.GetProperty("learning").ToString());
        Assert.Equal(0, second.GetProperty("sweep").GetProperty("partitionsScored").GetInt32());
    }

    [Fact]
    public async Task Settings_come_from_flag_then_variable_then_file_then_default()
    {
        using var project = await ScratchProject.CreateAsync(1);
        File.WriteAllText(Path.Combine(project.Root, "curator.json"), """{ "version": 1, "train": { "width": 48, "seed": 5, "batch-size": 64 } }""");
        var variables = new Dictionary<string, string> { ["CURATOR_TRAIN_WIDTH"] = "64", ["CURATOR_TRAIN_SEED"] = "7" };

        var shown = (await project.RunAsync(variables, "train", "--width", "16", "--show-config", "--json")).Expect(0);
        var settings = shown.Json.EnumerateArray().ToDictionary(s => s.GetProperty("key").GetString()!, s => (
            s.GetProperty("value").GetString(), s.GetProperty("origin").GetString(), s.GetProperty("source").GetString()));
        Assert.Equal(("16", "flag", "--width"), settings["train.width"]);
        Assert.Equal(("7", "environment", "CURATOR_TRAIN_SEED"), settings["train.seed"]);
        Assert.Equal(("64", "file", "curator.json"), settings["train.batch-size"]);
        Assert.Equal(("0.2", "default", ""), settings["train.temperature"]);
        Assert.Equal("", shown.Error);

        var wrong = (await project.RunAsync(variables, "train", "--width", "wide")).Expect(2);
        Assert.Equal("", wrong.Output);
        Assert.Contains("--show-config", wrong.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ctrl_C_while_people_answer_ends_with_130_and_the_same_task_goes_on_later()
    {
        using var project = await ScratchProject.CreateAsync(40);
        var example = Path.Combine(project.Pictures, "disc", "00000.jpg");
        (await project.RunAsync("add", project.Pictures)).Expect(0);
        (await project.RunAsync("embed")).Expect(0);
        await using (var asking = CuratorProcess.Start(project.Root, "learn", "disc", "--example", example, "--port", "0", "--label-budget", "20"))
        {
            Assert.StartsWith("Answer here: http://127.0.0.1:", await asking.OutputLineAsync(), StringComparison.Ordinal);
            asking.Interrupt();
            var stopped = (await asking.EndAsync()).Expect(130);
            Assert.Contains("run the same command again", stopped.Error, StringComparison.Ordinal);
        }
        var learned = (await project.RunAsync("learn", "disc", "--simulate", "folders:disc", "--label-budget", "20", "--json")).Expect(0);
        Assert.Equal(20, learned.Json.GetProperty("labels").GetInt32());
    }

    [Fact]
    public async Task What_cannot_be_done_is_exit_code_2_with_the_next_step_and_nothing_on_standard_output()
    {
        using var folder = new TemporaryFolder();
        var nowhere = (await CuratorProcess.RunAsync(folder.FullPath, "status")).Expect(2);
        Assert.Equal("", nowhere.Output);
        Assert.Contains("curator init", nowhere.Error, StringComparison.Ordinal);
        var json = (await CuratorProcess.RunAsync(folder.FullPath, "search", "a.jpg", "--json")).Expect(2);
        Assert.Equal("", json.Output);
        Assert.NotEmpty(JsonDocument.Parse(json.Error).RootElement.GetProperty("nextStep").GetString()!);
        var help = (await CuratorProcess.RunAsync(folder.FullPath, "add", "--help")).Expect(0);
        Assert.Contains("curator add <path>", help.Output, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.FullPath));
    }

    private static (int Embedded, int Reused) Embedded(JsonElement report) => (report.GetProperty("embedded").GetInt32(), report.GetProperty("reused").GetInt32());

    private static string[] FilesOf(string folder) => [.. Directory.EnumerateFiles(folder).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal)];

    private static SortedDictionary<string, string> Contents(string folder)
    {
        var contents = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
            contents.Add(Path.GetRelativePath(folder, file), Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file))));
        return contents;
    }

    private static async Task<List<string>> EventsAsync(string root)
    {
        await using var workspace = await ScratchProject.OpenAsync(root);
        var hashes = new List<string>();
        await foreach (var entry in workspace.Labels.GetAllEventsAsync(0, CancellationToken.None)) hashes.Add(entry.Hash);
        return hashes;
    }
}
