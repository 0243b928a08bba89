using System.Diagnostics;
using Curator.Core.Images;
using Curator.Core.Manifests;
using Microsoft.Data.Sqlite;

namespace Curator.Core.Tests;

public sealed class WorkspaceTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task Init_makes_the_folders_and_twice_changes_nothing()
    {
        await using var project = await Project.CreateAsync();
        var settings = await File.ReadAllTextAsync(project.Workspace.SettingsPath, None);
        Assert.Contains("\"version\": 1", settings, StringComparison.Ordinal);
        await File.WriteAllTextAsync(project.Workspace.SettingsPath, """{"train":{}}""", None);
        await project.Workspace.Catalog.GetOrAddPartitionAsync("modis", "native", "all", None);
        await using var again = await Workspace.InitAsync(project.Workspace.Root, project.Clock, None);
        Assert.Equal("""{"train":{}}""", await File.ReadAllTextAsync(again.SettingsPath, None));
        Assert.Single(await again.Catalog.GetPartitionsAsync(None));
        foreach (var folder in (string[])["partitions", "encoders", "exports"]) Assert.True(Directory.Exists(Path.Combine(again.Root, folder)));
    }

    [Fact]
    public async Task Eight_may_make_the_same_project_at_once()
    {
        for (var round = 0; round < 5; round++)
        {
            using var folder = new TemporaryFolder();
            var opened = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Workspace.InitAsync(folder["p"], new ManualClock(), None))));
            foreach (var workspace in opened)
            {
                Assert.Equal(1, (await workspace.Catalog.GetOrAddPartitionAsync("modis", "native", "all", None)).Number);
                await workspace.DisposeAsync();
            }
        }
    }

    [Fact]
    public async Task A_folder_that_is_no_project_is_refused_with_the_command_that_makes_one()
    {
        using var folder = new TemporaryFolder();
        var error = await Assert.ThrowsAsync<WorkspaceException>(() => Workspace.OpenAsync(folder.FullPath, new ManualClock(), None));
        Assert.Contains("curator init", error.NextStep, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.FullPath));
    }

    [Fact]
    public async Task A_database_of_a_newer_program_is_refused()
    {
        await using var project = await Project.CreateAsync();
        await using (var connection = new SqliteConnection($"Data Source={project.DatabasePath}"))
        {
            await connection.OpenAsync(None);
            await using var command = connection.CreateCommand();
            command.CommandText = "INSERT INTO schema_version VALUES (99, 0)";
            await command.ExecuteNonQueryAsync(None);
        }

        var error = await Assert.ThrowsAsync<WorkspaceException>(project.OpenAgainAsync);
        Assert.Contains("schema 99", error.WhatHappened, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_database_is_an_error_with_a_way_out()
    {
        using var folder = new TemporaryFolder();
        await (await Workspace.InitAsync(folder["p"], new ManualClock(), None)).DisposeAsync();
        await File.WriteAllTextAsync(folder["p/curator.db"], new string('x', 5000), None);
        var error = await Assert.ThrowsAsync<WorkspaceException>(() => Workspace.OpenAsync(folder["p"], new ManualClock(), None));
        Assert.Contains("backup", error.NextStep, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("")]
    [InlineData(".hidden")]
    [InlineData("a..b")]
    [InlineData("a\0b")]
    [InlineData("C:")]
    [InlineData("-rf")]
    [InlineData("a.")]
    [InlineData("Ünicode")]
    public async Task No_name_leads_out_of_the_project(string name)
    {
        await using var project = await Project.CreateAsync();
        var workspace = project.Workspace;
        var partition = new Partition(1, name, "native", "all", 0, "");
        Assert.Throws<WorkspaceException>(() => workspace.PartitionDirectory(partition));
        Assert.Throws<WorkspaceException>(() => workspace.ScorePath(partition with { Product = "ok" }, name));
        Assert.Throws<WorkspaceException>(() => workspace.EncoderDirectory(name + "@1"));
        Assert.Throws<WorkspaceException>(() => workspace.EncoderDirectory("simclr@" + name));
        if (name != "a/b") Assert.ThrowsAny<Exception>(() => workspace.WorkDirectory(name));
        await Assert.ThrowsAsync<WorkspaceException>(() => workspace.LockAsync(name, None));
        await Assert.ThrowsAsync<WorkspaceException>(() => workspace.Catalog.GetOrAddPartitionAsync("ok", name, "all", None));
        Assert.True(Names.IsValid(Names.ToValid(name)));
    }

    [Fact]
    public async Task Files_lie_where_the_design_says()
    {
        await using var project = await Project.CreateAsync();
        var workspace = project.Workspace;
        var partition = await workspace.Catalog.GetOrAddPartitionAsync("modis", "250m", "2024-06", None);
        string Relative(string path) => Path.GetRelativePath(workspace.Root, path).Replace('\\', '/');
        Assert.Equal("partitions/modis/250m/2024-06/images.parquet", Relative(workspace.ManifestPath(partition)));
        Assert.Equal("partitions/modis/250m/2024-06/simclr@1.embeddings", Relative(workspace.EmbeddingPath(partition, "simclr@1")));
        Assert.Equal("partitions/modis/250m/2024-06/simclr@1.index", Relative(workspace.IndexPath(partition, "simclr@1")));
        Assert.Equal("partitions/modis/250m/2024-06/island.scores", Relative(workspace.ScorePath(partition, "island")));
        Assert.Equal("encoders/simclr@2", Relative(workspace.EncoderDirectory("simclr@2")));
        Assert.Equal(".work/embed/3", Relative(workspace.WorkDirectory("embed/3")));
        Assert.True(Directory.Exists(workspace.WorkDirectory("embed/3")));
    }

    [Fact]
    public async Task An_image_is_found_by_id_also_after_the_manifest_has_grown()
    {
        await using var project = await Project.CreateAsync();
        var workspace = project.Workspace;
        var partition = await workspace.Catalog.GetOrAddPartitionAsync("modis", "native", "all", None);
        await WriteManifestAsync(workspace, partition, 10);
        Assert.Equal(Records.Make(9), await workspace.GetImageAsync(new ImageId(1, 9), None));
        await Assert.ThrowsAsync<WorkspaceException>(() => workspace.GetImageAsync(new ImageId(1, 10), None));
        await WriteManifestAsync(workspace, partition, 20);
        Assert.Equal(Records.Make(19), await workspace.GetImageAsync(new ImageId(1, 19), None));
        Assert.Equal(Records.Make(0), await workspace.GetImageAsync(new ImageId(1, 0), None));
        await Assert.ThrowsAsync<WorkspaceException>(() => workspace.GetImageAsync(new ImageId(2, 0), None));
        await Assert.ThrowsAsync<WorkspaceException>(() => workspace.GetImageAsync(new ImageId(1, -1), None));
    }

    [Fact]
    public async Task Images_of_more_partitions_than_stay_open_are_found_by_many_at_once()
    {
        await using var project = await Project.CreateAsync();
        for (var p = 1; p <= 7; p++)
            await WriteManifestAsync(project.Workspace, await project.Workspace.Catalog.GetOrAddPartitionAsync($"p{p}", "native", "all", None), 50);
        await Parallel.ForAsync(0, 200, async (i, token) =>
            Assert.Equal(Records.Make(i % 50), await project.Workspace.GetImageAsync(new ImageId(1 + (i % 7), i % 50), token)));
    }

    [Fact]
    public async Task A_lock_keeps_others_out_until_it_is_released()
    {
        await using var project = await Project.CreateAsync();
        await using var second = await project.OpenAgainAsync();
        var held = await project.Workspace.LockAsync("add", None);
        var waiting = second.LockAsync("add", None);
        (await second.LockAsync("embed", None)).Dispose();
        Assert.False(waiting.IsCompleted);
        using var impatient = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second.LockAsync("add", impatient.Token));
        held.Dispose();
        (await waiting).Dispose();
    }

    [Fact]
    public async Task A_lock_of_a_killed_process_is_free_and_its_leftovers_go()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && File.Exists("/usr/bin/flock"), "needs flock of util-linux");
        await using var project = await Project.CreateAsync();
        (await project.Workspace.LockAsync("add", None)).Dispose();
        await using var second = await project.OpenAgainAsync();
        var path = Path.Combine(second.Root, ".locks", "add.lock");
        using var holder = Process.Start(new ProcessStartInfo("/usr/bin/flock", [path, "sh", "-c", "echo held; exec sleep 600"]) { RedirectStandardOutput = true })!;
        Assert.Equal("held", await holder.StandardOutput.ReadLineAsync(None));
        var waiting = second.LockAsync("add", None);
        Assert.False(waiting.IsCompleted);
        holder.Kill(entireProcessTree: true);
        (await waiting).Dispose();
    }

    [Fact]
    public async Task A_backup_taken_while_people_label_restores_to_a_prefix_of_the_history()
    {
        await using var project = await Project.CreateAsync();
        await project.AddTaskAsync();
        using var stop = new CancellationTokenSource();
        var labeling = Task.Run(async () =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++) await project.Workspace.Labels.AppendAsync(Labels.LabelStoreTests.Answer($"op-{i}", i), None);
        });
        for (var copy = 0; copy < 10; copy++)
        {
            Directory.CreateDirectory(project.Folder[$"restored-{copy}"]);
            File.Copy(project.Workspace.SettingsPath, project.Folder[$"restored-{copy}/curator.json"]);
            await project.Workspace.BackupDatabaseAsync(project.Folder[$"restored-{copy}/curator.db"], None);
        }

        await stop.CancelAsync();
        await labeling;
        var history = await project.Workspace.Labels.GetAllEventsAsync(0, None).ToListAsync(None);
        for (var copy = 0; copy < 10; copy++)
        {
            await using var restored = await Workspace.OpenAsync(project.Folder[$"restored-{copy}"], project.Clock, None);
            var events = await restored.Labels.GetAllEventsAsync(0, None).ToListAsync(None);
            Assert.Equal(history.Take(events.Count), events);
            Assert.Null(await restored.Labels.VerifyChainAsync(None));
            Assert.Empty(await restored.Labels.VerifyProjectionAsync(None));
        }

        await Assert.ThrowsAsync<WorkspaceException>(() => project.Workspace.BackupDatabaseAsync(project.Folder["nowhere/curator.db"], None));
    }

    internal static async Task WriteManifestAsync(Workspace workspace, Partition partition, int rows)
    {
        using var writer = ManifestWriter.Create(workspace.ManifestPath(partition));
        for (var i = 0; i < rows; i++) writer.Append(Records.Make(i));
        var (count, fingerprint) = writer.Commit();
        await workspace.Catalog.SetManifestAsync(partition.Number, count, fingerprint, None);
    }
}
