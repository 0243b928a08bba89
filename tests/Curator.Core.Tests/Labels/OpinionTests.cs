using CsCheck;
using Curator.Core.Images;
using Curator.Core.Labels;

namespace Curator.Core.Tests.Labels;

public sealed class OpinionTestsOnSqlite() : OpinionTests(Backend.Sqlite);

public sealed class OpinionTestsOnPostgres() : OpinionTests(Backend.Postgres);

public abstract class OpinionTests(Backend backend)
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task An_item_is_given_to_as_many_people_as_opinions_are_asked_for()
    {
        await using var project = await StartedAsync(items: 4, opinions: 2);
        var labels = project.Workspace.Labels;
        Assert.Equal([0, 1], await TakeAsync(labels, "ann", 2));
        Assert.Equal([0, 1, 2], await TakeAsync(labels, "ben", 3));
        Assert.Equal([2, 3], await TakeAsync(labels, "eva", 2));
        Assert.Equal([3], await TakeAsync(labels, "tom", 1));
        await labels.AppendAsync(Say("ann", 0, "yes"), None);
        Assert.Equal(4, await labels.CountOpenAsync("island", 0, None));
        await labels.AppendAsync(Say("ben", 0, "no"), None);
        Assert.Equal(3, await labels.CountOpenAsync("island", 0, None));
        Assert.DoesNotContain(0, await TakeAsync(labels, "eva", 9));
    }

    [Fact]
    public async Task What_somebody_took_back_and_left_is_given_to_others_once_nothing_is_left_behind_it()
    {
        await using var project = await StartedAsync(items: 4, opinions: 1);
        var labels = project.Workspace.Labels;
        Assert.Equal([0, 1], await TakeAsync(labels, "ann", 2));
        await labels.AppendAsync(Say("ann", 0, "yes"), None);
        await labels.AppendAsync(Say("ann", 1, "yes"), None);
        Assert.Equal([2, 3], await TakeAsync(labels, "ann", 2));
        // Nothing is free, and that is remembered for a while.
        Assert.Equal([3, 2], await TakeAsync(labels, "ben", 2));
        await labels.AppendAsync(Say("ann", 0, null) with { OperationId = "back", Kind = LabelEventKind.Undo, Value = null }, None);
        Assert.Contains(0, await TakeAsync(labels, "eva", 1));
    }

    [Fact]
    public async Task Changing_the_number_of_opinions_opens_and_closes_items()
    {
        await using var project = await StartedAsync(items: 3, opinions: 1);
        var labels = project.Workspace.Labels;
        await labels.AppendAsync(Say("ann", 0, "yes"), None);
        await labels.AppendAsync(Say("eva", 1, "yes") with { Kind = LabelEventKind.Adjudicate }, None);
        Assert.Equal(1, await labels.CountOpenAsync("island", 0, None));
        await labels.ChangeTaskAsync("island", new TaskChange(Opinions: 2), None);
        Assert.Equal(2, await labels.CountOpenAsync("island", 0, None)); // the decided one stays closed
        Assert.Equal([2], await TakeAsync(labels, "ann", 5));
        await labels.ChangeTaskAsync("island", new TaskChange(Opinions: 1), None);
        Assert.Equal(1, await labels.CountOpenAsync("island", 0, None));
        Assert.Empty(await labels.VerifyCountsAsync(None));
    }

    [Fact]
    public async Task What_counts_is_what_most_people_say_and_a_tie_is_no_class()
    {
        await using var project = await StartedAsync(items: 1, opinions: 3);
        var labels = project.Workspace.Labels;
        async Task<string?> After(string person, LabelEventKind kind, string? value)
        {
            await labels.AppendAsync(Say(person, 0, value) with { Kind = kind }, None);
            var states = await labels.GetStatesAsync("island", None);
            return states.Count == 0 ? "open" : states[0].Value ?? "unsure";
        }

        Assert.Equal("no", await After("file", LabelEventKind.Import, "no"));
        Assert.Equal("unsure", await After("ann", LabelEventKind.Label, "yes"));
        Assert.Equal("yes", await After("ben", LabelEventKind.Label, "yes"));
        Assert.Equal("yes", await After("eva", LabelEventKind.Unsure, null));
        Assert.Equal("unsure", await After("eva", LabelEventKind.Label, "no"));
        Assert.Equal("no", await After("tom", LabelEventKind.Adjudicate, "no"));
        Assert.Equal("no", await After("eva", LabelEventKind.Label, "yes"));
        Assert.Equal("yes", await After("tom", LabelEventKind.Undo, null));
    }

    [Fact]
    public async Task An_import_never_covers_an_answer_before_or_after_it()
    {
        await using var project = await StartedAsync(items: 2, opinions: 1);
        var labels = project.Workspace.Labels;
        var import = Say("import", 0, "no") with { Kind = LabelEventKind.Import };
        await labels.AppendAsync(Say("ann", 0, "yes"), None);
        await labels.AppendAsync([import, import with { OperationId = "other", Image = new ImageId(1, 1) }], None);
        Assert.Equal(["yes", "no"], (await labels.GetStatesAsync("island", None)).Select(state => state.Value));
        await labels.AppendAsync(Say("ann", 1, "yes"), None);
        Assert.Equal(["yes", "yes"], (await labels.GetStatesAsync("island", None)).Select(state => state.Value));
        await labels.AppendAsync(Say("ann", 1, null) with { Kind = LabelEventKind.Undo }, None);
        Assert.Equal(["yes", "no"], (await labels.GetStatesAsync("island", None)).Select(state => state.Value));
        Assert.Equal(2, (await labels.GetTallyAsync("island", None)).Values.Sum());
    }

    [Fact]
    public async Task A_decision_on_what_was_answered_since_is_refused_and_the_same_one_again_is_not()
    {
        await using var project = await StartedAsync(items: 2, opinions: 2);
        var labels = project.Workspace.Labels;
        await labels.AppendAsync([Say("ann", 0, "yes"), Say("ben", 0, "no"), Say("ann", 1, "no"), Say("ben", 1, "no")], None);
        var conflict = Assert.Single(await labels.GetConflictsAsync("island", null, 10, decided: false, None));
        Assert.Equal(["ann", "ben"], conflict.Opinions.Select(opinion => opinion.Person));
        await labels.AppendAsync(Say("ann", 0, "no"), None);
        var decision = Say("tom", 0, "yes") with { Kind = LabelEventKind.Adjudicate };
        await Assert.ThrowsAsync<LabelConflictException>(() => labels.DecideAsync(decision, conflict.NewestSeq, None));
        var now = await labels.GetConflictAsync("island", conflict.Image, None);
        var stored = await labels.DecideAsync(decision, now.NewestSeq, None);
        Assert.Equal(stored, await labels.DecideAsync(decision, now.NewestSeq, None));
        Assert.Empty(await labels.GetConflictsAsync("island", null, 10, decided: false, None));
        Assert.Null(await labels.VerifyChainAsync(None));
    }

    [Fact]
    public async Task Conflicts_come_page_by_page_and_agreement_among_imports_is_none()
    {
        await using var project = await StartedAsync(items: 7, opinions: 2);
        var labels = project.Workspace.Labels;
        for (var row = 0; row < 6; row++) await labels.AppendAsync([Say("ann", row, "yes"), Say("ben", row, row % 2 == 0 ? "no" : "yes")], None);
        await labels.AppendAsync(Say("ann", 6, null) with { Kind = LabelEventKind.Unsure }, None);
        await labels.AppendAsync(Say("import", 1, "no") with { Kind = LabelEventKind.Import }, None);
        var first = await labels.GetConflictsAsync("island", null, 2, false, None);
        var second = await labels.GetConflictsAsync("island", first[^1].Image, 2, false, None);
        Assert.Equal([0L, 2L, 4L, 6L], first.Concat(second).Select(conflict => conflict.Image.Row));
        Assert.Equal(4, await labels.CountConflictsAsync("island", None));
    }

    [Fact]
    public async Task Leases_outlive_every_jump_of_the_wall_clock_and_end_after_their_time()
    {
        await using var project = await StartedAsync(items: 4, opinions: 1);
        var labels = project.Workspace.Labels;
        Assert.Equal([0, 1], await TakeAsync(labels, "ann", 2));
        foreach (var jump in (double[])[10, -10, -60, 24 * 60, -23 * 60])
        {
            project.Clock.Jump(TimeSpan.FromMinutes(jump));
            Assert.Equal([2, 3], await TakeAsync(labels, "ben", 2));
        }

        project.Clock.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal([0, 1], await TakeAsync(labels, "eva", 2));
    }

    [Fact]
    public async Task Events_keep_their_order_whatever_the_clock_says()
    {
        await using var project = await StartedAsync(items: 4, opinions: 1);
        var labels = project.Workspace.Labels;
        await labels.AppendAsync(Say("ann", 0, "yes"), None);
        project.Clock.Jump(TimeSpan.FromHours(-1));
        await labels.AppendAsync(Say("ben", 0, "no"), None);
        project.Clock.Jump(TimeSpan.FromDays(200));
        await labels.AppendAsync(Say("ann", 0, null) with { Kind = LabelEventKind.Undo }, None);
        var state = Assert.Single(await labels.GetStatesAsync("island", None));
        Assert.Equal(("no", "ben"), (state.Value, state.Person));
        Assert.Equal([1L, 2L, 3L], (await labels.GetAllEventsAsync(0, None).ToListAsync(None)).Select(entry => entry.Seq));
        Assert.Null(await labels.VerifyChainAsync(None));
    }

    [Fact]
    public async Task Gold_items_and_repeats_come_as_often_as_asked_for()
    {
        await using var project = await StartedAsync(items: 60, opinions: 1);
        var labels = project.Workspace.Labels;
        await labels.ChangeTaskAsync("island", new TaskChange(GoldEvery: 5, RepeatEvery: 7), None);
        await labels.SetGoldAsync("island", [.. Enumerable.Range(1000, 4).Select(row => new GoldItem(new ImageId(1, row), "no"))], None);
        await Assert.ThrowsAsync<WorkspaceException>(() => labels.SetGoldAsync("island", [new GoldItem(new ImageId(1, 1), "maybe")], None));
        var shown = new List<long>();
        for (var i = 0; i < 50; i++)
        {
            var items = await labels.TakeNextAsync("island", "ann", 3, Minute, None);
            Assert.Equal(items, await labels.TakeNextAsync("island", "ann", 3, Minute, None)); // asked again, the same
            shown.Add(items[0].Image.Row);
            await labels.AppendAsync(Say("ann", items[0].Image.Row, items[0].Image.Row >= 1000 ? "no" : "yes"), None);
        }

        Assert.Equal(4, shown.Where(row => row >= 1000).Distinct().Count()); // one of them may come once more as a repeat
        var repeats = shown.Count - shown.Distinct().Count();
        Assert.InRange(repeats, 2, 7);
        var checks = (await labels.GetChecksAsync("island", None))["ann"];
        Assert.Equal(new PersonChecks(4, 4, repeats, repeats), checks);
        Assert.Empty(await labels.VerifyProjectionAsync(None));
    }

    [Fact]
    public async Task Never_more_live_leases_and_opinions_than_slots_whatever_people_do()
    {
        await using var project = await StartedAsync(items: 12, opinions: 2);
        var labels = project.Workspace.Labels;
        var given = new Dictionary<(int Row, string Person), DateTimeOffset>();
        var answered = new HashSet<(int Row, string Person)>();
        var number = 0;
        var step = from person in Gen.Int[0, 5] from act in Gen.Int[0, 9] from seconds in Gen.Int[0, 25] select (Person: $"p{person}", act, seconds);
        await step.Array[40].SampleAsync(async steps =>
        {
            foreach (var (person, act, seconds) in steps)
            {
                project.Clock.Advance(TimeSpan.FromSeconds(seconds));
                var now = project.Clock.GetUtcNow();
                if (act < 5)
                {
                    var before = given.Where(lease => lease.Value > now && !answered.Contains(lease.Key)).Select(lease => lease.Key).ToHashSet();
                    var items = await labels.TakeNextAsync("island", person, 2, Minute, None);
                    var taken = items.Select(item => (item.Rank, person)).ToList();
                    foreach (var key in taken.Where(key => !before.Contains(key)))
                    {
                        var slots = before.Count(other => other.Row == key.Rank) + answered.Count(other => other.Row == key.Rank);
                        // Only when nothing at all is free is a picture shared beyond its slots.
                        if (slots >= 2) Assert.All(Enumerable.Range(0, 12), row => Assert.True(Slots(row, before) >= 2 || answered.Contains((row, person)) || before.Contains((row, person))));
                    }

                    foreach (var key in taken) given[key] = now + Minute;
                }
                else if (given.Where(lease => lease.Key.Person == person && lease.Value > now && !answered.Contains(lease.Key)).Select(lease => lease.Key).FirstOrDefault() is { Person: not null } mine)
                {
                    await labels.AppendAsync(Say(person, mine.Row, "yes") with { OperationId = $"step-{number++}" }, None);
                    answered.Add(mine);
                }
            }

            Assert.Empty(await labels.VerifyCountsAsync(None));
        }, iter: 6, threads: 1);

        int Slots(int row, HashSet<(int Row, string Person)> held) => held.Count(other => other.Row == row) + answered.Count(other => other.Row == row);
    }

    private async Task<Project> StartedAsync(int items, int opinions)
    {
        var project = await Project.CreateAsync(backend);
        await project.AddTaskAsync();
        await project.Workspace.Labels.ChangeTaskAsync("island", new TaskChange(Opinions: opinions), None);
        await project.Workspace.Labels.StartRoundAsync(
            "island", 0, [.. Enumerable.Range(0, items).Select(i => new QueueItem("island", 0, i, new ImageId(1, i), 0.5f, "similar"))], None);
        return project;
    }

    private static async Task<IEnumerable<int>> TakeAsync(LabelStore labels, string person, int count) =>
        (await labels.TakeNextAsync("island", person, count, Minute, None)).Select(item => item.Rank);

    private static NewLabelEvent Say(string person, long row, string? value) =>
        new(Guid.NewGuid().ToString("n"), "island", new ImageId(1, row), person, "sitting", LabelEventKind.Label, value);
}
