using Curator.Core;
using Curator.Core.Images;
using Curator.Search;
using Curator.Server.Images;

namespace Curator.Server.Search;

/// <summary>Tells of images found what a person wants to see of them.</summary>
internal sealed class HitReader(Workspace workspace, PictureLinks pictures)
{
    public async Task<IReadOnlyList<Hit>> ReadAsync(IReadOnlyList<SearchHit> found, CancellationToken cancellationToken)
    {
        var partitions = (await workspace.Catalog.GetPartitionsAsync(cancellationToken)).ToDictionary(partition => partition.Number);
        var hits = new Hit[found.Count];
        // By partition, so that each manifest is opened once however the hits are mixed.
        foreach (var i in Enumerable.Range(0, hits.Length).OrderBy(i => found[i].Image))
        {
            var (image, distance) = found[i];
            var record = await FindAsync(image, cancellationToken);
            var box = record?.Footprint is { } footprint ? new Box(footprint.South, footprint.West, footprint.North, footprint.East) : null;
            var partition = partitions[image.Partition];
            hits[i] = new Hit(
                image.ToString(), distance, await pictures.OfImageAsync(image, cancellationToken), record?.TakenAt, box, partition.Product, partition.Resolution, partition.Period);
        }
        return hits;
    }

    private async Task<ImageRecord?> FindAsync(ImageId image, CancellationToken cancellationToken)
    {
        try
        {
            return await workspace.GetImageAsync(image, cancellationToken);
        }
        catch (CuratorException)
        {
            return null; // the picture's own route says what is wrong with it; the other hits go on
        }
    }
}
