using Curator.Core;
using Curator.Core.Embeddings;
using Curator.Core.Images;
using Curator.Search.Indexes;

namespace Curator.Search.Partitions;

/// <summary>
/// A partition held open for searching: its embeddings, its index if there is one, and its filter columns once a filter asks for them. Shared by concurrent searches,
/// each of which holds a lease; the files are closed when the last lease of a retired one ends.
/// </summary>
internal sealed class OpenPartition
{
    /// <summary>Bitmaps kept: people and pages repeat a filter with other pictures.</summary>
    private const int MaxBitmaps = 4;

    private readonly Lock _lock = new();
    private readonly Workspace _workspace;
    private readonly Lazy<FilterColumns> _columns;
    private readonly Lazy<IReadOnlyList<MetadataColumn>> _free;
    private readonly List<(RowConditions Conditions, ulong[] Bits)> _bitmaps = [];
    private int _leases;
    private bool _retired;

    /// <param name="index">Null when there is none; owned from here on, as are the embeddings.</param>
    public OpenPartition(Workspace workspace, Partition partition, EmbeddingFile embeddings, PartitionIndex? index, PartitionStamp stamp)
    {
        Partition = partition;
        Embeddings = embeddings;
        Index = index;
        Stamp = stamp;
        _workspace = workspace;
        _columns = new Lazy<FilterColumns>(ReadColumns);
        _free = new Lazy<IReadOnlyList<MetadataColumn>>(ReadFree);
    }

    public Partition Partition { get; }

    public EmbeddingFile Embeddings { get; }

    public PartitionIndex? Index { get; }

    /// <summary>The files that were opened; others under the same names have another stamp.</summary>
    public PartitionStamp Stamp { get; }

    /// <summary>Time and place of every row of the embeddings, read on first use.</summary>
    public FilterColumns Columns => _columns.Value;

    /// <summary>The manifest's free columns, read on first use.</summary>
    public IReadOnlyList<MetadataColumn> FreeColumns => _free.Value;

    /// <summary>Heap bytes; mapped files count as page cache.</summary>
    public long SizeBytes
    {
        get
        {
            lock (_lock) return (_columns.IsValueCreated ? _columns.Value.SizeBytes : 0) + _bitmaps.Sum(entry => entry.Bits.Length * 8L);
        }
    }

    /// <summary>One bit a row of the embeddings: the time, place and column conditions of the filter. Kept for the next query with the same ones; not to be changed.</summary>
    public ulong[] Matching(SearchFilter filter)
    {
        var conditions = RowConditions.Of(filter);
        lock (_lock)
        {
            var known = _bitmaps.FindIndex(entry => entry.Conditions == conditions);
            if (known >= 0) return _bitmaps[known].Bits;
        }

        // Outside the lock: it may take seconds, and others lease the partition meanwhile. Two who ask at once both count.
        var bits = conditions.Match(this);
        lock (_lock)
        {
            if (_bitmaps.Count == MaxBitmaps) _bitmaps.RemoveAt(0);
            _bitmaps.Add((conditions, bits));
        }

        return bits;
    }

    /// <summary>The manifest's records of the embedded rows, in order.</summary>
    public IEnumerable<ImageRecord> Records()
    {
        using var manifest = _workspace.OpenManifest(Partition);
        foreach (var record in manifest.Read(0, Embeddings.Rows)) yield return record;
    }

    /// <summary>Keeps the files open until the lease is disposed; false when they are closed already.</summary>
    public bool TryLease(out PartitionLease lease)
    {
        lock (_lock)
        {
            lease = new PartitionLease(this);
            if (_retired && _leases == 0) return false;
            _leases++;
            return true;
        }
    }

    /// <summary>Closes the files as soon as nobody reads them.</summary>
    public void Retire()
    {
        lock (_lock)
        {
            if (_retired) return;
            _retired = true;
            if (_leases == 0) Close();
        }
    }

    internal void Release()
    {
        lock (_lock)
        {
            if (--_leases == 0 && _retired) Close();
        }
    }

    private void Close()
    {
        Embeddings.Dispose();
        Index?.Dispose();
    }

    private IReadOnlyList<MetadataColumn> ReadFree()
    {
        using var manifest = _workspace.OpenManifest(Partition);
        return manifest.FreeColumns;
    }

    /// <summary>From the index when it covers all rows, else from the manifest.</summary>
    private FilterColumns ReadColumns() =>
        Index is not null && Index.Rows == Embeddings.Rows ? Index.ReadColumns() : FilterColumns.From(Records(), checked((int)Embeddings.Rows));
}

/// <summary>The right to read an open partition; ends with <see cref="Dispose"/>, to be called once.</summary>
internal readonly struct PartitionLease(OpenPartition open) : IDisposable
{
    public OpenPartition Open => open;

    public void Dispose() => open.Release();
}

/// <summary>Tells files from others published later under the same names: length and time of last write of embeddings and index, zero where absent.</summary>
internal readonly record struct PartitionStamp(long EmbeddingBytes, long EmbeddingTicks, long IndexBytes, long IndexTicks)
{
    public static PartitionStamp Of(string embeddingPath, string indexPath)
    {
        var embeddings = new FileInfo(embeddingPath);
        var index = new FileInfo(indexPath);
        return new PartitionStamp(
            embeddings.Exists ? embeddings.Length : 0, embeddings.Exists ? embeddings.LastWriteTimeUtc.Ticks : 0, index.Exists ? index.Length : 0, index.Exists ? index.LastWriteTimeUtc.Ticks : 0);
    }
}
