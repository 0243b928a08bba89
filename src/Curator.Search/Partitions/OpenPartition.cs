using Curator.Core;
using Curator.Core.Embeddings;
using Curator.Core.Images;

namespace Curator.Search.Partitions;

/// <summary>
/// A partition held open for searching: its embeddings, and its filter columns once a filter asks for them. Shared by concurrent searches, each of
/// which holds a lease; the files are closed when the last lease of a retired one ends.
/// </summary>
internal sealed class OpenPartition
{
    private readonly Lock _lock = new();
    private readonly Lazy<FilterColumns> _columns;
    private int _leases;
    private bool _retired;

    public OpenPartition(Workspace workspace, Partition partition, EmbeddingFile embeddings, FileStamp stamp)
    {
        Partition = partition;
        Embeddings = embeddings;
        Stamp = stamp;
        _columns = new Lazy<FilterColumns>(() =>
        {
            using var manifest = workspace.OpenManifest(partition);
            return FilterColumns.From(manifest.Read(), checked((int)embeddings.Rows));
        });
    }

    public Partition Partition { get; }

    public EmbeddingFile Embeddings { get; }

    /// <summary>The file that was opened; another one under the same name has another stamp.</summary>
    public FileStamp Stamp { get; }

    /// <summary>Read from the manifest on first use.</summary>
    public FilterColumns Columns => _columns.Value;

    /// <summary>Heap bytes; mapped files count as page cache.</summary>
    public long SizeBytes => _columns.IsValueCreated ? _columns.Value.SizeBytes : 0;

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
            if (_leases == 0) Embeddings.Dispose();
        }
    }

    internal void Release()
    {
        lock (_lock)
        {
            if (--_leases == 0 && _retired) Embeddings.Dispose();
        }
    }
}

/// <summary>The right to read an open partition; ends with <see cref="Dispose"/>, to be called once.</summary>
internal readonly struct PartitionLease(OpenPartition open) : IDisposable
{
    public OpenPartition Open => open;

    public void Dispose() => open.Release();
}

/// <summary>Tells a file from another one published later under the same name.</summary>
internal readonly record struct FileStamp(long Length, long WrittenTicks)
{
    /// <summary>Default (zero) when the file is absent.</summary>
    public static FileStamp Of(string path)
    {
        var file = new FileInfo(path);
        return file.Exists ? new FileStamp(file.Length, file.LastWriteTimeUtc.Ticks) : default;
    }
}
