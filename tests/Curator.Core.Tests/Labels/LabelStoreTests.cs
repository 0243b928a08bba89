using System.Collections.Concurrent;
using CsCheck;
using Curator.Core.Images;
using Curator.Core.Labels;

namespace Curator.Core.Tests.Labels;

public sealed class LabelStoreTestsOnSqlite() : LabelStoreTests(Backend.Sqlite);

public sealed class LabelStoreTestsOnPostgres() : LabelStoreTests(Backend.Postgres);

public abstract class LabelStoreTests(Backend backend)
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task A_task_is_kept_and_another_question_under_its_name_is_refused()
    {
        await using var project = await Project.CreateAsync(backend);
        var labels = project.Workspace.Labels;
        var task = await project.AddTaskAsync();
        Assert.Equivalent(task, await labels.GetTaskAsync("island", None), strict: true);
        await Assert.ThrowsAsync<WorkspaceException>(() => labels.GetOrAddTaskAsync(task with { Question = "Is there fire?" }, None));
        await Assert.ThrowsAsync<WorkspaceException>(() => labels.GetOrAddTaskAsync(task with { Classes = ["yes", "no", "maybe"] }, None));
        await Assert.ThrowsAsync<WorkspaceException>(() => labels.GetOrAddTaskAsync(task with { Name = "one", Classes = ["yes"] }, None));
        await Assert.ThrowsAsync<WorkspaceException>(() => labels.GetOrAddTaskAsync(task with { Name = "../x" }, None));
        await labels.SetTaskEncoderAsync("island", "simclr@1", None);
        Assert.Equal("simclr@1", (await labels.GetTasksAsync(None)) is [var stored] ? stored.Encoder : null);
        var error = await Assert.ThrowsAsync<WorkspaceException>(() => labels.GetTaskAsync("fire", None));
        Assert.Contains("island", error.WhatHappened, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_event_reads_back_as_it_was_returned()
    {
        await using var project = await Project.CreateAsync(backend);
        await project.AddTaskAsync();
        var labels = project.Workspace.Labels;
        var shown = new DateTimeOffset(2026, 3, 1, 14, 0, 0, 123, TimeSpan.FromHours(2)).AddTicks(7);
        var stored = await labels.AppendAsync(Answer("op-1", 5) with { ShownAt = shown, Round = 3, Person = "Zoë" }, None);
        Assert.Equal((1L, "op-1", new ImageId(1, 5), "Zoë", 3), (stored.Seq, stored.OperationId, stored.Image, stored.Person, stored.Round));
        Assert.Equal(project.Clock.GetUtcNow(), stored.ServerAt);
        Assert.Equal([stored], await labels.GetEventsAsync("island", 0, None).ToListAsync(None));
        Assert.Equal([new LabelState(new ImageId(1, 5), "yes", "Zoë", 1, 3)], await labels.GetStatesAsync("island", None));
    }

    [Fact]
    public async Task The_same_operation_from_eight_tasks_is_stored_once_and_answered_the_same()
    {
        await using var project = await Project.CreateAsync(backend);
        await using var second = await project.OpenAgainAsync();
        await project.AddTaskAsync();
        var stores = new[] { project.Workspace.Labels, second.Labels };
        var answers = new ConcurrentBag<LabelEvent>();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(async () =>
        {
            for (var op = 0; op < 20; op++) answers.Add(await stores[i % 2].AppendAsync(Answer($"op-{op}", op), None));
        })));
        Assert.Equal(20, (await stores[0].GetEventsAsync("island", 0, None).ToListAsync(None)).Count);
        Assert.Equal(20, answers.Distinct().Count());
    }

    [Fact]
    public async Task Two_stores_appending_at_once_make_one_unbroken_chain()
    {
        await using var project = await Project.CreateAsync(backend);
        await using var second = await project.OpenAgainAsync();
        await project.AddTaskAsync();
        var stores = new[] { project.Workspace.Labels, second.Labels };
        await Parallel.ForAsync(0, 400, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, token) =>
            await stores[i % 2].AppendAsync(Answer($"op-{i}", i % 50, person: $"person {i % 3}"), token));
        var events = await stores[1].GetEventsAsync("island", 0, None).ToListAsync(None);
        Assert.Equal(Enumerable.Range(1, 400).Select(seq => (long)seq), events.Select(entry => entry.Seq));
        Assert.Null(await stores[0].VerifyChainAsync(None));
        Assert.Empty(await stores[0].VerifyProjectionAsync(None));
    }

    [Fact]
    public async Task Answers_that_do_not_fit_the_task_are_refused_and_nothing_of_their_batch_is_stored()
    {
        await using var project = await Project.CreateAsync(backend);
        await project.AddTaskAsync();
        var labels = project.Workspace.Labels;
        foreach (var wrong in (NewLabelEvent[])
            [
                Answer("x", 1) with { Value = "maybe" },
                Answer("x", 1) with { Value = null },
                Answer("x", 1) with { Kind = LabelEventKind.Unsure },
                Answer("x", 1) with { Task = "fire" },
                Answer("", 1),
                Answer("x", 1) with { Person = " " },
                Answer(new string('x', 300), 1),
            ])
            await Assert.ThrowsAsync<WorkspaceException>(() => labels.AppendAsync([Answer("good", 2), wrong], None));
        Assert.Empty(await labels.GetEventsAsync("island", 0, None).ToListAsync(None));
    }

    [Theory]
    [InlineData("UPDATE label_event SET value = 'no'")]
    [InlineData("DELETE FROM label_event")]
    public async Task The_database_itself_refuses_to_change_events(string statement)
    {
        await using var project = await Project.CreateAsync(backend);
        await project.AddTaskAsync();
        await project.Workspace.Labels.AppendAsync(Answer("a", 1), None);
        var error = await Assert.ThrowsAsync<WorkspaceException>(() => project.ExecuteAsync(statement));
        Assert.Contains("append-only", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("UPDATE label_event SET value = 'no' WHERE seq = 3", 3L)]
    [InlineData("UPDATE label_event SET person = 'other' WHERE seq = 1", 1L)]
    [InlineData("DELETE FROM label_event WHERE seq = 2", 2L)]
    [InlineData("UPDATE label_event SET hash = prev_hash WHERE seq = 5", 5L)]
    [InlineData("UPDATE label_event SET shown_at = 1 WHERE seq = 4", 4L)]
    public async Task A_history_that_was_changed_behind_our_back_is_found(string statement, long broken)
    {
        await using var project = await Project.CreateAsync(backend);
        await project.AddTaskAsync();
        for (var i = 0; i < 5; i++) await project.Workspace.Labels.AppendAsync(Answer($"op-{i}", i), None);
        Assert.Null(await project.Workspace.Labels.VerifyChainAsync(None));
        await project.UnguardEventsAsync();
        await project.ExecuteAsync(statement);
        Assert.Equal(broken, await project.Workspace.Labels.VerifyChainAsync(None));
    }

    [Fact]
    public async Task Undo_uncovers_ones_own_answer_before_and_adjudication_stands_above_all()
    {
        await using var project = await Project.CreateAsync(backend);
        await project.AddTaskAsync();
        var labels = project.Workspace.Labels;
        async Task<string> After(string person, LabelEventKind kind, string? value)
        {
            await labels.AppendAsync(Answer(Guid.NewGuid().ToString(), 1, person) with { Kind = kind, Value = value }, None);
            var states = await labels.GetStatesAsync("island", None);
            return states.Count == 0 ? "open" : $"{states[0].Value ?? "unsure"} by {states[0].Person}";
        }

        Assert.Equal("yes by ann", await After("ann", LabelEventKind.Label, "yes"));
        Assert.Equal("no by ben", await After("ben", LabelEventKind.Label, "no"));
        Assert.Equal("unsure by ann", await After("ann", LabelEventKind.Unsure, null));
        Assert.Equal("no by ben", await After("ann", LabelEventKind.Undo, null));
        Assert.Equal("yes by ann", await After("ben", LabelEventKind.Undo, null));
        Assert.Equal("yes by ann", await After("ben", LabelEventKind.Undo, null));
        Assert.Equal("no by owner", await After("owner", LabelEventKind.Adjudicate, "no"));
        Assert.Equal("no by owner", await After("ben", LabelEventKind.Label, "yes"));
        Assert.Equal("yes by ben", await After("owner", LabelEventKind.Undo, null));
        Assert.Equal("yes by ann", await After("ben", LabelEventKind.Undo, null));
        Assert.Equal("open", await After("ann", LabelEventKind.Undo, null));
    }

    [Fact]
    public async Task The_projection_is_the_literal_fold_of_any_history()
    {
        await using var project = await Project.CreateAsync(backend);
        await project.AddTaskAsync("a");
        await project.AddTaskAsync("b");
        var labels = project.Workspace.Labels;
        var history = new List<NewLabelEvent>();
        var number = 0;
        var step =
            from task in OneOf("a", "b")
            from image in Gen.Long[0, 3]
            from person in OneOf("ann", "ben", "owner")
            from kind in Gen.Frequency(
                (4, Gen.Const(LabelEventKind.Label)), (1, Gen.Const(LabelEventKind.Unsure)), (4, Gen.Const(LabelEventKind.Undo)), (1, Gen.Const(LabelEventKind.Adjudicate)), (1, Gen.Const(LabelEventKind.Import)))
            from value in OneOf("yes", "no")
            select new NewLabelEvent("", task, new ImageId(1, image), person, "s", kind, kind is LabelEventKind.Label or LabelEventKind.Adjudicate or LabelEventKind.Import ? value : null);
        await step.Array[1, 30].SampleAsync(async steps =>
        {
            NewLabelEvent[] batch = [.. steps.Select(s => s with { OperationId = $"op-{number++}" })];
            await labels.AppendAsync(batch, None);
            history.AddRange(batch);
            foreach (var task in (string[])["a", "b"])
                Assert.Equal(
                    Present(history.Where(entry => entry.Task == task)),
                    (await labels.GetStatesAsync(task, None)).Select(state => (state.Image.Row, state.Value, state.Person)));
            Assert.Empty(await labels.VerifyProjectionAsync(None));
            Assert.Empty(await labels.VerifyCountsAsync(None));
        }, iter: 60, threads: 1);
        await project.ExecuteAsync("UPDATE item_state SET value = 'no', person = 'nobody'");
        var live = await labels.VerifyProjectionAsync(None);
        Assert.NotEmpty(live);
        await labels.RebuildProjectionAsync(None);
        Assert.Empty(await labels.VerifyProjectionAsync(None));
        Assert.Null(await labels.VerifyChainAsync(None));
    }

    [Fact]
    public async Task Many_labels_go_in_by_one_transaction_in_order()
    {
        await using var project = await Project.CreateAsync(backend);
        await project.AddTaskAsync();
        NewLabelEvent[] answers = [.. Enumerable.Range(0, 5000).Select(i => Answer($"import-{i}", i, "import"))];
        var stored = await project.Workspace.Labels.AppendAsync(answers, None);
        Assert.Equal(answers.Select(answer => answer.OperationId), stored.Select(entry => entry.OperationId));
        Assert.Equal(2500, (await project.Workspace.Labels.GetEventsAsync("island", 2500, None).ToListAsync(None)).Count);
        Assert.Null(await project.Workspace.Labels.VerifyChainAsync(None));
    }

    [Fact]
    public async Task What_was_handed_in_before_closing_is_stored()
    {
        await using var project = await Project.CreateAsync(backend);
        await project.AddTaskAsync();
        Task<LabelEvent>[] pending;
        await using (var second = await project.OpenAgainAsync())
        {
            await second.Labels.AppendAsync(Answer("first", 0), None);
            pending = [.. Enumerable.Range(0, 100).Select(i => second.Labels.AppendAsync(Answer($"op-{i}", i), None))];
        }

        var stored = await Task.WhenAll(pending);
        Assert.Equal(100, stored.Select(entry => entry.Seq).Distinct().Count());
        Assert.Equal(101, (await project.Workspace.Labels.GetEventsAsync("island", 0, None).ToListAsync(None)).Count);
    }

    internal static NewLabelEvent Answer(string operation, long row, string person = "ann") =>
        new(operation, "island", new ImageId(1, row), person, "sitting", LabelEventKind.Label, "yes");

    private static Gen<string> OneOf(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(i => texts[i]);

    private static IEnumerable<(long Row, string? Value, string Person)> Present(IEnumerable<NewLabelEvent> history)
    {
        // The rule, written down once more and as slowly as possible: strike out what was taken back, then look for the last that stands.
        foreach (var image in history.GroupBy(entry => entry.Image.Row).OrderBy(image => image.Key))
        {
            NewLabelEvent[] events = [.. image];
            var struck = new bool[events.Length];
            for (var i = 0; i < events.Length; i++)
            {
                if (events[i].Kind != LabelEventKind.Undo) continue;
                struck[i] = true;
                for (var j = i - 1; j >= 0; j--)
                    if (!struck[j] && events[j].Person == events[i].Person)
                    {
                        struck[j] = true;
                        break;
                    }
            }

            NewLabelEvent[] standing = [.. events.Where((_, i) => !struck[i])];
            var decides = standing.LastOrDefault(entry => entry.Kind == LabelEventKind.Adjudicate) ?? standing.LastOrDefault(entry => entry.Kind != LabelEventKind.Import)
                ?? standing.LastOrDefault();
            if (decides is not null) yield return (image.Key, decides.Value, decides.Person);
        }
    }
}
