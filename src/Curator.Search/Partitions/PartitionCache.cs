using System.Collections.Concurrent;
using Curator.Core;
using Curator.Core.Catalogs;
using Curator.Core.Images;
using Curator.Search.Indexes;

namespace Curator.Search.Partitions;

/// <summary>Opens partitions on demand and keeps the recently used ones open. Thread-safe.</summary>
internal sealed class PartitionCache(Workspace workspace, EncoderRow encoder, int maxOpen, long maxBytes) : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly Dictionary<int, LinkedListNode<OpenPartition>> _open = [];
    private readonly LinkedList<OpenPartition> _recent = [];
    private readonly ConcurrentDictionary<int, (string Embeddings, string Index)> _paths = new();

    /// <summary>How many partitions are open.</summary>
    public int Count => _open.Count;

    /// <summary>Stamp of the partition's files now; without embedding bytes there are no embeddings by this encoder.</summary>
    public PartitionStamp StampOf(Partition partition)
    {
        var (embeddings, index) = PathsOf(partition);
        return PartitionStamp.Of(embeddings, index);
    }

    /// <param name="stamp">Of its files; what is open with another one is opened again.</param>
    /// <summary>Leases a partition, opening it if needed, and closes the least recently used ones beyond the bounds.</summary>
    /// <exception cref="EmbeddingStoreException">Damaged, or made from other images or another encoder.</exception>
    /// <exception cref="IndexFormatException">The index is damaged, or built from other embeddings.</exception>
    public async Task<PartitionLease> LeaseAsync(Partition partition, PartitionStamp stamp, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (_open.TryGetValue(partition.Number, out var node))
            {
                _recent.Remove(node);
                if (node.Value.Stamp == stamp && node.Value.TryLease(out var known))
                {
                    _recent.AddFirst(node);
                    return known;
                }

                _open.Remove(partition.Number);
                node.Value.Retire();
            }

            var opened = await OpenAsync(partition, stamp, cancellationToken);
            opened.TryLease(out var lease);
            _open[partition.Number] = _recent.AddFirst(opened);
            Trim();
            return lease;
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose()
    {
        foreach (var open in _recent) open.Retire();
        _recent.Clear();
        _open.Clear();
        _gate.Dispose();
    }

    /// <summary>Kept, since asking the workspace makes sure that the folder is there.</summary>
    private (string Embeddings, string Index) PathsOf(Partition partition) =>
        _paths.GetOrAdd(partition.Number, _ => (workspace.EmbeddingPath(partition, encoder.Id), workspace.IndexPath(partition, encoder.Id)));

    private async Task<OpenPartition> OpenAsync(Partition partition, PartitionStamp stamp, CancellationToken cancellationToken)
    {
        var (path, indexPath) = PathsOf(partition);
        var embeddings = await EmbeddedRows.OpenAsync(workspace, encoder, partition, path, cancellationToken);
        PartitionIndex? index = null;
        try
        {
            if (stamp.IndexBytes > 0)
            {
                index = PartitionIndex.Open(indexPath, Indexing.CommandFor(encoder));
                if (!await EmbeddedRows.IsPrefixAsync(workspace, encoder, partition, index.Layout, embeddings, cancellationToken))
                    throw new IndexFormatException(
                        $"The index of {partition.Name} ({index.Rows} rows) was built from other embeddings than there are now ({embeddings.Rows} rows).",
                        $"Run '{Indexing.CommandFor(encoder)}' to build it again.");
            }

            return new OpenPartition(workspace, partition, embeddings, index, stamp);
        }
        catch
        {
            index?.Dispose();
            embeddings.Dispose();
            throw;
        }
    }

    /// <summary>Never closes the one just leased: it stands first.</summary>
    private void Trim()
    {
        while (_recent.Count > 1 && (_recent.Count > maxOpen || _recent.Sum(open => open.SizeBytes) > maxBytes))
        {
            var oldest = _recent.Last!.Value;
            _recent.RemoveLast();
            _open.Remove(oldest.Partition.Number);
            oldest.Retire();
        }
    }
}
