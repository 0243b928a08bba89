using Curator.Core.Catalogs;
using Curator.Core.Images;
using Curator.Core.Labels;
using Curator.Core.Manifests;

namespace Curator.Core;

/// <summary>
/// An opened project folder: settings, catalog, labels, and where every file lies. Thread-safe; several processes may have the same one open.
/// </summary>
public sealed class Workspace : IAsyncDisposable
{
    /// <summary>Makes a new project folder (or completes one that was interrupted); existing projects are left as they are.</summary>
    public static Task<Workspace> InitAsync(string root, TimeProvider clock, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <exception cref="WorkspaceException">No <c>curator.json</c>/<c>curator.db</c> there, or made by a newer version.</exception>
    public static Task<Workspace> OpenAsync(string root, TimeProvider clock, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Absolute path.</summary>
    public string Root => throw new NotImplementedException();

    public TimeProvider Clock => throw new NotImplementedException();

    /// <summary>Partitions, image states, encoders, shards: the rows of <c>curator.db</c> that are not labels.</summary>
    public Catalog Catalog => throw new NotImplementedException();

    /// <summary>Tasks, label events, leases, rounds and queues.</summary>
    public LabelStore Labels => throw new NotImplementedException();

    /// <summary><c>partitions/product/resolution/period</c>, absolute; created when missing.</summary>
    public string PartitionDirectory(Partition partition) => throw new NotImplementedException();

    /// <summary><c>…/images.parquet</c> of the partition, absolute.</summary>
    public string ManifestPath(Partition partition) => throw new NotImplementedException();

    /// <summary><c>…/&lt;name&gt;@&lt;version&gt;.embeddings</c> of the partition, absolute.</summary>
    /// <param name="encoder">Name and version: <c>simclr@1</c>.</param>
    public string EmbeddingPath(Partition partition, string encoder) => throw new NotImplementedException();

    /// <summary><c>…/&lt;encoder&gt;.index</c> of the partition, absolute.</summary>
    public string IndexPath(Partition partition, string encoder) => throw new NotImplementedException();

    /// <summary><c>…/&lt;task&gt;.scores</c> of the partition, absolute: probabilities of the final sweep, an embedding file with d = 1.</summary>
    public string ScorePath(Partition partition, string task) => throw new NotImplementedException();

    /// <summary><c>encoders/&lt;name&gt;@&lt;version&gt;</c>, absolute; created when missing.</summary>
    public string EncoderDirectory(string encoder) => throw new NotImplementedException();

    /// <summary>Folder for what is under way and can be resumed: <c>.work/&lt;purpose&gt;</c>, absolute; created when missing.</summary>
    public string WorkDirectory(string purpose) => throw new NotImplementedException();

    /// <summary>Opens the partition's manifest.</summary>
    public ManifestReader OpenManifest(Partition partition) => throw new NotImplementedException();

    /// <summary>Record of an image by id; keeps a few manifests open. Thread-safe.</summary>
    /// <exception cref="WorkspaceException">No such image.</exception>
    public Task<ImageRecord> GetImageAsync(ImageId id, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>
    /// Takes an exclusive lock between processes for as long as the result lives; waits for it. For verbs that rewrite the same artefact.
    /// Released by the operating system when the process dies.
    /// </summary>
    public Task<IDisposable> LockAsync(string name, CancellationToken cancellationToken) => throw new NotImplementedException();

    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
