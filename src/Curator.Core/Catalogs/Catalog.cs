using Curator.Core.Images;
using Curator.Core.Shards;

namespace Curator.Core.Catalogs;

/// <summary>What can happen to an image after it was added. Sparse: only images that are not as they were have a row.</summary>
public enum ImageState
{
    /// <summary>The source file is no longer there.</summary>
    Vanished,

    /// <summary>The source file has other bytes than when it was added.</summary>
    Changed,

    /// <summary>Marked as a duplicate of another image, which is kept.</summary>
    Duplicate,

    /// <summary>Hidden by a person.</summary>
    Hidden,
}

/// <summary>An encoder as the catalog knows it; the rest is in its folder's <c>encoder.json</c>.</summary>
/// <param name="Name">Letters, digits, dash: <c>simclr</c>.</param>
/// <param name="Version">From 1.</param>
/// <param name="Fingerprint">SHA-256 of weights and preprocessing.</param>
public sealed record EncoderRow(string Name, int Version, string Fingerprint, int Dimension, DateTimeOffset CreatedAt)
{
    /// <summary><c>simclr@1</c>.</summary>
    public string Id => $"{Name}@{Version}";
}

/// <summary>
/// The transactional rows of the workspace that are not labels. Every method is one transaction; thread-safe; safe between processes.
/// </summary>
public sealed class Catalog
{
    public Task<IReadOnlyList<Partition>> GetPartitionsAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    public Task<Partition> GetOrAddPartitionAsync(string product, string resolution, string period, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    /// <summary>Records a new manifest revision: its rows and fingerprint. Earlier revisions are kept, so that files made from them can be told from foreign ones.</summary>
    public Task SetManifestAsync(int partition, long rows, string fingerprint, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Fingerprint of the partition's first <paramref name="rows"/> rows, if a revision had just those; else null.</summary>
    public Task<string?> GetRevisionAsync(int partition, long rows, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Replaces the record of a refused file (same partition and uri).</summary>
    public Task AddRejectedAsync(int partition, IReadOnlyCollection<RejectedFile> files, CancellationToken cancellationToken) => throw new NotImplementedException();

    public IAsyncEnumerable<RejectedFile> GetRejectedAsync(int partition, CancellationToken cancellationToken) => throw new NotImplementedException();

    public Task<IReadOnlyDictionary<ImageProblem, long>> CountRejectedAsync(int partition, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Marks images, or clears the mark where <paramref name="state"/> is null.</summary>
    public Task SetImageStateAsync(IReadOnlyCollection<ImageId> images, ImageState? state, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>All marked images of a partition.</summary>
    public Task<IReadOnlyDictionary<long, ImageState>> GetImageStatesAsync(int partition, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Registers an encoder under the next free version of its name; an encoder with the same fingerprint is returned as it is.</summary>
    public Task<EncoderRow> AddEncoderAsync(string name, string fingerprint, int dimension, CancellationToken cancellationToken) => throw new NotImplementedException();

    public Task<IReadOnlyList<EncoderRow>> GetEncodersAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <param name="nameOrId"><c>simclr</c> (newest version) or <c>simclr@2</c>; null for the newest encoder of all.</param>
    /// <exception cref="WorkspaceException">No such encoder; names those there are.</exception>
    public Task<EncoderRow> GetEncoderAsync(string? nameOrId, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Adds shards that are not there yet; those that are keep their state.</summary>
    public Task PlanShardsAsync(IReadOnlyCollection<ShardSpec> shards, CancellationToken cancellationToken) => throw new NotImplementedException();

    public Task<(ShardSpec Spec, ShardState State, ShardResult? Result)?> GetShardAsync(ShardKey key, CancellationToken cancellationToken) => throw new NotImplementedException();

    public Task<IReadOnlyList<(ShardSpec Spec, ShardState State, ShardResult? Result)>> GetShardsAsync(string stage, string idPrefix, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    /// <summary>Claims a shard and returns its fencing number, one higher than any before.</summary>
    public Task<long> ClaimShardAsync(ShardKey key, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Records the end of a shard; false when another claim with a higher number exists (the caller is a zombie).</summary>
    public Task<bool> FinishShardAsync(ShardKey key, long fence, ShardState state, ShardResult result, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Forgets shards whose id starts with <paramref name="idPrefix"/>, once their common result is published.</summary>
    public Task RemoveShardsAsync(string stage, string idPrefix, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>A small named JSON value of the workspace (state of <c>find</c>, demo …); null when absent.</summary>
    public Task<string?> GetValueAsync(string key, CancellationToken cancellationToken) => throw new NotImplementedException();

    public Task SetValueAsync(string key, string? json, CancellationToken cancellationToken) => throw new NotImplementedException();
}
