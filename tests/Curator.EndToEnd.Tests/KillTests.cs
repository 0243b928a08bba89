using System.Text.Json.Nodes;
using Curator.Core.Images;

namespace Curator.EndToEnd.Tests;

/// <summary>The real process, killed with kill -9 at random points of each stage: what it leaves when it has come to its end equals an undisturbed run.</summary>
[Trait("Category", "Slow")]
public sealed class KillTests
{
    /// <summary>60 steps; one thread and single precision, so that the same seed gives the same bytes.</summary>
    private static readonly string[] TrainLine =
    [
        "train", "--architecture", "small-cnn", "--width", "16", "--embedding-size", "32", "--image-size", "64", "--batch-size", "32", "--budget", "1920",
        "--threads", "1", "--precision", "fp32", "--every-steps", "5", "--seed", "3",
    ];

    [Fact]
    public async Task Ingest_killed_anywhere_leaves_the_manifest_of_an_undisturbed_run()
    {
        using var project = await ScratchProject.CreateAsync(1_500);
        string[] line = ["add", project.Pictures];
        var (undisturbed, time) = await Kills.UndisturbedAsync(project, line);
        var manifest = ScratchProject.HashOf(undisturbed, "images.parquet");

        await Kills.ScatterAsync(project, line, time, seed: 1, root => Task.FromResult(WorkIn("ingest-*")(root)), async root =>
        {
            Assert.Equal(manifest, ScratchProject.HashOf(root, "images.parquet"));
            Assert.False(WorkIn("ingest-*")(root));
            await using var workspace = await ScratchProject.OpenAsync(root);
            var partition = Assert.Single(await workspace.Catalog.GetPartitionsAsync(CancellationToken.None));
            using var reader = workspace.OpenManifest(partition);
            Assert.Equal((1_500, reader.Fingerprint), (partition.Rows, partition.Fingerprint));
        });
    }

    [Fact]
    public async Task Embedding_killed_anywhere_leaves_the_bytes_of_an_undisturbed_run()
    {
        using var project = await ScratchProject.CreateAsync(1_500);
        (await project.RunAsync("add", project.Pictures)).Expect(0);
        string[] line = ["embed"];
        var (undisturbed, time) = await Kills.UndisturbedAsync(project, line);
        var embeddings = ScratchProject.HashOf(undisturbed, "*.embeddings");

        await Kills.ScatterAsync(project, line, time, seed: 2, IsPlannedAsync, async root =>
        {
            Assert.Equal(embeddings, ScratchProject.HashOf(root, "*.embeddings"));
            await using var workspace = await ScratchProject.OpenAsync(root);
            Assert.Single(await workspace.Catalog.GetEncodersAsync(CancellationToken.None));
        });
    }

    [Fact]
    public async Task Training_killed_anywhere_ends_in_the_weights_of_an_undisturbed_run_bit_by_bit()
    {
        using var project = await ScratchProject.CreateAsync(256);
        (await project.RunAsync("add", project.Pictures)).Expect(0);
        var (undisturbed, time) = await Kills.UndisturbedAsync(project, TrainLine);
        var weights = ScratchProject.HashOf(undisturbed, "weights.safetensors");

        await Kills.ScatterAsync(project, TrainLine, time, seed: 3, root => Task.FromResult(WorkIn("train-*")(root)), async root =>
        {
            Assert.Equal(weights, ScratchProject.HashOf(root, "weights.safetensors"));
            await using var workspace = await ScratchProject.OpenAsync(root);
            Assert.Equal("simclr@1", Assert.Single(await workspace.Catalog.GetEncodersAsync(CancellationToken.None)).Id);
        });
    }

    [Fact]
    public async Task Training_stopped_by_Ctrl_C_ends_with_130_and_the_same_command_goes_on_to_the_same_weights()
    {
        using var project = await ScratchProject.CreateAsync(256);
        (await project.RunAsync("add", project.Pictures)).Expect(0);
        var (undisturbed, _) = await Kills.UndisturbedAsync(project, TrainLine);
        await using (var training = CuratorProcess.Start(project.Root, TrainLine))
        {
            await Kills.UntilAsync(() => WorkIn("train-*")(project.Root));
            training.Interrupt();
            var stopped = (await training.EndAsync()).Expect(130);
            Assert.Equal("", stopped.Output);
            Assert.Contains("run the same command again", stopped.Error, StringComparison.Ordinal);
        }
        Assert.Empty(Directory.EnumerateFiles(project.Root, "weights.safetensors", SearchOption.AllDirectories));
        (await project.RunAsync(TrainLine)).Expect(0);
        Assert.Equal(ScratchProject.HashOf(undisturbed, "weights.safetensors"), ScratchProject.HashOf(project.Root, "weights.safetensors"));
    }

