namespace Curator.EndToEnd.Tests;

/// <summary>The real process, killed with kill -9 at random points of each stage (training and learning have classes of their own, so that two stages are tried at a time): what it leaves when it has come to its end equals an undisturbed run.</summary>
[Trait("Category", "Slow")]
public sealed class KillTests
{
    [Fact]
    public async Task Ingest_killed_anywhere_leaves_the_manifest_of_an_undisturbed_run()
    {
        using var project = await ScratchProject.CreateAsync(1_500);
        string[] line = ["add", project.Pictures];
        var (undisturbed, time) = await Kills.UndisturbedAsync(project, line);
        var manifest = ScratchProject.HashOf(undisturbed, "images.parquet");

        await Kills.ScatterAsync(project, line, time, seed: 1, root => Task.FromResult(Kills.WorkIn("ingest-*")(root)), async root =>
        {
            Assert.Equal(manifest, ScratchProject.HashOf(root, "images.parquet"));
            Assert.False(Kills.WorkIn("ingest-*")(root));
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

    /// <summary>The parts of an embedding are planned in the catalog, and forgotten when the file is whole.</summary>
    private static async Task<bool> IsPlannedAsync(string root)
    {
        await using var workspace = await ScratchProject.OpenAsync(root);
        return (await workspace.Catalog.GetShardsAsync("embed", "", CancellationToken.None)).Count > 0;
    }
}
