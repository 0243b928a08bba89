using Curator.Core;
using Curator.Core.Catalogs;
using Curator.Core.Images;
using Curator.Search.Indexes;
using Curator.Search.Partitions;

namespace Curator.Search;

/// <summary>
/// Nearest images of a query over all partitions of a workspace that have embeddings by one encoder. Partitions are pruned by the filter, opened on demand, searched in
/// parallel (through their index, or exactly where there is none) and merged; images added, embedded or indexed meanwhile are seen by the next search. Thread-safe; keep one
/// for the life of the process.
/// </summary>
public sealed class PartitionedSearch : IDisposable
{
    /// <summary>Hits fetched for each one wanted when some will be thinned out; the search is repeated with more when that was not enough.</summary>
    private const int ThinningFactor = 4;

    private readonly EncoderRow _encoder;
    private readonly PartitionedSearchOptions _options;
    private readonly PartitionCache _cache;
    private readonly CatalogView _catalog;
    private readonly Rotation _rotation;
    private long _rowsCompared;
    private long _bytesRead;

    public PartitionedSearch(Workspace workspace, EncoderRow encoder, PartitionedSearchOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentNullException.ThrowIfNull(encoder);
        _encoder = encoder;
        _options = options ?? new PartitionedSearchOptions();
        _cache = new PartitionCache(workspace, encoder, _options.MaxOpenPartitions, _options.MaxBytes);
        _catalog = new CatalogView(workspace, encoder);
        _rotation = new Rotation(encoder.Dimension, IndexLayout.RotationSeed);
    }

    /// <summary>Vectors that searches compared with a query so far: rows, codes of lists, and centroids.</summary>
    public long RowsCompared => Interlocked.Read(ref _rowsCompared);

    /// <summary>Bytes of embeddings and indexes that these comparisons looked at, most of them in the page cache. Centroids count once a search, also of several vectors.</summary>
    public long BytesRead => Interlocked.Read(ref _bytesRead);

    /// <summary>The encoder whose embeddings are searched.</summary>
    public EncoderRow Encoder => _encoder;

    /// <summary>The nearest images, ascending by distance, ties by image id; fewer than asked for when fewer match.</summary>
    /// <exception cref="WorkspaceException">Nothing is embedded by this encoder.</exception>
    /// <exception cref="EmbeddingStoreException">Embeddings are damaged or stale.</exception>
    /// <exception cref="IndexFormatException">An index is damaged or stale.</exception>
    /// <exception cref="ArgumentException">The query has no direction, or another dimension than the encoder.</exception>
    public async Task<IReadOnlyList<SearchHit>> SearchAsync(SearchQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        var prepared = Prepare(query.Direction(_encoder.Dimension));
        using var plan = await PlanAsync(query, cancellationToken);
        using var counted = new Counted(this, plan);
        if (!query.Thins) return Within(await plan.RunAsync(prepared, query.Count, _options.Threads, cancellationToken), query.MaxDistance);
        for (var fetch = (long)query.Count * ThinningFactor; ; fetch *= ThinningFactor)
        {
            var asked = (int)Math.Min(fetch, Math.Max(1, Math.Min(plan.Rows, int.MaxValue / 8)));
            var hits = await plan.RunAsync(prepared, asked, _options.Threads, cancellationToken);
            var within = Within(hits, query.MaxDistance);
            var kept = HitThinning.Keep(within, query, plan.Open);
            if (kept.Count == query.Count || within.Length < asked || asked >= plan.Rows) return kept;
        }
    }

    /// <summary>The same for several vectors, [dimension] each, of any length but zero: partitions are looked up once, and the centroids of their indexes stay in the processor's cache.</summary>
    /// <param name="count">Hits of each.</param>
    /// <returns>Hits of each vector, as <see cref="SearchAsync"/> finds them.</returns>
    /// <inheritdoc cref="SearchAsync"/>
    public async Task<IReadOnlyList<IReadOnlyList<SearchHit>>> SearchEachAsync(IReadOnlyList<float[]> vectors, int count, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(vectors);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        if (vectors.Count == 0) return [];
        var queries = vectors.Select(vector => new SearchQuery { Positives = [vector], Count = count }).ToArray();
        using var plan = await PlanAsync(queries[0], cancellationToken);
        using var counted = new Counted(this, plan);
        // A vector a thread: partitions on several threads would meet after each of the vectors, and waiting costs more than so short a search.
        var found = new IReadOnlyList<SearchHit>[queries.Length];
        var parallel = new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = _options.Threads == 0 ? Environment.ProcessorCount : _options.Threads };
        Parallel.For(0, found.Length, parallel, i => found[i] = plan.Run(Prepare(queries[i].Direction(_encoder.Dimension)), count, cancellationToken));
        return found;
    }

    /// <summary>The stored embedding of an image, for queries by id; null when the image is not embedded.</summary>
    /// <exception cref="WorkspaceException">Nothing is embedded by this encoder.</exception>
    public async Task<float[]?> GetEmbeddingAsync(ImageId image, CancellationToken cancellationToken)
    {
        var (partition, stamp) = EmbeddedPartitions(await _catalog.GetAsync(cancellationToken)).FirstOrDefault(candidate => candidate.Partition.Number == image.Partition);
        if (partition is null) return null;
        using var lease = await _cache.LeaseAsync(partition, stamp, cancellationToken);
        if (image.Row >= lease.Open.Embeddings.Rows || lease.Open.Embeddings.IsAbsent(image.Row)) return null;
        var embedding = new float[_encoder.Dimension];
        lease.Open.Embeddings.Read(image.Row, embedding);
        return embedding;
    }

    public void Dispose() => _cache.Dispose();

    /// <param name="direction">[dimension], unit length.</param>
    internal PreparedQuery Prepare(float[] direction) => new(direction, _rotation);

    /// <summary>Leases the partitions that a query concerns; its embeddings are not looked at.</summary>
    internal async Task<SearchPlan> PlanAsync(SearchQuery query, CancellationToken cancellationToken)
    {
        var catalog = await _catalog.GetAsync(cancellationToken);
        return await SearchPlan.CreateAsync(catalog, _cache, EmbeddedPartitions(catalog), query, _options.Tuning ?? catalog.Tuning, _options.Exact, cancellationToken);
    }

    /// <summary>Partitions with embeddings by the encoder, by number.</summary>
    private List<(Partition Partition, PartitionStamp Stamp)> EmbeddedPartitions(CatalogSnapshot catalog)
    {
        var embedded = new List<(Partition Partition, PartitionStamp Stamp)>(catalog.Partitions.Count);
        foreach (var partition in catalog.Partitions)
            if (_cache.StampOf(partition) is { EmbeddingBytes: > 0 } stamp)
                embedded.Add((partition, stamp));
        if (embedded.Count == 0)
            throw new WorkspaceException(
                $"None of the {catalog.Partitions.Count} partitions has embeddings by {_encoder.Id}.",
                $"Run 'curator embed --encoder {_encoder.Id}' first.");
        return embedded;
    }

    /// <summary>Adds what a plan looked at when the search ends.</summary>
    private sealed class Counted(PartitionedSearch search, SearchPlan plan) : IDisposable
    {
        public void Dispose()
        {
            Interlocked.Add(ref search._rowsCompared, plan.RowsCompared);
            Interlocked.Add(ref search._bytesRead, plan.BytesRead);
        }
    }

    private static SearchHit[] Within(SearchHit[] hits, float maxDistance)
    {
        var count = hits.Length;
        while (count > 0 && hits[count - 1].Distance > maxDistance) count--;
        return count == hits.Length ? hits : hits[..count];
    }
}
