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
    private readonly Workspace _workspace;
    private readonly EncoderRow _encoder;
    private readonly PartitionedSearchOptions _options;
    private readonly PartitionCache _cache;
    private readonly Rotation _rotation;

    public PartitionedSearch(Workspace workspace, EncoderRow encoder, PartitionedSearchOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentNullException.ThrowIfNull(encoder);
        _workspace = workspace;
        _encoder = encoder;
        _options = options ?? new PartitionedSearchOptions();
        _cache = new PartitionCache(workspace, encoder, _options.MaxOpenPartitions, _options.MaxBytes);
        _rotation = new Rotation(encoder.Dimension, IndexLayout.RotationSeed);
    }

    /// <summary>The nearest images, ascending by distance, ties by image id; fewer than asked for when fewer match.</summary>
    /// <exception cref="WorkspaceException">Nothing is embedded by this encoder.</exception>
    /// <exception cref="EmbeddingStoreException">Embeddings are damaged or stale.</exception>
    /// <exception cref="IndexFormatException">An index is damaged or stale.</exception>
    /// <exception cref="ArgumentException">The query has no direction, or another dimension than the encoder.</exception>
    public async Task<IReadOnlyList<SearchHit>> SearchAsync(SearchQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        var prepared = new PreparedQuery(query.Direction(_encoder.Dimension), _rotation);
        var tuning = _options.Tuning ?? await SearchTuning.LoadAsync(_workspace, _encoder, cancellationToken);
        var partitions = await EmbeddedPartitionsAsync(cancellationToken);
        var leases = new List<PartitionLease>();
        try
        {
            var work = new List<PartitionWork>();
            foreach (var partition in partitions)
            {
                if (query.Filter?.Admits(partition) == false) continue;
                var lease = await _cache.LeaseAsync(partition, cancellationToken);
                leases.Add(lease);
                var states = await _workspace.Catalog.GetImageStatesAsync(partition.Number, cancellationToken);
                work.AddRange(PartitionWork.Plan(lease.Open, RowAdmission.Create(lease.Open, query, states), _options.Exact));
            }

            var found = await RunAsync(work, prepared, query.Count, tuning, cancellationToken);
            return Merge(found, query.Count);
        }
        finally
        {
            foreach (var lease in leases) lease.Dispose();
        }
    }

    /// <summary>The stored embedding of an image, for queries by id; null when the image is not embedded.</summary>
    /// <exception cref="WorkspaceException">No such partition, or nothing is embedded by this encoder.</exception>
    public async Task<float[]?> GetEmbeddingAsync(ImageId image, CancellationToken cancellationToken)
    {
        var partitions = await EmbeddedPartitionsAsync(cancellationToken);
        var partition = partitions.FirstOrDefault(candidate => candidate.Number == image.Partition);
        if (partition is null) return null;
        using var lease = await _cache.LeaseAsync(partition, cancellationToken);
        if (image.Row >= lease.Open.Embeddings.Rows || lease.Open.Embeddings.IsAbsent(image.Row)) return null;
        var embedding = new float[_encoder.Dimension];
        lease.Open.Embeddings.Read(image.Row, embedding);
        return embedding;
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

    private async Task<SearchHit[][]> RunAsync(List<PartitionWork> work, PreparedQuery query, int count, SearchTuning tuning, CancellationToken cancellationToken)
    {
        var found = new SearchHit[work.Count][];
        var parallel = new ParallelOptions
        {
            CancellationToken = cancellationToken,
            MaxDegreeOfParallelism = _options.Threads == 0 ? Environment.ProcessorCount : _options.Threads,
        };
        if (work.Count == 1)
        {
            found[0] = work[0].Run(query, count, tuning, cancellationToken);
            return found;
        }

        await Parallel.ForAsync(0, work.Count, parallel, (i, token) =>
        {
            found[i] = work[i].Run(query, count, tuning, token);
            return ValueTask.CompletedTask;
        });
        return found;
    }

    private static SearchHit[] Merge(SearchHit[][] found, int count)
    {
        if (found.Length == 1) return found[0];
        var all = found.SelectMany(hits => hits).ToArray();
        Array.Sort(all);
        return all.Length <= count ? all : all[..count];
    }
}
