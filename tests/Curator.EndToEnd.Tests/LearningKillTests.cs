using System.Text.Json.Nodes;
using Curator.Core.Images;

namespace Curator.EndToEnd.Tests;

/// <summary>Rounds of active learning, killed with kill -9 at random points.</summary>
[Trait("Category", "Slow")]
public sealed class LearningKillTests
{
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

        await Kills.ScatterAsync(project, line, time, seed: 4, root => Task.FromResult(Kills.WorkIn("learn-*")(root)), async root =>
        {
            var learned = await Learned.ReadAsync(root);
            Assert.Equal(expected.Events, learned.Events);
            Assert.Equal(expected.Answers, learned.Answers);
            Assert.Equal(expected.Rounds, learned.Rounds);
        });
    }

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
