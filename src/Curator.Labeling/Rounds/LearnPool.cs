using Curator.Core;
using Curator.Core.Images;
using Curator.Labeling.Heads;

namespace Curator.Labeling.Rounds;

/// <summary>
/// The images that rounds work on, with their scaled embeddings in memory: all eligible images, or of a larger archive an <see cref="ArchiveSample"/> of
/// <see cref="LearnOptions.Sample"/>, then what <see cref="ArchiveExpansion"/> brings, and always every answered image. The same archive, options and answers give the same pool, row by
/// row. Memory: 4·n·d bytes.
/// </summary>
internal sealed class LearnPool
{
    /// <summary>With neighbours as candidates, the sample is only for spot checks and for the numbers.</summary>
    private const int SampleBesideNeighbours = 2_000;

    /// <summary>256 MB.</summary>
    private const long MostMapped = 1L << 26;

    /// <summary>Rows of a block of features.</summary>
    public const int MapBlock = 1024;

    private readonly Dictionary<ImageId, int> _index = [];
    private readonly List<ImageId> _images = [];
    private readonly List<float> _weights = [];
    private readonly List<MappedBlock> _mapped = [];
    private readonly EmbeddingSource _source;
    private float[] _rows = [];
    private KernelFeatures? _features;

    private LearnPool(EmbeddingSource source, RowScaler scaler, long archive) => (_source, Scaler, ArchiveCount) = (source, scaler, archive);

    /// <summary>Ascending at first; rows that joined later stand at the end.</summary>
    public IReadOnlyList<ImageId> Images => _images;

    /// <summary>[images, d], scaled.</summary>
    public ReadOnlyMemory<float> Rows => _rows.AsMemory(0, Count * Scaler.Dimension);

    /// <summary>[images]: images of the archive that each stands for; 0 for images that are here for what they are, not by chance.</summary>
    public ReadOnlySpan<float> Weights => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_weights);

    public RowScaler Scaler { get; }

    public int Count => _images.Count;

    /// <summary>Eligible images of the whole archive.</summary>
    public long ArchiveCount { get; }

    /// <summary>Whether the archive is larger than the pool was when it was made.</summary>
    public bool IsSample { get; private init; }

    /// <summary>Row of an image, or −1.</summary>
    public int IndexOf(ImageId image) => _index.GetValueOrDefault(image, -1);

    /// <param name="queryEmbedding">[d]: the example; empty when there is none.</param>
    public static async Task<LearnPool> LoadAsync(Workspace workspace, EmbeddingSource source, float[] queryEmbedding, LearnOptions options, CancellationToken cancellationToken)
    {
        // 2^30 numbers are 4 GiB; embeddings that long make the sample smaller.
        var limit = Math.Min(options.Sample, (int)Math.Min(int.MaxValue, (1L << 30) / source.Dimension));
        if (options.Candidates == CandidateKind.Neighbours) limit = Math.Min(limit, SampleBesideNeighbours);
        var eligible = source.Parts.ToDictionary(p => p.Partition.Number, CountEligible);
        var total = eligible.Values.Sum();
        var sample = total <= limit ? null : await ArchiveSample.DrawAsync(workspace, source, queryEmbedding, options, limit, eligible, cancellationToken);
        var pool = new LearnPool(source, HeadTrainer.FitScaler(source), total) { IsSample = sample is not null };
        var images = sample?.Images ?? [.. source.Eligible()];
        pool.Add(images, sample?.Weights);
        return pool;
    }

    /// <summary>
    /// A block of <see cref="MapBlock"/> rows as a head's features see them, [rows, features], the last one as far as there are rows: mapped once and kept. Only when <see cref="KeepsMapped"/> says so. Different blocks
    /// may be asked for at once.
    /// </summary>
    public ReadOnlySpan<float> Mapped(KernelFeatures features, int block)
    {
        MappedBlock mapped;
        lock (_mapped)
        {
            if (_features is null || (_features.Dimension, _features.Count, _features.Gamma, _features.Seed) != (features.Dimension, features.Count, features.Gamma, features.Seed))
            {
                _features = features;
                _mapped.Clear();
            }
            while (_mapped.Count <= block) _mapped.Add(new MappedBlock());
            mapped = _mapped[block];
        }
        var d = Scaler.Dimension;
        return mapped.Of(features, Rows.Span.Slice(block * MapBlock * d, Math.Min(MapBlock, Count - (block * MapBlock)) * d));
    }

    /// <summary>Whether <see cref="Mapped"/> keeps these features: they are the same for every head, and not too large.</summary>
    public bool KeepsMapped(IFeatureMap features) => features is KernelFeatures && (long)Count * features.OutputDimension <= MostMapped;

    /// <summary>Appends images that are not here yet, in order; without weights they stand for nothing but themselves.</summary>
    /// <returns>How many were new.</returns>
    public int Add(IReadOnlyList<ImageId> images, float[]? weights = null)
    {
        var first = Count;
        var whole = first == 0 && weights is null;
        for (var i = 0; i < images.Count; i++)
        {
            if (!_source.IsEligible(images[i]) || !_index.TryAdd(images[i], Count)) continue;
            _images.Add(images[i]);
            _weights.Add(weights?[i] ?? (whole ? 1 : 0));
        }
        var added = _images.GetRange(first, Count - first);
        var d = Scaler.Dimension;
        if (_rows.Length < (long)Count * d) Array.Resize(ref _rows, first == 0 ? Count * d : (int)Math.Min(Array.MaxLength, Math.Max((long)Count * d, (long)_rows.Length * 5 / 4)));
        var rows = _source.Read(added);
        Scaler.Apply(rows, _rows.AsSpan(first * d, rows.Length));
        return added.Count;
    }

    /// <summary>Likeness to the example: cosine of the scaled rows, [images]; empty without an example.</summary>
    public float[] Likeness(float[] queryEmbedding)
    {
        if (queryEmbedding.Length == 0) return [];
        var query = new float[Scaler.Dimension];
        Scaler.Apply(queryEmbedding, query);
        var likeness = new float[Count];
        Parallel.For(0, Count, i => likeness[i] = System.Numerics.Tensors.TensorPrimitives.CosineSimilarity(_rows.AsSpan(i * Scaler.Dimension, Scaler.Dimension), query));
        return likeness;
    }

    private static long CountEligible(EmbeddingSource.Part part)
    {
        long count = 0;
        for (long row = 0; row < part.File.Rows; row++) count += part.IsEligible(row) ? 1 : 0;
        return count;
    }

    /// <summary>Features of the rows of a block that there are so far, with room for the rest, so that rows that join move none.</summary>
    private sealed class MappedBlock
    {
        private float[] _features = [];
        private int _rows;

        public ReadOnlySpan<float> Of(KernelFeatures features, ReadOnlySpan<float> rows)
        {
            var (d, width) = (features.Dimension, features.OutputDimension);
            var count = rows.Length / d;
            if (_features.Length == 0) _features = GC.AllocateUninitializedArray<float>(MapBlock * width);
            if (_rows < count) features.Map(rows[(_rows * d)..], _features.AsSpan(_rows * width, (count - _rows) * width));
            _rows = Math.Max(_rows, count);
            return _features.AsSpan(0, count * width);
        }
    }
}
