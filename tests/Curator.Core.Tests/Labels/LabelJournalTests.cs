using System.Text;
using Curator.Core.Labels;

namespace Curator.Core.Tests.Labels;

public sealed class LabelJournalTestsOnSqlite() : LabelJournalTests(Backend.Sqlite);

public sealed class LabelJournalTestsOnPostgres() : LabelJournalTests(Backend.Postgres);

public abstract class LabelJournalTests(Backend backend)
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task A_journal_carries_the_whole_chain_and_moves_to_another_project()
    {
        await using var project = await WithEventsAsync(2300);
        using var journal = new MemoryStream();
        Assert.Equal(2300, await LabelJournal.ExportAsync(project.Workspace.Labels, journal, None));
        journal.Position = 0;
        var events = await LabelJournal.ReadAsync(journal, None).ToListAsync(None);
        Assert.Equal(await project.Workspace.Labels.GetAllEventsAsync(0, None).ToListAsync(None), events);

        // To the other kind of database, which has neither the tasks nor any event: the very same history.
        await using (var moved = await Project.CreateAsync(backend == Backend.Sqlite && PostgresCluster.TryGet(out _) is not null ? Backend.Postgres : Backend.Sqlite))
        {
            for (var twice = 0; twice < 2; twice++)
            {
                journal.Position = 0;
                Assert.Equal(2300, await LabelJournal.ImportAsync(moved.Workspace.Labels, journal, None));
                Assert.Equal(events, await moved.Workspace.Labels.GetAllEventsAsync(0, None).ToListAsync(None));
            }

            Assert.Equivalent(await project.Workspace.Labels.GetTasksAsync(None), await moved.Workspace.Labels.GetTasksAsync(None), strict: true);
            Assert.Null(await moved.Workspace.Labels.VerifyChainAsync(None));
            Assert.Empty(await moved.Workspace.Labels.VerifyProjectionAsync(None));
            Assert.Empty(await moved.Workspace.Labels.VerifyCountsAsync(None));
        }

        await using var other = await Project.CreateAsync(backend);
        await other.AddTaskAsync();
        await other.Workspace.Labels.AppendAsync(LabelStoreTests.Answer("its own", 7), None);
        for (var twice = 0; twice < 2; twice++)
        {
            journal.Position = 0;
            Assert.Equal(2300, await LabelJournal.ImportAsync(other.Workspace.Labels, journal, None));
        }

        foreach (var task in (string[])["island", "fire"])
            Assert.Equal(
                (await project.Workspace.Labels.GetStatesAsync(task, None)).Select(state => (state.Image, state.Value, state.Person)),
                (await other.Workspace.Labels.GetStatesAsync(task, None)).Select(state => (state.Image, state.Value, state.Person)));
        Assert.Null(await other.Workspace.Labels.VerifyChainAsync(None));
    }

    [Theory]
    [InlineData("\"value\":\"yes\"", "\"value\":\"no\"", "line 3")]
    [InlineData("\"seq\":3,", "\"seq\":4,", "line 5")]
    [InlineData("{\"seq\":2", "{{\"seq\":2", "Line 4")]
    [InlineData("\"image\":\"1-3\"", "\"image\":\"../1\"", "Line 6")]
    public async Task A_journal_that_was_changed_is_refused_at_the_line(string from, string to, string where)
    {
        await using var project = await WithEventsAsync(5);
        using var journal = new MemoryStream();
        await LabelJournal.ExportAsync(project.Workspace.Labels, journal, None);
        var text = Encoding.UTF8.GetString(journal.ToArray());
        var at = text.IndexOf(from, StringComparison.Ordinal);
        Assert.True(at >= 0, text);
        using var changed = new MemoryStream(Encoding.UTF8.GetBytes(text[..at] + to + text[(at + from.Length)..]));
        var error = await Assert.ThrowsAsync<ArtefactException>(async () => await LabelJournal.ReadAsync(changed, None).ToListAsync(None));
        Assert.Contains(where, error.WhatHappened, StringComparison.Ordinal);
    }

    private async Task<Project> WithEventsAsync(int count)
    {
        var project = await Project.CreateAsync(backend);
        await project.AddTaskAsync();
        await project.AddTaskAsync("fire");
        await project.Workspace.Labels.AppendAsync(
            [.. Enumerable.Range(0, count).Select(i => LabelStoreTests.Answer($"op-{i}", i, "Zoë \"Z\"") with { Task = i % 3 == 2 ? "fire" : "island", ShownAt = project.Clock.GetUtcNow() })], None);
        return project;
    }
}
