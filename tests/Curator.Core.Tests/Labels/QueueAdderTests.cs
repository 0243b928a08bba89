using Curator.Core.Images;
using Curator.Core.Labels;

namespace Curator.Core.Tests.Labels;

public sealed class QueueAdderTestsOnSqlite() : QueueAdderTests(Backend.Sqlite);

public sealed class QueueAdderTestsOnPostgres() : QueueAdderTests(Backend.Postgres);

public abstract class QueueAdderTests(Backend backend)
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task Chosen_images_are_a_first_round_where_there_is_none()
    {
        await using var project = await Project.CreateAsync(backend);
        await project.AddTaskAsync();
        var labels = project.Workspace.Labels;
        Assert.Equal(new QueueAddition(0, 3, 0, 0), await AddAsync(labels, 5, 2, 9, 5));
        Assert.Equal([5L, 2, 9], (await labels.GetQueueAsync("island", 0, None)).Select(item => item.Image.Row));
        Assert.All(await labels.GetQueueAsync("island", 0, None), item => Assert.Equal(("chosen", float.NaN), (item.Reason, item.Probability)));
        Assert.Equal([new Round("island", 0, RoundState.Labeling, 3, "")], await labels.GetRoundsAsync("island", None));
        await Assert.ThrowsAsync<WorkspaceException>(() => labels.AddToQueueAsync("fire", [new ImageId(1, 1)], "chosen", None));
    }

    [Fact]
    public async Task They_wait_behind_the_pictures_of_a_round_that_is_being_answered()
    {
        await using var project = await StartedAsync(3);
        var labels = project.Workspace.Labels;
        await labels.AppendAsync(LabelStoreTests.Answer("first", 0), None);
        Assert.Equal(new QueueAddition(0, 2, 1, 2), await AddAsync(labels, 0, 1, 2, 7, 8));
        Assert.Equal([0L, 1, 2, 7, 8], (await labels.GetQueueAsync("island", 0, None)).Select(item => item.Image.Row));
        Assert.Equal(Enumerable.Range(0, 5), (await labels.GetQueueAsync("island", 0, None)).Select(item => item.Rank));
        Assert.Equal(5, (await labels.GetRoundsAsync("island", None)).Single().Asked);
        Assert.Equal(4, await labels.CountOpenAsync("island", 0, None));
    }

    [Fact]
    public async Task They_are_a_round_of_their_own_when_the_newest_is_answered_and_only_waits_to_be_learned_from()
    {
        await using var project = await StartedAsync(1);
        var labels = project.Workspace.Labels;
        await labels.AppendAsync(LabelStoreTests.Answer("first", 0), None);
        Assert.Equal(new QueueAddition(1, 1, 1, 0), await AddAsync(labels, 0, 4));
        Assert.Equal([4L], (await labels.TakeNextAsync("island", "ann", 5, TimeSpan.FromMinutes(1), None)).Select(item => item.Image.Row));
        await labels.FinishRoundAsync("island", 0, "{}", None);
        // A learning loop that comes to the same number finds the round there.
        var next = await labels.StartRoundAsync("island", 1, [new QueueItem("island", 1, 0, new ImageId(1, 6), 0.5f, "uncertain")], None);
        Assert.Equal(1, next.Asked);
        Assert.Equal([4L], (await labels.GetQueueAsync("island", 1, None)).Select(item => item.Image.Row));
    }

    [Fact]
    public async Task Nothing_is_begun_when_nothing_is_left_to_ask()
    {
        await using var project = await StartedAsync(2);
        var labels = project.Workspace.Labels;
        Assert.Equal(new QueueAddition(0, 0, 0, 2), await AddAsync(labels, 0, 1));
        await labels.AppendAsync(LabelStoreTests.Answer("first", 0), None);
        await labels.AppendAsync(LabelStoreTests.Answer("second", 1), None);
        await labels.FinishRoundAsync("island", 0, "{}", None);
        Assert.Equal(new QueueAddition(0, 0, 2, 0), await AddAsync(labels, 0, 1));
        Assert.Single(await labels.GetRoundsAsync("island", None));
        // What a finished round left open is asked again.
        await labels.AppendAsync(new NewLabelEvent("undo", "island", new ImageId(1, 1), "ann", "sitting", LabelEventKind.Undo, null), None);
        Assert.Equal(new QueueAddition(1, 1, 1, 0), await AddAsync(labels, 0, 1));
    }

    [Fact]
    public async Task Two_that_add_at_once_lose_and_double_nothing()
    {
        await using var project = await StartedAsync(1);
        await using var second = await project.OpenAgainAsync();
        var stores = new[] { project.Workspace.Labels, second.Labels };
        await Parallel.ForAsync(0, 8, async (turn, token) =>
            await stores[turn % 2].AddToQueueAsync("island", [.. Enumerable.Range(turn * 5, 10).Select(row => new ImageId(1, row))], "chosen", token));
        var queue = await stores[0].GetQueueAsync("island", 0, None);
        Assert.Equal(Enumerable.Range(0, 45).Select(row => (long)row), queue.Select(item => item.Image.Row).Order());
        Assert.Equal(45, (await stores[0].GetRoundsAsync("island", None)).Single().Asked);
    }

    private static Task<QueueAddition> AddAsync(LabelStore labels, params long[] rows) =>
        labels.AddToQueueAsync("island", [.. rows.Select(row => new ImageId(1, row))], "chosen", None);

    private async Task<Project> StartedAsync(int items)
    {
        var project = await Project.CreateAsync(backend);
        await project.AddTaskAsync();
        await project.Workspace.Labels.StartRoundAsync(
            "island", 0, [.. Enumerable.Range(0, items).Select(i => new QueueItem("island", 0, i, new ImageId(1, i), 0.5f, "similar"))], None);
        return project;
    }
}
