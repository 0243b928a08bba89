namespace Curator.Core.Shards;

/// <summary>One shard's name: <c>curator work STAGE SHARD</c>.</summary>
/// <param name="Stage">ingest, train, embed, index, classify …</param>
/// <param name="Id">Unique in its stage, file-name safe: <c>3.simclr-1.00012</c>.</param>
public readonly record struct ShardKey(string Stage, string Id)
{
    public override string ToString() => $"{Stage} {Id}";
}

/// <summary>A planned piece of work, a row of the catalog.</summary>
/// <param name="Specification">JSON: all that a process on another machine needs to do the shard, given the workspace.</param>
/// <param name="Units">Size for progress and balance: images, rows, steps.</param>
public sealed record ShardSpec(ShardKey Key, string Specification, long Units);

/// <summary>Where a shard stands. Truth is here and in the content-addressed files, never in a scheduler.</summary>
public enum ShardState
{
    Planned,
    Running,
    Done,
    Failed,
}

/// <summary>What a shard left behind.</summary>
/// <param name="Skipped">Units that could not be done, each recorded elsewhere with its reason.</param>
/// <param name="Summary">JSON kept in the catalog, or empty.</param>
public sealed record ShardResult(long Done, long Skipped, string Summary = "");

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

/// <summary>Progress of a whole stage, for a bar with a rate.</summary>
/// <param name="Unit">Plural noun: images, rows, steps.</param>
/// <param name="Note">A short state such as <c>loss 1.234</c>, or null.</param>
public readonly record struct StageProgress(string Stage, long Done, long Total, string Unit, string? Note = null);

/// <summary>How a run of shards ended.</summary>
/// <param name="AlreadyDone">Shards that an earlier run had finished.</param>
public sealed record ShardRunReport(int Ran, int AlreadyDone, long UnitsDone, long UnitsSkipped);

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

/// <summary>Runs shards on <paramref name="workers"/> tasks of this process.</summary>
public sealed class PoolEngine(int workers) : IShardEngine
{
    public int Workers => workers;

    public Task<ShardRunReport> RunAsync(
        Workspace workspace, IShardStage stage, IReadOnlyList<ShardSpec> shards, string unit, IProgress<StageProgress>? progress, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    /// <summary>Does one planned shard (<c>curator work</c>): claims it with a fencing number, runs it, records it.</summary>
    /// <exception cref="WorkspaceException">No such shard is planned.</exception>
    public static Task<ShardResult> WorkAsync(Workspace workspace, IShardStage stage, string shardId, IProgress<long>? unitsDone, CancellationToken cancellationToken) =>
        throw new NotImplementedException();
}
