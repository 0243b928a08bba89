namespace Curator.Core.Shards;

/// <summary>
/// Something that can be done in shards. <see cref="RunAsync"/> is idempotent: run zero, one or many times, by one or several processes at once, the
/// files it leaves have the same bytes. A stage is stateless; it takes all from the workspace and the shard's specification.
/// </summary>
public interface IShardStage
{
    string Name { get; }

    /// <param name="unitsDone">Units finished in this shard so far.</param>
    Task<ShardResult> RunAsync(Workspace workspace, ShardSpec shard, IProgress<long>? unitsDone, CancellationToken cancellationToken);
}
