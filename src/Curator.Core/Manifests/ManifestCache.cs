using Curator.Core.Images;

namespace Curator.Core.Manifests;

/// <summary>Keeps the manifests of the last few partitions open, for looking up single images. Thread-safe.</summary>
internal sealed class ManifestCache(Workspace workspace) : IDisposable
{
    private const int Capacity = 4;

    private readonly LinkedList<(int Partition, ManifestReader Reader)> _open = new();
    private readonly SemaphoreSlim _gate = new(1, 1);

    /// <exception cref="WorkspaceException">No such image.</exception>
    public async Task<ImageRecord> GetAsync(ImageId id, CancellationToken cancellationToken)
    {
        if (id.Row < 0) throw NoImage(id);
        await _gate.WaitAsync(cancellationToken);
        try
        {
            var reader = Find(id);
            if (reader is null)
            {
                var partitions = await workspace.Catalog.GetPartitionsAsync(cancellationToken);
                var partition = partitions.FirstOrDefault(partition => partition.Number == id.Partition) ?? throw NoImage(id);
                if (id.Row >= partition.Rows) throw NoImage(id);
                reader = workspace.OpenManifest(partition);
                _open.AddFirst((id.Partition, reader));
                if (_open.Count > Capacity) CloseLast();
            }

            return id.Row < reader.Rows ? reader[id.Row] : throw NoImage(id);
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose()
    {
        while (_open.Count > 0) CloseLast();
        _gate.Dispose();
    }

    /// <summary>An open manifest that has the row. Rows are only appended: an older one with too few rows is closed, to be opened anew.</summary>
    private ManifestReader? Find(ImageId id)
    {
        for (var node = _open.First; node is not null; node = node.Next)
        {
            if (node.Value.Partition != id.Partition) continue;
            _open.Remove(node);
            if (id.Row < node.Value.Reader.Rows)
            {
                _open.AddFirst(node);
                return node.Value.Reader;
            }

            node.Value.Reader.Dispose();
            return null;
        }

        return null;
    }

    private void CloseLast()
    {
        _open.Last!.Value.Reader.Dispose();
        _open.RemoveLast();
    }

    private static WorkspaceException NoImage(ImageId id) => new($"The project has no image {id}.", "List what there is with `curator status`.");
}
