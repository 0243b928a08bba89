using Curator.Core.Images;
using Curator.Core.Labels;
using Curator.Core.Tests.Labels;

namespace Curator.Core.Tests;

public sealed class BackupTestsOnSqlite() : BackupTests(Backend.Sqlite);

public sealed class BackupTestsOnPostgres() : BackupTests(Backend.Postgres);

public abstract class BackupTests(Backend backend)
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task A_backup_taken_during_labeling_restores_to_a_prefix_of_the_history()
    {
        await using var project = await Project.CreateAsync(backend);
        await project.AddTaskAsync();
        var labels = project.Workspace.Labels;
        using var stop = new CancellationTokenSource();
        long acknowledged = 0;
        var people = Enumerable.Range(0, 4).Select(person => Task.Run(async () =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                var stored = await labels.AppendAsync(Answer($"{person}-{i}", i % 40, $"p{person}"), None);
                Interlocked.Exchange(ref acknowledged, Math.Max(Interlocked.Read(ref acknowledged), stored.Seq));
            }
        })).ToArray();

        var backups = new List<(string Path, long Before)>();
        for (var i = 0; i < 10; i++)
        {
            var before = Interlocked.Read(ref acknowledged);
            var path = project.Folder[$"backup-{i}.db"];
            await project.Workspace.BackupDatabaseAsync(path, None);
            backups.Add((path, before));
        }

        await stop.CancelAsync();
        await Task.WhenAll(people);
        var whole = await labels.GetAllEventsAsync(0, None).ToListAsync(None);
        foreach (var (path, before) in backups)
        {
            var root = project.Folder[$"restored-{Path.GetFileNameWithoutExtension(path)}"];
            await using (await Workspace.InitAsync(root, project.Clock, None))
            {
            }

            var events = await WorkspaceDatabase.RestoreAsync(root, path, null, project.Clock, None);
            await using var restored = await Workspace.OpenAsync(root, project.Clock, None);
            var history = await restored.Labels.GetAllEventsAsync(0, None).ToListAsync(None);
            Assert.Equal(events, history.Count);
            Assert.True(history.Count >= before, $"{history.Count} events, though {before} were acknowledged before the backup began");
            Assert.Equal(whole.Take(history.Count), history);
            Assert.Null(await restored.Labels.VerifyChainAsync(None));
            Assert.Empty(await restored.Labels.VerifyProjectionAsync(None));
            Assert.Empty(await restored.Labels.VerifyCountsAsync(None));
        }
    }

    [Fact]
    public async Task A_backup_goes_into_an_empty_database_of_either_kind_and_into_no_other()
    {
        await using var project = await Project.CreateAsync(backend);
        var partition = await project.Workspace.Catalog.GetOrAddPartitionAsync("tiles", "10m", "2026", None);
        await project.Workspace.Catalog.SetManifestAsync(partition.Number, 50, "abc", None);
        await project.AddTaskAsync();
        await project.Workspace.Labels.StartRoundAsync("island", 0, [.. Enumerable.Range(0, 50).Select(i => new QueueItem("island", 0, i, new ImageId(1, i), float.NaN, "similar"))], None);
        await project.Workspace.Labels.TakeNextAsync("island", "ann", 3, TimeSpan.FromMinutes(1), None);
        for (var i = 0; i < 20; i++) await project.Workspace.Labels.AppendAsync(Answer($"op-{i}", i, "ann"), None);
        var backup = project.Folder["backup.db"];
        await project.Workspace.BackupDatabaseAsync(backup, None);

        var address = Project.PostgresAddress();
        var root = project.Folder["elsewhere"];
        await using (await Workspace.InitAsync(root, address, project.Clock, None))
        {
        }

        Assert.Equal(20, await WorkspaceDatabase.RestoreAsync(root, backup, address, project.Clock, None));
        await using (var restored = await Workspace.OpenAsync(root, address, project.Clock, None))
        {
            Assert.Equal(await project.Workspace.Catalog.GetPartitionsAsync(None), await restored.Catalog.GetPartitionsAsync(None));
            Assert.Equal(await project.Workspace.Labels.GetAllEventsAsync(0, None).ToListAsync(None), await restored.Labels.GetAllEventsAsync(0, None).ToListAsync(None));
            Assert.Equal(30, await restored.Labels.CountOpenAsync("island", 0, None));
            Assert.Empty(await restored.Labels.VerifyCountsAsync(None));
            await restored.Labels.AppendAsync(Answer("one more", 30, "ann"), None);
            Assert.Null(await restored.Labels.VerifyChainAsync(None));
        }

        var error = await Assert.ThrowsAsync<WorkspaceException>(() => WorkspaceDatabase.RestoreAsync(root, backup, address, project.Clock, None));
        Assert.Contains("empty", error.NextStep, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_backup_replaces_nothing()
    {
        await using var project = await Project.CreateAsync(Backend.Sqlite);
        await project.AddTaskAsync();
        for (var i = 0; i < 5; i++) await project.Workspace.Labels.AppendAsync(Answer($"op-{i}", i, "ann"), None);
        var good = project.Folder["good.db"];
        await project.Workspace.BackupDatabaseAsync(good, None);
        await project.UnguardEventsAsync();
        await project.ExecuteAsync("UPDATE label_event SET value = 'no' WHERE seq = 3");
        var changed = project.Folder["changed.db"];
        await project.Workspace.BackupDatabaseAsync(changed, None);
        var root = project.Folder["other"];
        await using (var other = await Workspace.InitAsync(root, project.Clock, None))
            await other.Labels.GetOrAddTaskAsync(new LabelingTask("kept", "?", ["yes", "no"], null, null, "", project.Clock.GetUtcNow()), None);
        await Assert.ThrowsAsync<ArtefactException>(() => WorkspaceDatabase.RestoreAsync(root, changed, null, project.Clock, None));
        await Assert.ThrowsAsync<WorkspaceException>(() => WorkspaceDatabase.RestoreAsync(root, project.Folder["absent.db"], null, project.Clock, None));
        await using (var other = await Workspace.OpenAsync(root, project.Clock, None))
            Assert.Equal("kept", Assert.Single(await other.Labels.GetTasksAsync(None)).Name);
        Assert.Equal(5, await WorkspaceDatabase.RestoreAsync(root, good, null, project.Clock, None));
        Assert.Single(Directory.EnumerateFiles(root, "curator.db.replaced-*"), file => !file.EndsWith("-wal", StringComparison.Ordinal) && !file.EndsWith("-shm", StringComparison.Ordinal));
    }

    private static NewLabelEvent Answer(string operation, long row, string person) => LabelStoreTests.Answer(operation, row, person);
}
