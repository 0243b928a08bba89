using System.Security.Cryptography;
using System.Text;
using Curator.Core;
using Curator.Core.Catalogs;
using Curator.Core.Images;
using Curator.Learning.Cache;
using Curator.Learning.Evaluation;
using Curator.Learning.Views;

namespace Curator.Learning.Training;

/// <summary>
/// The images that a training draws from: all that are not marked as gone, hidden or duplicate, or a random sample of them; decoded
/// once. Whole partitions share their cache with embedding. Owns the caches.
/// </summary>
internal sealed class TrainingPool : IDisposable
{
    private const int SampleStream = 4;
    private readonly IReadOnlyList<PixelCache> _caches;

    private TrainingPool(IReadOnlyList<PixelCache> caches, IReadOnlyList<ImageRecord> records, bool pairs, string fingerprint)
    {
        _caches = caches;
        Fingerprint = fingerprint;
        Pixels = new CachedPixels(caches, pairs ? records : null);
        var present = caches.SelectMany(cache => Enumerable.Range(0, cache.Count).Select(image => !cache.IsAbsent(image))).ToArray();
        Classes = ClassesOf([.. records.Where((_, i) => present[i]).Select(ClassFolder.Of)]);
    }

    /// <summary>SHA-256 over the chosen images' contents in order.</summary>
    public string Fingerprint { get; }

    public CachedPixels Pixels { get; }

    /// <summary>Class folder of each picture as a number, below 0 for none; null where there are not two.</summary>
    public IReadOnlyList<int>? Classes { get; }

    /// <summary>Chosen images whose files could not be read.</summary>
    public long Unreadable => _caches.Sum(cache => cache.Count) - Pixels.Count;

    public static async Task<TrainingPool> OpenAsync(Workspace workspace, TrainSpecification specification, int threads, IProgress<long>? decoded, CancellationToken cancellationToken)
    {
        var options = specification.Options;
        var partitions = await workspace.Catalog.GetPartitionsAsync(cancellationToken);
        var wanted = specification.List is { } list ? ImageList.Read(workspace, list) : null;
        var lists = new List<(Partition Partition, IReadOnlyList<ImageRecord> Images, bool Whole)>();
        var total = specification.Partitions.Sum(seen => seen.Rows);
        foreach (var seen in specification.Partitions)
        {
            var partition = partitions.FirstOrDefault(partition => partition.Name == seen.Name)
                ?? throw new WorkspaceException($"The training was planned on partition '{seen.Name}', which is gone.", "Start the training again with 'curator train'.");
            var states = await workspace.Catalog.GetImageStatesAsync(partition.Number, cancellationToken);
            using var manifest = workspace.OpenManifest(partition);
            var images = wanted is null
                ? Choose(manifest.Read(0, seen.Rows), states, total, options, partition.Number, cancellationToken)
                : [.. wanted[partition.Number].Where(row => row < seen.Rows).Select(row => manifest[row])];
            if (images.Count > 0) lists.Add((partition, images, images.Count == seen.Rows));
        }

        var caches = new List<PixelCache>();
        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            long before = 0;
            foreach (var (partition, images, whole) in lists)
            {
                foreach (var image in images) hash.AppendData(Encoding.ASCII.GetBytes(image.Sha256));
                var folder = workspace.WorkDirectory(FormattableString.Invariant($"pixels/{partition.Number}{(whole ? "" : specification.List is { } name ? $"-list-{name[..12]}" : $"-sample-{options.Seed}")}"));
                var progress = decoded is null ? null : new Shifted(decoded, before);
                caches.Add(PixelCache.Build(folder, images, options.ImageSize, threads, progress, cancellationToken, options.Preprocessing));
                before += images.Count;
            }
            return new TrainingPool(caches, [.. lists.SelectMany(list => list.Images)], options.Pairs, Convert.ToHexStringLower(hash.GetHashAndReset()));
        }
        catch
        {
            foreach (var cache in caches) cache.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        foreach (var cache in _caches) cache.Dispose();
    }

    private static int[]? ClassesOf(string[] folders)
    {
        var names = folders.Where(name => name.Length > 0).Distinct().Order(StringComparer.Ordinal).ToArray();
        if (names.Length < 2) return null;
        var numbers = names.Select((name, i) => (name, i)).ToDictionary(pair => pair.name, pair => pair.i, StringComparer.Ordinal);
        return [.. folders.Select(name => numbers.GetValueOrDefault(name, -1))];
    }

    /// <summary>
    /// Each image is in the sample with the same probability, decided by its own number, so that choosing needs one pass and no memory of
    /// the rest; the sample's size is therefore only near to the wished one, and never above it by more than chance allows.
    /// </summary>
    private static List<ImageRecord> Choose(
        IEnumerable<ImageRecord> rows, IReadOnlyDictionary<long, ImageState> states, long total, TrainOptions options, int partition, CancellationToken cancellationToken)
    {
        var share = (double)options.Pool / Math.Max(1, total);
        var chosen = new List<ImageRecord>();
        long row = -1;
        foreach (var record in rows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            row++;
            if (states.TryGetValue(row, out var state) && state is ImageState.Vanished or ImageState.Hidden or ImageState.Duplicate) continue;
            if (share < 1 && new CounterRandom((ulong)options.Seed, (ulong)row, ((ulong)partition << 8) + SampleStream).NextUnit() >= share) continue;
            chosen.Add(record);
        }
        return chosen;
    }

    private sealed class Shifted(IProgress<long> inner, long before) : IProgress<long>
    {
        public void Report(long value) => inner.Report(before + value);
    }
}
