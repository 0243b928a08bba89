using System.Text;
using Curator.Core.Labels;

namespace Curator.Core.Tests.Labels;

public sealed class LabelJournalTests
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

        await using var other = await Project.CreateAsync();
        await other.AddTaskAsync();
        await other.AddTaskAsync("fire");
        for (var twice = 0; twice < 2; twice++)
        {
            journal.Position = 0;
            Assert.Equal(2300, await LabelJournal.ImportAsync(other.Workspace.Labels, journal, None));
        }

        foreach (var task in (string[])["island", "fire"])
            Assert.Equal(await project.Workspace.Labels.GetStatesAsync(task, None), await other.Workspace.Labels.GetStatesAsync(task, None));
        Assert.Null(await other.Workspace.Labels.VerifyChainAsync(None));
    }

    [Theory]
    [InlineData("\"yes\"", "\"no\"", "line 1")]
    [InlineData("\"seq\":3,", "\"seq\":4,", "line 3")]
    [InlineData("{\"seq\":2", "{{\"seq\":2", "Line 2")]
    [InlineData("\"image\":\"1-3\"", "\"image\":\"../1\"", "Line 4")]
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

    private static async Task<Project> WithEventsAsync(int count)
    {
        var project = await Project.CreateAsync();
        await project.AddTaskAsync();
        await project.AddTaskAsync("fire");
        await project.Workspace.Labels.AppendAsync(
            [.. Enumerable.Range(0, count).Select(i => LabelStoreTests.Answer($"op-{i}", i, "Zoë \"Z\"") with { Task = i % 3 == 2 ? "fire" : "island", ShownAt = project.Clock.GetUtcNow() })], None);
        return project;
    }
}
