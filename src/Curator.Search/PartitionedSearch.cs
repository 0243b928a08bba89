using Curator.Core;
using Curator.Core.Catalogs;
using Curator.Core.Images;
using Curator.Search.Kernels;
using Curator.Search.Partitions;

namespace Curator.Search;

/// <summary>
/// Nearest images of a query over all partitions of a workspace that have embeddings by one encoder. Partitions are pruned by the filter, opened on demand,
/// searched in parallel and merged; images added or embedded meanwhile are found by the next search. Thread-safe; keep one for the life of the process.
/// </summary>
public sealed class PartitionedSearch : IDisposable
{
    /// <summary>Rows a work item: a large partition is scanned by several threads.</summary>
    private const int RowsPerItem = 32_768;

    private readonly Workspace _workspace;
    private readonly EncoderRow _encoder;
    private readonly PartitionedSearchOptions _options;
    private readonly PartitionCache _cache;

    public PartitionedSearch(Workspace workspace, EncoderRow encoder, PartitionedSearchOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentNullException.ThrowIfNull(encoder);
        _workspace = workspace;
        _encoder = encoder;
        _options = options ?? new PartitionedSearchOptions();
        _cache = new PartitionCache(workspace, encoder, _options.MaxOpenPartitions, _options.MaxBytes);
    }

    /// <summary>The nearest images, ascending by distance, ties by image id; fewer than asked for when fewer match.</summary>
    /// <exception cref="WorkspaceException">Nothing is embedded by this encoder.</exception>
    /// <exception cref="EmbeddingStoreException">Embeddings are damaged or stale.</exception>
    /// <exception cref="ArgumentException">The query has no direction, or another dimension than the encoder.</exception>
    public async Task<IReadOnlyList<SearchHit>> SearchAsync(SearchQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        var direction = query.Direction(_encoder.Dimension);
        var partitions = await EmbeddedPartitionsAsync(cancellationToken);
        var leases = new List<PartitionLease>();
        try
        {
            var items = new List<WorkItem>();
            foreach (var partition in partitions)
            {
                if (query.Filter?.Admits(partition) == false) continue;
                var lease = await _cache.LeaseAsync(partition, cancellationToken);
                leases.Add(lease);
                var states = await _workspace.Catalog.GetImageStatesAsync(partition.Number, cancellationToken);
                var admission = RowAdmission.Create(lease.Open, query, states);
                for (long row = 0; row < lease.Open.Embeddings.Rows; row += RowsPerItem)
                    items.Add(new WorkItem(lease.Open, admission, row, Math.Min(RowsPerItem, lease.Open.Embeddings.Rows - row)));
            }

            var found = new SearchHit[items.Count][];
            var parallel = new ParallelOptions
            {
                CancellationToken = cancellationToken,
                MaxDegreeOfParallelism = _options.Threads == 0 ? Environment.ProcessorCount : _options.Threads,
            };
            await Parallel.ForAsync(0, items.Count, parallel, (i, token) =>
            {
                found[i] = Scan(items[i], direction, query.Count, token);
                return ValueTask.CompletedTask;
            });
            return Merge(found, query.Count);
        }
        finally
        {
            foreach (var lease in leases) lease.Dispose();
        }
    }

    public void Dispose() => _cache.Dispose();

    private async Task<List<Partition>> EmbeddedPartitionsAsync(CancellationToken cancellationToken)
    {
        var partitions = await _workspace.Catalog.GetPartitionsAsync(cancellationToken);
        var embedded = partitions.Where(_cache.IsEmbedded).ToList();
        if (embedded.Count == 0)
            throw new WorkspaceException(
                $"None of the {partitions.Count} partitions has embeddings by {_encoder.Id}.",
                $"Run 'curator embed --encoder {_encoder.Id}' first.");
        return embedded;
    }

    private static SearchHit[] Scan(WorkItem item, float[] direction, int count, CancellationToken cancellationToken)
    {
        var nearest = new NearestReservoir((int)Math.Min(count, item.Rows));
        ExactScan.Run(item.Open.Embeddings, direction, item.FirstRow, item.Rows, item.Admission, nearest, cancellationToken);
        var keys = nearest.Sorted();
        var hits = new SearchHit[keys.Length];
        for (var i = 0; i < hits.Length; i++)
            hits[i] = new SearchHit(new ImageId(item.Open.Partition.Number, NearestReservoir.IdOf(keys[i])), NearestReservoir.DistanceOf(keys[i]));
        return hits;
    }

    private static SearchHit[] Merge(SearchHit[][] found, int count)
    {
        var all = found.SelectMany(hits => hits).ToArray();
        Array.Sort(all);
        return all.Length <= count ? all : all[..count];
    }

    /// <param name="Admission">Null when every row is admitted.</param>
    private sealed record WorkItem(OpenPartition Open, Func<long, bool>? Admission, long FirstRow, long Rows);
}
