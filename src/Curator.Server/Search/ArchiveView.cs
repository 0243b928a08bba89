using Curator.Core;
using Curator.Core.Catalogs;
using Curator.Core.Images;
using Curator.Server.Images;

namespace Curator.Server.Search;

/// <summary>What a search can begin with: names to narrow it to, and pictures to pick as examples.</summary>
internal sealed class ArchiveView(Workspace workspace, PictureLinks pictures, PictureFetcher fetcher)
{
    /// <summary>Partitions of which a few pictures are looked at for dates and footprints.</summary>
    private const int MostLookedAt = 64;

    /// <summary>Draws for one picture wanted, as some of those drawn are hidden, vanished or duplicates.</summary>
    private const int DrawsEach = 8;

    public async Task<SearchChoices> ChoicesAsync(CancellationToken cancellationToken)
    {
        var partitions = await FilledAsync(cancellationToken);
        var (dated, placed) = (false, false);
        foreach (var partition in partitions.Take(MostLookedAt))
        {
            if (dated && placed) break;
            var record = await workspace.GetImageAsync(new ImageId(partition.Number, partition.Rows / 2), cancellationToken);
            (dated, placed) = (dated || record.TakenAt is not null, placed || record.Footprint is not null);
        }
        var encoders = await workspace.Catalog.GetEncodersAsync(cancellationToken);
        return new SearchChoices(
            partitions.Sum(partition => partition.Rows),
            Names(partitions, partition => partition.Product),
            Names(partitions, partition => partition.Resolution),
            Names(partitions, partition => partition.Period),
            [.. encoders.OrderByDescending(row => row.CreatedAt).ThenByDescending(row => row.Version).Select(row => row.Id)
                .Where(id => partitions.Any(partition => File.Exists(workspace.EmbeddingPath(partition, id))))],
            dated,
            placed,
            [.. fetcher.Hosts.Order(StringComparer.Ordinal)]);
    }

    /// <summary>Pictures drawn evenly over the archive; the same ones for the same seed. Fewer where there are fewer that can be shown.</summary>
    public async Task<IReadOnlyList<SampledImage>> SampleAsync(int count, int seed, CancellationToken cancellationToken)
    {
        var partitions = await FilledAsync(cancellationToken);
        var total = partitions.Sum(partition => partition.Rows);
        var random = new Random(seed);
        var states = new Dictionary<int, IReadOnlyDictionary<long, ImageState>>();
        var drawn = new HashSet<ImageId>();
        for (var draw = 0L; draw < Math.Min((long)count * DrawsEach, total * DrawsEach) && drawn.Count < Math.Min(count, total); draw++)
        {
            var image = At(partitions, random.NextInt64(total));
            if (!states.TryGetValue(image.Partition, out var known))
                states[image.Partition] = known = await workspace.Catalog.GetImageStatesAsync(image.Partition, cancellationToken);
            if (!known.ContainsKey(image.Row)) drawn.Add(image);
        }
        var sample = new List<SampledImage>(drawn.Count);
        foreach (var image in drawn) sample.Add(new SampledImage(image.ToString(), await pictures.OfImageAsync(image, cancellationToken)));
        return sample;
    }

    private async Task<IReadOnlyList<Partition>> FilledAsync(CancellationToken cancellationToken) =>
        [.. (await workspace.Catalog.GetPartitionsAsync(cancellationToken)).Where(partition => partition.Rows > 0)];

    private static ImageId At(IReadOnlyList<Partition> partitions, long position)
    {
        foreach (var partition in partitions)
        {
            if (position < partition.Rows) return new ImageId(partition.Number, position);
            position -= partition.Rows;
        }
        throw new System.Diagnostics.UnreachableException("A bug: a position beyond the last image was drawn.");
    }

    private static string[] Names(IReadOnlyList<Partition> partitions, Func<Partition, string> name) =>
        [.. partitions.Select(name).Distinct(StringComparer.OrdinalIgnoreCase).Order(StringComparer.OrdinalIgnoreCase)];
}
