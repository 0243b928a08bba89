using System.Security.Cryptography;
using Curator.Core.Catalogs;
using Curator.Core.Images;
using Curator.Core.Manifests;

namespace Curator.Core.Tests.Images;

public sealed class SourceCheckTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task Vanished_and_changed_files_are_marked_and_healed_ones_cleared()
    {
        await using var project = await Project.CreateAsync();
        var (partition, paths) = await AddAsync(project, 10);
        Assert.Equal((10L, 0L, 0L), await CheckAsync(project, partition));

        File.Move(paths[2], paths[2] + ".away");
        await File.AppendAllTextAsync(paths[5], "more", None);
        var report = await SourceCheck.RunAsync(project.Workspace, partition, readContents: false, null, None);
        Assert.Equal((1L, 1L, 0L), (report.Vanished, report.Changed, report.Healed));
        Assert.Equal([(new ImageId(1, 2), paths[2], ImageState.Vanished), (new ImageId(1, 5), paths[5], ImageState.Changed)], report.Examples);
        Assert.Equal(ImageState.Vanished, (await project.Workspace.Catalog.GetImageStatesAsync(1, None))[2]);

        File.Move(paths[2] + ".away", paths[2]);
        File.Delete(paths[5]);
        report = await SourceCheck.RunAsync(project.Workspace, partition, readContents: false, null, None);
        Assert.Equal((1L, 0L, 1L), (report.Vanished, report.Changed, report.Healed));
        Assert.Equal([new KeyValuePair<long, ImageState>(5, ImageState.Vanished)], await project.Workspace.Catalog.GetImageStatesAsync(1, None));
    }

    [Fact]
    public async Task A_touched_file_is_not_a_changed_one()
    {
        await using var project = await Project.CreateAsync();
        var (partition, paths) = await AddAsync(project, 3);
        File.SetLastWriteTimeUtc(paths[1], new DateTime(2030, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        Assert.Equal((3L, 0L, 0L), await CheckAsync(project, partition));
    }

    [Fact]
    public async Task Other_bytes_with_the_same_size_and_time_are_found_by_reading_contents_only()
    {
        await using var project = await Project.CreateAsync();
        var (partition, paths) = await AddAsync(project, 3);
        var time = File.GetLastWriteTimeUtc(paths[1]);
        await File.WriteAllTextAsync(paths[1], "Content 1", None);
        File.SetLastWriteTimeUtc(paths[1], time);
        Assert.Equal((3L, 0L, 0L), await CheckAsync(project, partition));
        Assert.Equal(1, (await SourceCheck.RunAsync(project.Workspace, partition, readContents: true, null, None)).Changed);
    }

    [Fact]
    public async Task Marks_of_people_stay()
    {
        await using var project = await Project.CreateAsync();
        var (partition, paths) = await AddAsync(project, 3);
        await project.Workspace.Catalog.SetImageStateAsync([new ImageId(1, 0), new ImageId(1, 1)], ImageState.Hidden, None);
        File.Delete(paths[0]);
        Assert.Equal((3L, 1L, 0L), await CheckAsync(project, partition));
        var marks = await project.Workspace.Catalog.GetImageStatesAsync(1, None);
        Assert.Equal((ImageState.Hidden, ImageState.Hidden), (marks[0], marks[1]));
    }

    private static async Task<(long, long, long)> CheckAsync(Project project, Partition partition)
    {
        var report = await SourceCheck.RunAsync(project.Workspace, partition, readContents: false, null, None);
        return (report.Checked, report.Vanished, report.Changed);
    }

    private static async Task<(Partition Partition, string[] Paths)> AddAsync(Project project, int count)
    {
        var partition = await project.Workspace.Catalog.GetOrAddPartitionAsync("pictures", "native", "all", None);
        string[] paths = [.. Enumerable.Range(0, count).Select(i => project.Folder[$"picture{i}.jpg"])];
        using var writer = ManifestWriter.Create(project.Workspace.ManifestPath(partition));
        for (var i = 0; i < count; i++)
        {
            await File.WriteAllTextAsync(paths[i], $"content {i}", None);
            var file = new FileInfo(paths[i]);
            writer.Append(Records.Make(i) with
            {
                Uri = paths[i],
                Sha256 = Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(paths[i], None))),
                SizeBytes = file.Length,
                ModifiedNanoseconds = SourceCheck.ModifiedNanoseconds(file),
            });
        }

        var (rows, fingerprint) = writer.Commit();
        await project.Workspace.Catalog.SetManifestAsync(partition.Number, rows, fingerprint, None);
        return (partition, paths);
    }
}
