using Curator.Core.Images;
using Curator.Core.Labels;

namespace Curator.Core.Tests.Labels;

public sealed class RoundTestsOnSqlite() : RoundTests(Backend.Sqlite);

public sealed class RoundTestsOnPostgres() : RoundTests(Backend.Postgres);

public abstract class RoundTests(Backend backend)
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task A_round_begins_once_and_keeps_its_first_queue()
    {
        await using var project = await Project.CreateAsync(backend);
        await project.AddTaskAsync();
        var labels = project.Workspace.Labels;
        var round = await labels.StartRoundAsync("island", 0, Queue(5), None);
        Assert.Equal(new Round("island", 0, RoundState.Labeling, 5, ""), round);
        Assert.Equal(round, await labels.StartRoundAsync("island", 0, Queue(9), None));
        var queue = await labels.GetQueueAsync("island", 0, None);
        Assert.Equal(Queue(5), queue);
        await labels.FinishRoundAsync("island", 0, """{"f1":0.5}""", None);
        Assert.Equal([round with { State = RoundState.Done, Metrics = """{"f1":0.5}""" }], await labels.GetRoundsAsync("island", None));
        await Assert.ThrowsAsync<WorkspaceException>(() => labels.FinishRoundAsync("island", 7, "", None));
        await Assert.ThrowsAsync<WorkspaceException>(() => labels.StartRoundAsync("fire", 0, [], None));
    }

    [Fact]
    public async Task People_get_different_pictures_while_others_wait_and_their_own_again()
    {
        await using var project = await StartedAsync(10);
        var labels = project.Workspace.Labels;
        var ann = await TakeAsync(labels, "ann", 4);
        var ben = await TakeAsync(labels, "ben", 4);
        Assert.Equal([0, 1, 2, 3], ann);
        Assert.Equal([4, 5, 6, 7], ben);
        Assert.Equal([0, 1, 2, 3, 8], await TakeAsync(labels, "ann", 5));
        Assert.Equal([4, 5], await TakeAsync(labels, "ben", 2));
    }

    [Fact]
    public async Task A_lease_ends_by_the_servers_clock_and_a_late_answer_is_stored_all_the_same()
    {
        await using var project = await StartedAsync(3);
        var labels = project.Workspace.Labels;
        Assert.Equal([0, 1], await TakeAsync(labels, "ann", 2));
        project.Clock.Advance(Minute);
        Assert.Equal([0, 1, 2], await TakeAsync(labels, "ben", 3));
        await labels.AppendAsync(LabelStoreTests.Answer("late", 0), None);
        await labels.AppendAsync(LabelStoreTests.Answer("also", 0, "ben"), None);
        Assert.Equal(2, (await labels.GetEventsAsync("island", 0, None).ToListAsync(None)).Count);
        Assert.Equal([1, 2], await TakeAsync(labels, "ben", 3));
    }

    [Fact]
    public async Task Asking_again_renews_the_lease()
    {
        await using var project = await StartedAsync(2);
        var labels = project.Workspace.Labels;
        await TakeAsync(labels, "ann", 1);
        project.Clock.Advance(Minute / 2);
        await TakeAsync(labels, "ann", 1);
        project.Clock.Advance(Minute / 2);
        Assert.Equal([1], await TakeAsync(labels, "ben", 5));
    }

    [Fact]
    public async Task A_clock_that_jumps_back_takes_nothing_from_anybody()
    {
        await using var project = await StartedAsync(4);
        var labels = project.Workspace.Labels;
        Assert.Equal([0, 1], await TakeAsync(labels, "ann", 2));
        project.Clock.Advance(TimeSpan.FromHours(-1));
        Assert.Equal([2, 3], await TakeAsync(labels, "ben", 2));
        Assert.Equal([0, 1], await TakeAsync(labels, "ann", 2));
    }

    [Fact]
    public async Task When_all_that_is_left_lies_with_others_it_is_shared_from_the_far_end()
    {
        await using var project = await StartedAsync(4);
        var labels = project.Workspace.Labels;
        Assert.Equal([0, 1, 2, 3], await TakeAsync(labels, "ann", 20));
        Assert.Equal([3, 2], await TakeAsync(labels, "ben", 2));
        for (var i = 0; i < 4; i++) await labels.AppendAsync(LabelStoreTests.Answer($"op-{i}", i), None);
        Assert.Empty(await TakeAsync(labels, "ben", 2));
    }

    [Fact]
    public async Task At_the_end_of_a_round_what_becomes_free_is_found_at_once_and_what_another_process_opened_soon()
    {
        await using var project = await StartedAsync(4);
        var labels = project.Workspace.Labels;
        Assert.Equal([0, 1, 2, 3], await TakeAsync(labels, "ann", 4));
        Assert.Equal([3, 2], await TakeAsync(labels, "ben", 2)); // nothing is free: shared from the far end
        await labels.ReleaseLeasesAsync("island", "ann", [new ImageId(1, 0)], None);
        Assert.Equal([0], await TakeAsync(labels, "cem", 1));
        await labels.AppendAsync(LabelStoreTests.Answer("a", 1), None);
        Assert.DoesNotContain(1, await TakeAsync(labels, "dan", 4));
        await labels.AppendAsync(LabelStoreTests.Answer("b", 1) with { Kind = LabelEventKind.Undo, Value = null }, None);
        Assert.Contains(1, await TakeAsync(labels, "eva", 4));
    }

    [Fact]
    public async Task Answers_of_any_kind_close_an_item_and_an_undo_opens_it()
    {
        await using var project = await StartedAsync(4);
        var labels = project.Workspace.Labels;
        Assert.Equal(4, await labels.CountOpenAsync("island", 0, None));
        await labels.AppendAsync(LabelStoreTests.Answer("a", 0), None);
        await labels.AppendAsync(LabelStoreTests.Answer("b", 1) with { Kind = LabelEventKind.Unsure, Value = null }, None);
        await labels.AppendAsync(LabelStoreTests.Answer("c", 2) with { Kind = LabelEventKind.Adjudicate }, None);
        Assert.Equal(1, await labels.CountOpenAsync("island", 0, None));
        await labels.AppendAsync(LabelStoreTests.Answer("d", 0) with { Kind = LabelEventKind.Undo, Value = null }, None);
        Assert.Equal(2, await labels.CountOpenAsync("island", 0, None));
        Assert.Equal([0, 3], await TakeAsync(labels, "ann", 10));
    }

    [Fact]
    public async Task The_newest_open_round_is_asked_and_none_when_all_are_done()
    {
        await using var project = await StartedAsync(2);
        var labels = project.Workspace.Labels;
        await labels.StartRoundAsync("island", 1, [new QueueItem("island", 1, 0, new ImageId(1, 77), float.NaN, "random")], None);
        Assert.Equal([77], (await labels.TakeNextAsync("island", "ann", 5, Minute, None)).Select(item => (int)item.Image.Row));
        await labels.FinishRoundAsync("island", 1, "{}", None);
        Assert.Equal([0, 1], await TakeAsync(labels, "ann", 5));
        await labels.FinishRoundAsync("island", 0, "{}", None);
        Assert.Empty(await TakeAsync(labels, "ann", 5));
    }

    [Fact]
    public async Task Ten_people_at_once_are_shown_a_hundred_pictures_once_each()
    {
        await using var project = await StartedAsync(100);
        await using var second = await project.OpenAgainAsync();
        var stores = new[] { project.Workspace.Labels, second.Labels };
        var taken = new System.Collections.Concurrent.ConcurrentBag<long>();
        await Parallel.ForAsync(0, 10, new ParallelOptions { MaxDegreeOfParallelism = 10 }, async (person, token) =>
        {
            for (var i = 0; i < 5; i++)
                foreach (var item in await stores[person % 2].TakeNextAsync("island", $"p{person}", 2, Minute, token))
                {
                    taken.Add(item.Image.Row);
                    await stores[person % 2].AppendAsync(LabelStoreTests.Answer($"{person}-{item.Image.Row}", item.Image.Row, $"p{person}"), token);
                }
        });
        Assert.Equal(Enumerable.Range(0, 100).Select(row => (long)row), taken.Order());
    }

    private async Task<Project> StartedAsync(int items)
    {
        var project = await Project.CreateAsync(backend);
        await project.AddTaskAsync();
        await project.Workspace.Labels.StartRoundAsync("island", 0, Queue(items), None);
        return project;
    }

    private static async Task<IEnumerable<int>> TakeAsync(LabelStore labels, string person, int count) =>
        (await labels.TakeNextAsync("island", person, count, Minute, None)).Select(item => item.Rank);

    private static QueueItem[] Queue(int count) =>
        [.. Enumerable.Range(0, count).Select(i => new QueueItem("island", 0, i, new ImageId(1, i), i % 2 == 0 ? 0.25f : float.NaN, "similar"))];
}
