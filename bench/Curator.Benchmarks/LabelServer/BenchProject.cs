using System.Globalization;
using Curator.Core;
using Curator.Core.Images;
using Curator.Core.Labels;
using Curator.Core.Manifests;
using Curator.Tests.Support;

namespace Curator.Benchmarks.LabelServer;

/// <summary>A project in a folder for temporary files with so many images that need no files, one task and one long queue; on SQLite or on a throw-away PostgreSQL that writes to the disk.</summary>
internal sealed class BenchProject : IAsyncDisposable
{
    public const string Task = "load";

    private BenchProject(string root, string kind) => (Root, Kind) = (root, kind);

    public string Root { get; }

    /// <summary><c>sqlite</c> or <c>postgres</c>.</summary>
    public string Kind { get; }

    public static async Task<BenchProject> CreateAsync(string kind, int images, int opinions)
    {
        var address = kind == "postgres"
            ? (PostgresCluster.TryGet(out var reason, durable: true) ?? throw new InvalidOperationException(reason)).NewAddress()
            : null;
        var root = Directory.CreateTempSubdirectory("curator-bench-labels-").FullName;
        await using var workspace = await Workspace.InitAsync(root, address, TimeProvider.System, CancellationToken.None);
        var partition = await workspace.Catalog.GetOrAddPartitionAsync("pictures", "native", "all", CancellationToken.None);
        using (var manifest = ManifestWriter.Create(workspace.ManifestPath(partition)))
        {
            for (var i = 0; i < images; i++) manifest.Append(Record(i));
            var (rows, fingerprint) = manifest.Commit();
            await workspace.Catalog.SetManifestAsync(partition.Number, rows, fingerprint, CancellationToken.None);
        }
        await workspace.Labels.GetOrAddTaskAsync(
            new LabelingTask(Task, "Is it?", ["yes", "no"], null, null, "", TimeProvider.System.GetUtcNow()) { Opinions = opinions }, CancellationToken.None);
        await workspace.Labels.StartRoundAsync(
            Task, 0, [.. Enumerable.Range(0, images).Select(i => new QueueItem(Task, 0, i, new ImageId(1, i), 0.5f, "random"))], CancellationToken.None);
        return new BenchProject(root, kind);
    }

    public Task<Workspace> OpenAsync() => Workspace.OpenAsync(Root, TimeProvider.System, CancellationToken.None);

    /// <summary>What is wrong with the stored history, given what was acknowledged: operation id → seq.</summary>
    public async Task<LabelCheck> CheckAsync(IReadOnlyDictionary<string, long> acknowledged)
    {
        await using var workspace = await OpenAsync();
        var stored = new Dictionary<string, long>();
        long duplicated = 0;
        await foreach (var entry in workspace.Labels.GetEventsAsync(Task, 0, CancellationToken.None))
            if (!stored.TryAdd(entry.OperationId, entry.Seq))
                duplicated++;
        var lost = acknowledged.Count(answer => stored.GetValueOrDefault(answer.Key) != answer.Value);
        var broken = await workspace.Labels.VerifyChainAsync(CancellationToken.None);
        var differing = await workspace.Labels.VerifyProjectionAsync(CancellationToken.None);
        var counts = await workspace.Labels.VerifyCountsAsync(CancellationToken.None);
        return new LabelCheck(stored.Count, lost, duplicated, broken is null, differing.Count + counts.Count);
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(Root, recursive: true);
        return ValueTask.CompletedTask;
    }

    private static ImageRecord Record(int number) => new()
    {
        Uri = string.Create(CultureInfo.InvariantCulture, $"/pictures/tile-{number:d8}.jpg"),
        Sha256 = number.ToString("x64", CultureInfo.InvariantCulture),
        SizeBytes = 1000,
        ModifiedNanoseconds = 0,
        Width = 64,
        Height = 64,
        Channels = 3,
        BitDepth = 8,
        Folder = "",
        PerceptualHash = (ulong)number,
        MeanLuma = 100,
        LumaDeviation = 20,
        NoDataShare = 0,
    };
}

/// <param name="Lost">Acknowledged answers that are not stored under the seq of their receipt.</param>
/// <param name="Duplicated">Operation ids stored more than once.</param>
/// <param name="Differing">Projected rows that differ from the fold of the events.</param>
internal sealed record LabelCheck(long Stored, long Lost, long Duplicated, bool ChainWhole, int Differing);
