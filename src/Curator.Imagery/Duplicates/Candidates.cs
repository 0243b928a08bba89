using System.Globalization;
using Curator.Core;
using Curator.Core.Catalogs;
using Curator.Core.Images;

namespace Curator.Imagery.Duplicates;

/// <summary>What is compared of every picture, in id order; about 60 bytes a picture.</summary>
internal sealed class Candidates
{
    private readonly List<ImageId> _ids = [];
    private readonly List<UInt128> _contents = [];
    private readonly List<ulong> _hashes = [];
    private readonly List<(long Pixels, long Bytes)> _sizes = [];
    private readonly List<bool> _featureless = [];

    public int Count => _ids.Count;

    public IReadOnlyList<ImageId> Ids => _ids;

    /// <summary>First half of the content's SHA-256.</summary>
    public IReadOnlyList<UInt128> Contents => _contents;

    public IReadOnlyList<ulong> Hashes => _hashes;

    public IReadOnlyList<(long Pixels, long Bytes)> Sizes => _sizes;

    public IReadOnlyList<bool> Featureless => _featureless;

    /// <summary>All pictures that are there: not those that vanished, were replaced, or were hidden by a person.</summary>
    public static async Task<Candidates> LoadAsync(Workspace workspace, double featurelessBelow, CancellationToken cancellationToken)
    {
        var all = new Candidates();
        foreach (var partition in await workspace.Catalog.GetPartitionsAsync(cancellationToken))
        {
            if (partition.Rows == 0) continue;
            var states = await workspace.Catalog.GetImageStatesAsync(partition.Number, cancellationToken);
            using var manifest = workspace.OpenManifest(partition);
            long row = 0;
            foreach (var record in manifest.Read())
            {
                if ((row & 8191) == 0) cancellationToken.ThrowIfCancellationRequested();
                var id = new ImageId(partition.Number, row++);
                if (states.TryGetValue(id.Row, out var state) && state is not ImageState.Duplicate) continue;
                all._ids.Add(id);
                all._contents.Add(UInt128.Parse(record.Sha256.AsSpan(0, 32), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
                all._hashes.Add(record.PerceptualHash);
                all._sizes.Add(((long)record.Width * record.Height, record.SizeBytes));
                all._featureless.Add(record.LumaDeviation < featurelessBelow);
            }
        }
        return all;
    }

    /// <summary>Where the wanted pictures lie and how they are made of their files' samples, read in one pass over their manifests.</summary>
    public async Task<Dictionary<int, (string Path, Rendering Rendering)>> SourcesAsync(Workspace workspace, IReadOnlyCollection<int> wanted, CancellationToken cancellationToken)
    {
        var sources = new Dictionary<int, (string, Rendering)>(wanted.Count);
        var partitions = (await workspace.Catalog.GetPartitionsAsync(cancellationToken)).ToDictionary(partition => partition.Number);
        foreach (var group in wanted.GroupBy(candidate => _ids[candidate].Partition).OrderBy(group => group.Key))
        {
            using var manifest = workspace.OpenManifest(partitions[group.Key]);
            foreach (var candidate in group.Order())
            {
                var row = manifest[_ids[candidate].Row];
                sources.Add(candidate, (row.Uri, row.Rendering));
            }
        }
        return sources;
    }
}
