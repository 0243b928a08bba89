using System.Text.Json;
using Curator.Core;
using Curator.Core.Images;
using Curator.Core.Shards;

namespace Curator.Imagery.Ingest;

/// <summary>
/// Takes folders of pictures into the catalog. Files are listed in a stable order, those that the manifest knows are left out, and the rest goes in
/// lists of at most 2,048 to shards, which hash and decode each file once; then one step appends their rows to the manifest.
/// Whatever is killed when: running it again gives the manifest of an undisturbed run, byte for byte.
/// Memory: the names of the largest folder, 21 bytes a known image, and the shards' pictures. (docs/design/imagery.md)
/// </summary>
public static class Ingest
{
    /// <summary>The first lists are short, so that a small folder still keeps every core busy.</summary>
    private const int ShortLists = 16;
    private const int ShortListFiles = 256;

    /// <summary>
    /// Takes in <see cref="IngestOptions.Roots"/>. One bad file never stops the rest: it is counted with its reason. Two processes that add at the same
    /// time to one workspace wait for each other.
    /// </summary>
    /// <exception cref="WorkspaceException">A root is not there, or a name cannot be that of a folder.</exception>
    public static async Task<IngestReport> AddAsync(
        Workspace workspace, IngestOptions options, IShardEngine engine, IProgress<StageProgress>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(engine);
        _ = new IngestRendering(options.Bands, options.Stretch);
        if (options.Mask is { } mask && !Directory.Exists(mask)) throw new WorkspaceException($"The folder of masks '{mask}' is not there.", "Check the spelling of --mask.");
        var sets = RootSet.Group(options.Roots, options.Product);
        var tally = new IngestTally();
        var partitions = new List<Partition>();
        using (await workspace.LockAsync(IngestStage.StageName, cancellationToken))
            foreach (var set in sets)
                partitions.Add(await AddAsync(workspace, set, options, engine, tally, progress, cancellationToken));
        return tally.ToReport(partitions);
    }

    internal static string WorkFolder(int partition) => $"{IngestStage.StageName}-{partition}";

    private static async Task<Partition> AddAsync(
        Workspace workspace, RootSet roots, IngestOptions options, IShardEngine engine, IngestTally tally, IProgress<StageProgress>? progress,
        CancellationToken cancellationToken)
    {
        var partition = await workspace.Catalog.GetOrAddPartitionAsync(roots.Product, roots.Resolution ?? options.Resolution, options.Period, cancellationToken);
        var folder = workspace.WorkDirectory(WorkFolder(partition.Number));
        using var manifest = File.Exists(workspace.ManifestPath(partition)) ? workspace.OpenManifest(partition) : null;
        var known = new KnownImages(manifest);
        var walker = new SourceWalker(workspace.Root);
        var (work, shards) = Plan(walker, roots, known, partition, folder, options, tally, progress, cancellationToken);
        foreach (var (item, shard) in work.Zip(shards)) await ForgetIfLostAsync(workspace, item, shard, cancellationToken);
        if (shards.Count > 0) await engine.RunAsync(workspace, new IngestStage(), shards, "images", progress, cancellationToken);
        var seal = new IngestSeal(workspace, partition, manifest, known, tally);
        partition = await seal.RunAsync(work, walker.Unreadable, roots, cancellationToken);
        await workspace.Catalog.RemoveShardsAsync(IngestStage.StageName, $"{partition.Number}.", cancellationToken);
        Directory.Delete(folder, recursive: true);
        return partition;
    }

    private static (List<IngestShard> Work, List<ShardSpec> Shards) Plan(
        SourceWalker walker, RootSet roots, KnownImages known, Partition partition, string folder, IngestOptions options, IngestTally tally,
        IProgress<StageProgress>? progress, CancellationToken cancellationToken)
    {
        var work = new List<IngestShard>();
        var shards = new List<ShardSpec>();
        var files = new List<SourceEntry>();
        var listRoot = "";
        long found = 0;
        foreach (var root in roots.Paths)
        {
            var itsRoot = Directory.Exists(root) ? root : Path.GetDirectoryName(root)!;
            if (itsRoot != listRoot) Flush();
            listRoot = itsRoot;
            foreach (var file in walker.Walk(root, roots.Listed?.Product, roots.Listed?.Resolution))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (++found % 1000 == 0) progress?.Report(new StageProgress(IngestStage.StageName, found, 0, "files", "looking for pictures"));
                if (known.Find(file.Path, file.SizeBytes, file.ModifiedNanoseconds, out _) == Familiarity.Same)
                {
                    tally.AlreadyThere++;
                    continue;
                }
                files.Add(file);
                if (files.Count == (work.Count < ShortLists ? ShortListFiles : SourceList.MaxFiles)) Flush();
            }
        }
        Flush();
        return (work, shards);

        void Flush()
        {
            if (files.Count == 0) return;
            var item = new IngestShard(partition.Number, new SourceList(listRoot, files).Save(folder), options.LimitPixels, options.Bands, options.Stretch, options.Fill, options.Mask is null ? null : Path.GetFullPath(options.Mask));
            work.Add(item);
            shards.Add(new ShardSpec(
                new ShardKey(IngestStage.StageName, $"{partition.Number}.{item.Name}"), JsonSerializer.Serialize(item), files.Count));
            files.Clear();
        }
    }

    /// <summary>A shard that the catalog calls done, but whose part is gone or damaged, is to be done again.</summary>
    private static async Task ForgetIfLostAsync(Workspace workspace, IngestShard item, ShardSpec shard, CancellationToken cancellationToken)
    {
        if (IngestStage.TryEarlier(workspace, item) is not null) return;
        if (await workspace.Catalog.GetShardAsync(shard.Key, cancellationToken) is not null)
            await workspace.Catalog.RemoveShardsAsync(shard.Key.Stage, shard.Key.Id, cancellationToken);
    }
}
