namespace Curator.EndToEnd.Tests;

/// <summary>Rounds with a training of the encoder between them, by the real process.</summary>
[Trait("Category", "Slow")]
public sealed class FineTuneTests
{
    private const string Name = "disc";

    [Fact]
    public async Task Rounds_go_on_with_the_encoder_that_their_labels_trained_also_when_killed_before_within_and_after_the_training()
    {
        using var project = await ScratchProject.CreateAsync(120);
        (await project.RunAsync("add", project.Pictures)).Expect(0);
        (await project.RunAsync("embed")).Expect(0);
        (await project.RunAsync("index")).Expect(0);
        string[] line =
        [
            "learn", Name, "--example", Path.Combine(project.Pictures, Name, "00000.jpg"), "--simulate", $"folders:{Name}", "--patience", "0", "--label-budget", "40", "--round-size", "10",
        ];
        string[] tuned = [.. line, "--fine-tune-after", "20", "--json"];
        var calm = project.Copy();
        var whole = (await CuratorProcess.RunAsync(calm, tuned)).Expect(0).Json;
        Assert.Equal(40, whole.GetProperty("labels").GetInt32());
        var expected = await StoryAsync(calm);
        Assert.Equal("disc@1", expected.Encoder);
        Assert.Equal(4, expected.Rounds.Count);
        Assert.Single(Directory.EnumerateFiles(calm, "disc@1.index", SearchOption.AllDirectories));
        // It is done: the same command asks and trains no more.
        (await CuratorProcess.RunAsync(calm, tuned)).Expect(0);
        Assert.Equal(expected.Rounds, (await StoryAsync(calm)).Rounds);

        var rough = project.Copy();
        Func<bool>[] moments =
        [
            () => Directory.Exists(Path.Combine(rough, ".work", $"learn-{Name}")),
            () => Directory.EnumerateDirectories(Path.Combine(rough, ".work"), "*tune*").Any(),
            () => Directory.Exists(Path.Combine(rough, "encoders", "disc@1")),
        ];
        foreach (var moment in moments)
        {
            await using var process = CuratorProcess.Start(rough, tuned);
            await Kills.UntilAsync(moment);
            await process.KillAsync();
        }
        (await CuratorProcess.RunAsync(rough, tuned)).Expect(0);
        var story = await StoryAsync(rough);
        // Training is not repeatable to the bit on several threads, so only what came before it must be the same.
        Assert.Equal(expected.Rounds[..2], story.Rounds[..2]);
        Assert.Equal((expected.Encoder, expected.Rounds.Count, expected.Images), (story.Encoder, story.Rounds.Count, story.Images));
        Assert.Equal(["statistics@1", "disc@1"], story.Encoders);
    }

    /// <summary>Encoder of the task, all encoders, what each round asked, and how many different images in all.</summary>
    private static async Task<(string Encoder, List<string> Encoders, List<string> Rounds, int Images)> StoryAsync(string root)
    {
        await using var workspace = await ScratchProject.OpenAsync(root);
        var rounds = new List<string>();
        var images = new HashSet<string>();
        foreach (var round in await workspace.Labels.GetRoundsAsync(Name, CancellationToken.None))
        {
            var queue = await workspace.Labels.GetQueueAsync(Name, round.Number, CancellationToken.None);
            rounds.Add($"{round.Number} {round.State}: {string.Join(' ', queue.OrderBy(i => i.Rank).Select(i => i.Image))}");
            images.UnionWith(queue.Select(i => i.Image.ToString()));
        }
        var encoders = await workspace.Catalog.GetEncodersAsync(CancellationToken.None);
        return ((await workspace.Labels.GetTaskAsync(Name, CancellationToken.None)).Encoder!, [.. encoders.Select(e => e.Id)], rounds, images.Count);
    }
}
