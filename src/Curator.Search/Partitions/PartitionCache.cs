using Curator.Core;
using Curator.Core.Catalogs;
using Curator.Core.Embeddings;
using Curator.Core.Images;

namespace Curator.Search.Partitions;

/// <summary>Opens partitions on demand and keeps the recently used ones open. Thread-safe.</summary>
internal sealed class PartitionCache(Workspace workspace, EncoderRow encoder, int maxOpen, long maxBytes) : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly Dictionary<int, LinkedListNode<OpenPartition>> _open = [];
    private readonly LinkedList<OpenPartition> _recent = [];

    /// <summary>How many partitions are open.</summary>
    public int Count => _open.Count;

    /// <summary>Whether the partition has embeddings by this encoder.</summary>
    public bool IsEmbedded(Partition partition) => File.Exists(workspace.EmbeddingPath(partition, encoder.Id));

    /// <summary>Leases a partition, opening it if needed, and closes the least recently used ones beyond the bounds.</summary>
    /// <exception cref="EmbeddingStoreException">Damaged, or made from other images or another encoder.</exception>
    public async Task<PartitionLease> LeaseAsync(Partition partition, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            var path = workspace.EmbeddingPath(partition, encoder.Id);
            var stamp = FileStamp.Of(path);
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

            var opened = await OpenAsync(partition, path, stamp, cancellationToken);
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

    private async Task<OpenPartition> OpenAsync(Partition partition, string path, FileStamp stamp, CancellationToken cancellationToken)
    {
        var command = $"curator embed --encoder {encoder.Id}";
        var embeddings = EmbeddingFile.Open(path, command);
        try
        {
            var revision = await workspace.Catalog.GetRevisionAsync(partition.Number, embeddings.Rows, cancellationToken);
            if (embeddings.Dimension != encoder.Dimension
                || revision is null
                || embeddings.Fingerprint != EmbeddingFingerprint.Of(encoder.Fingerprint, revision, embeddings.Precision))
                throw new EmbeddingStoreException(
                    $"The embeddings of {partition.Name} ({embeddings.Rows} rows of {embeddings.Dimension}) were not made by {encoder.Id} ({encoder.Dimension} numbers) from this partition's images.",
                    $"Run '{command}' to make them again.");
            return new OpenPartition(workspace, partition, embeddings, stamp);
        }
        catch
        {
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
