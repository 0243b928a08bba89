using System.Security.Cryptography;
using Curator.Core;
using Curator.Core.Images;
using Curator.Core.Labels;
using Curator.Core.Manifests;

namespace Curator.Tests.Support;

/// <summary>A real workspace with tiny pictures, a task and a first round, as ingest and the learning loop would leave it.</summary>
internal static class LabelingSite
{
    public const string TaskName = "island";
    public const string Question = "Is there an island?";

    /// <summary>Makes the workspace under <paramref name="folder"/>/project, its pictures under <paramref name="folder"/>/pictures.</summary>
    /// <param name="pictures">How many; ids 1-0, 1-1, … in the order of the queue.</param>
    public static async Task<Workspace> MakeAsync(TemporaryFolder folder, int pictures, TimeProvider? clock = null, IReadOnlyList<string>? classes = null)
    {
        var workspace = await Workspace.InitAsync(folder["project"], clock ?? TimeProvider.System, CancellationToken.None);
        var partition = await workspace.Catalog.GetOrAddPartitionAsync("pictures", "native", "all", CancellationToken.None);
        await WriteManifestAsync(workspace, partition, folder["pictures"], pictures);
        var example = folder["example.bmp"];
        await WriteAsync(example, side: 96, seed: 1000);
        await AddTaskAsync(workspace, TaskName, Question, classes ?? ["yes", "no"], example);
        await workspace.Labels.StartRoundAsync(TaskName, 0, Queue(TaskName, 0, Enumerable.Range(0, pictures)), CancellationToken.None);
        return workspace;
    }

    public static Task<LabelingTask> AddTaskAsync(Workspace workspace, string name, string question, IReadOnlyList<string> classes, string? example) =>
        workspace.Labels.GetOrAddTaskAsync(
            new LabelingTask(name, question, classes, example, null, "Land with water all around it.", workspace.Clock.GetUtcNow()), CancellationToken.None);

    /// <summary>Writes more pictures and a manifest that has them too, as `curator add` would.</summary>
    public static async Task AddPicturesAsync(Workspace workspace, string pictures, int count)
    {
        var partition = (await workspace.Catalog.GetPartitionsAsync(CancellationToken.None)).Single();
        await WriteManifestAsync(workspace, partition, pictures, (int)partition.Rows + count);
    }

    public static QueueItem[] Queue(string task, int round, IEnumerable<int> rows) =>
        [.. rows.Select((row, rank) => new QueueItem(task, round, rank, new ImageId(1, row), 0.5f, "uncertain"))];

    /// <summary>Adds a partition whose pictures have a date and a place, as satellite tiles would: one a day from 2024-01-01, each a degree further east from 0° N 0° E.</summary>
    /// <param name="describe">Changes what is written of a row; null for nothing.</param>
    public static async Task AddDatedPartitionAsync(
        Workspace workspace, string product, string resolution, string pictures, int count, Func<int, ImageRecord, ImageRecord>? describe = null)
    {
        var partition = await workspace.Catalog.GetOrAddPartitionAsync(product, resolution, "2024", CancellationToken.None);
        await WriteManifestAsync(workspace, partition, pictures, count, (row, record) =>
        {
            var dated = record with { TakenAt = new DateTimeOffset(2024, 1, 1, 12, 0, 0, TimeSpan.Zero).AddDays(row), Footprint = new BoundingBox(0, row, 1, row + 1) };
            return describe is null ? dated : describe(row, dated);
        });
    }

    private static async Task WriteManifestAsync(
        Workspace workspace, Partition partition, string pictures, int count, Func<int, ImageRecord, ImageRecord>? describe = null)
    {
        using var manifest = ManifestWriter.Create(workspace.ManifestPath(partition));
        for (var i = 0; i < count; i++)
        {
            var record = await WriteAsync(Path.Combine(pictures, $"{i:D3}.bmp"), side: 64, seed: i);
            manifest.Append(describe is null ? record : describe(i, record));
        }
        var (rows, fingerprint) = manifest.Commit();
        await workspace.Catalog.SetManifestAsync(partition.Number, rows, fingerprint, CancellationToken.None);
    }

    private static async Task<ImageRecord> WriteAsync(string path, int side, int seed)
    {
        var bytes = TinyPictures.Bmp(side, seed);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllBytesAsync(path, bytes);
        return new ImageRecord
        {
            Uri = path,
            Sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes)),
            SizeBytes = bytes.Length,
            ModifiedNanoseconds = (File.GetLastWriteTimeUtc(path) - DateTime.UnixEpoch).Ticks * 100,
            Width = side,
            Height = side,
            Channels = 3,
            BitDepth = 8,
            Folder = "",
            PerceptualHash = (ulong)seed,
            MeanLuma = 128,
            LumaDeviation = 20,
            NoDataShare = 0,
        };
    }
}