    [Theory]
    [InlineData("schedule", 100_000)]
    [InlineData("entropy*k-centre^0.5", 200)]
    public async Task Rounds_of_learning_killed_anywhere_end_in_the_answers_and_numbers_of_an_undisturbed_run(string strategy, int sample)
    {
        using var project = await ScratchProject.CreateAsync(600, rarity: 8);
        (await project.RunAsync("add", project.Pictures)).Expect(0);
        (await project.RunAsync("embed")).Expect(0);
        (await project.RunAsync("index")).Expect(0);
        string[] line =
        [
            "learn", "disc", "--example", Path.Combine(project.Pictures, "disc", "00000.jpg"), "--simulate", "folders:disc", "--label-budget", "120", "--strategy", strategy,
            "--sample", sample.ToString(System.Globalization.CultureInfo.InvariantCulture),
        ];
        var (undisturbed, time) = await Kills.UndisturbedAsync(project, line);
        var expected = await Learned.ReadAsync(undisturbed);
        Assert.Equal(120, expected.Answers.Count);

        await Kills.ScatterAsync(project, line, time, seed: 4, root => Task.FromResult(WorkIn("learn-*")(root)), async root =>
        {
            var learned = await Learned.ReadAsync(root);
            Assert.Equal(expected.Events, learned.Events);
            Assert.Equal(expected.Answers, learned.Answers);
            Assert.Equal(expected.Rounds, learned.Rounds);
        });
    }

    [Fact]
    public async Task A_sweep_killed_anywhere_leaves_the_scores_and_the_set_of_an_undisturbed_run()
    {
        using var project = await ScratchProject.CreateAsync(600, rarity: 8);
        (await project.RunAsync("add", project.Pictures)).Expect(0);
        (await project.RunAsync("embed")).Expect(0);
        (await project.RunAsync(
            "learn", "disc", "--example", Path.Combine(project.Pictures, "disc", "00000.jpg"), "--simulate", "folders:disc", "--label-budget", "60")).Expect(0);
        string[] line = ["classify", "disc"];
        var (undisturbed, time) = await Kills.UndisturbedAsync(project, line);
        var scores = ScratchProject.HashOf(undisturbed, "disc.scores");
        (await CuratorProcess.RunAsync(undisturbed, "export", "disc", "--format", "csv", "set")).Expect(0);
        var set = await File.ReadAllTextAsync(Path.Combine(undisturbed, "set", "labels.csv"), TestContext.Current.CancellationToken);

        await Kills.ScatterAsync(project, line, time, seed: 5, root => Task.FromResult(File.Exists(Path.Combine(root, ".locks", "classify-disc.lock"))), async root =>
        {
            Assert.Equal(scores, ScratchProject.HashOf(root, "disc.scores"));
            (await CuratorProcess.RunAsync(root, "export", "disc", "--format", "csv", "set")).Expect(0);
            Assert.Equal(set, await File.ReadAllTextAsync(Path.Combine(root, "set", "labels.csv"), TestContext.Current.CancellationToken));
        });
    }

    private static Func<string, bool> WorkIn(string pattern) => root =>
        Directory.Exists(Path.Combine(root, ".work")) && Directory.EnumerateDirectories(Path.Combine(root, ".work"), pattern).Any(d => Files(d, "").Any());

    /// <summary>The parts of an embedding are planned in the catalog, and forgotten when the file is whole.</summary>
    private static async Task<bool> IsPlannedAsync(string root)
    {
        await using var workspace = await ScratchProject.OpenAsync(root);
        return (await workspace.Catalog.GetShardsAsync("embed", "", CancellationToken.None)).Count > 0;
    }

    private static IEnumerable<string> Files(string root, string below) =>
        Directory.Exists(Path.Combine(root, below)) ? Directory.EnumerateFiles(Path.Combine(root, below), "*", SearchOption.AllDirectories) : [];

    /// <summary>All that a task's rounds left, without times and durations.</summary>
    private sealed record Learned(List<string> Events, List<(ImageId, string?)> Answers, List<string> Rounds)
    {
        public static async Task<Learned> ReadAsync(string root)
        {
            await using var workspace = await ScratchProject.OpenAsync(root);
            Assert.Null(await workspace.Labels.VerifyChainAsync(CancellationToken.None));
            Assert.Empty(await workspace.Labels.VerifyProjectionAsync(CancellationToken.None));
            var events = new List<string>();
            await foreach (var e in workspace.Labels.GetEventsAsync("disc", 0, CancellationToken.None))
                events.Add($"{e.Seq} {e.OperationId} {e.Image} {e.Person} {e.Session} {e.Kind} {e.Value} {e.Round}");
            var answers = (await workspace.Labels.GetStatesAsync("disc", CancellationToken.None)).Select(s => (s.Image, s.Value)).ToList();
            var rounds = new List<string>();
            foreach (var round in await workspace.Labels.GetRoundsAsync("disc", CancellationToken.None))
            {
                var metrics = JsonNode.Parse(round.Metrics)!.AsObject();
                Assert.True(metrics.Remove("seconds"));
                rounds.Add($"{round.Number} {round.State} {round.Asked} {metrics.ToJsonString()}");
            }
            return new Learned(events, answers, rounds);
        }
    }
}
