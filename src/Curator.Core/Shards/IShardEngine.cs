namespace Curator.Core.Shards;

/// <summary>Runs planned shards to the end: in this process (default), by Slurm, by Kubernetes.</summary>
public interface IShardEngine
{
    /// <summary>
    /// Records the plan in the catalog, skips what is done, runs the rest and returns when all is done. A failing shard stops the run
    /// after the running ones ended and its error is rethrown; a cancelled run leaves a resumable state.
    /// </summary>
    Task<ShardRunReport> RunAsync(
        Workspace workspace,
        IShardStage stage,
        IReadOnlyList<ShardSpec> shards,
        string unit,
        IProgress<StageProgress>? progress,
        CancellationToken cancellationToken);
}
