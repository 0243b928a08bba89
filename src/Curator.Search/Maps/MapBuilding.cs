using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Curator.Core;
using Curator.Core.Catalogs;
using Curator.Core.Embeddings;
using Curator.Core.Images;
using Curator.Core.Shards;
using Curator.Search.Partitions;

namespace Curator.Search.Maps;

/// <summary>What <see cref="MapBuilding"/> did.</summary>
/// <param name="Map">As it lies on disk.</param>
/// <param name="Path">Where.</param>
/// <param name="Made">False when the map was up to date.</param>
/// <param name="Added">Points placed into the map that was there; 0 when it was made anew.</param>
public sealed record MapReport(MapFile Map, string Path, bool Made, int Added);

/// <summary>Brings the map of an encoder up to date: makes it, goes on with one that was interrupted, or places images embedded since into it.</summary>
public static class MapBuilding
{
    /// <param name="again">Lays everything out anew, though a map could be added to.</param>
    /// <exception cref="WorkspaceException">Nothing is embedded by this encoder, or too little for a map.</exception>
    public static async Task<MapReport> BuildAsync(
        Workspace workspace, EncoderRow encoder, MapOptions options, bool again, IProgress<StageProgress>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentNullException.ThrowIfNull(encoder);
        ArgumentNullException.ThrowIfNull(options);
        var name = $"{encoder.Id.Replace('@', '-')}-{MethodName(options.Method)}";
        using var held = await workspace.LockAsync("map-" + name, cancellationToken);
        using var search = new PartitionedSearch(workspace, encoder);
        using var plan = await search.PlanAsync(new SearchQuery { Positives = [], Without = [] }, cancellationToken);
        var (partitions, images) = await Task.Run(() => Images(plan, cancellationToken), cancellationToken);
        if (images.Length < 3)
            throw new WorkspaceException($"Only {images.Length} images are embedded by {encoder.Id}; a map needs 3 at least.", $"Take in more with 'curator add PATH', then run 'curator embed --encoder {encoder.Id}'.");
        var path = workspace.MapPath(encoder.Id, MethodName(options.Method));
        var fingerprint = Fingerprint(encoder, partitions, options);
        var existing = again ? null : OpenOrNull(path, MapFile.CommandFor(encoder.Id, options.Method));
        if (existing is { Info.IsFinished: true } && existing.Fingerprint == fingerprint) return new MapReport(existing, path, Made: false, Added: 0);
        var rows = new Layout.ArchiveRows(plan, encoder.Dimension, images);
        var work = new MapWork(workspace.WorkDirectory($"map/{name}"), fingerprint);
        var maker = new MapMaker(rows, encoder.Id, partitions, [.. images.Select(image => (uint)image.Row)], options, fingerprint, path, work, progress, cancellationToken);
        var extended = existing is { Info.IsFinished: true } && existing.Info.Options == options && await IsPrefixAsync(workspace, encoder, plan, existing.Info, cancellationToken);
        await Task.Run(() =>
        {
            if (extended) maker.Extend(existing!, image => existing!.PointOf(images[image]));
            else maker.Make();
        }, cancellationToken);
        work.Remove();
        var map = MapFile.Open(path, MapFile.CommandFor(encoder.Id, options.Method));
        return new MapReport(map, path, Made: true, Added: extended ? map.Count - existing!.Count : 0);
    }

    /// <summary>As in file names and on the command line.</summary>
    public static string MethodName(MapMethod method) => method.ToString().ToLowerInvariant();

    /// <summary>All embedded images, whatever their state: a mark that is set or taken away must not move anybody.</summary>
    private static (List<MapPartition> Partitions, ImageId[] Images) Images(SearchPlan plan, CancellationToken cancellationToken)
    {
        var partitions = new List<MapPartition>();
        var images = new List<ImageId>();
        foreach (var open in plan.Open.Values)
        {
            var before = images.Count;
            for (long row = 0; row < open.Embeddings.Rows; row++)
            {
                if ((row & 0xffff) == 0) cancellationToken.ThrowIfCancellationRequested();
                if (!open.Embeddings.IsAbsent(row)) images.Add(new ImageId(open.Partition.Number, row));
            }

            partitions.Add(new MapPartition(open.Partition.Number, open.Embeddings.Rows, images.Count - before, open.Embeddings.Fingerprint));
        }

        return (partitions, [.. images]);
    }

    private static string Fingerprint(EncoderRow encoder, List<MapPartition> partitions, MapOptions options)
    {
        var text = new StringBuilder("map\n").Append(encoder.Fingerprint).Append('\n');
        foreach (var partition in partitions) text.Append(CultureInfo.InvariantCulture, $"{partition.Number} {partition.Embeddings}\n");
        text.Append(JsonSerializer.Serialize(options));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    private static MapFile? OpenOrNull(string path, string command)
    {
        try
        {
            return File.Exists(path) ? MapFile.Open(path, command) : null;
        }
        catch (ArtefactException)
        {
            // Damaged or of an older version: making it is what the caller asked for.
            return null;
        }
    }

    /// <summary>Whether the map's images are the first ones of today's partitions, embedded as they are today.</summary>
    private static async Task<bool> IsPrefixAsync(Workspace workspace, EncoderRow encoder, SearchPlan plan, MapInfo info, CancellationToken cancellationToken)
    {
        foreach (var partition in info.Partitions)
        {
            if (!plan.Open.TryGetValue(partition.Number, out var open) || open.Embeddings.Rows < partition.Rows) return false;
            var revision = await workspace.Catalog.GetRevisionAsync(partition.Number, partition.Rows, cancellationToken);
            if (revision is null || partition.Embeddings != EmbeddingFingerprint.Of(encoder.Fingerprint, revision, open.Embeddings.Precision, open.Embeddings.Computation)) return false;
        }

        return true;
    }
}
