using System.Text.Json;
using System.Threading.Channels;
using Curator.Core.Catalogs;

namespace Curator.Core.Shards;

/// <summary>Runs shards on <paramref name="workers"/> tasks of this process. Thread-safe.</summary>
/// <param name="workers">Shards under way at once, from 1.</param>
public sealed class PoolEngine(int workers) : IShardEngine
{
    public int Workers { get; } = workers > 0 ? workers : throw new ArgumentOutOfRangeException(nameof(workers), workers, "At least one worker is needed.");

    public async Task<ShardRunReport> RunAsync(
        Workspace workspace, IShardStage stage, IReadOnlyList<ShardSpec> shards, string unit, IProgress<StageProgress>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentNullException.ThrowIfNull(stage);
        ArgumentNullException.ThrowIfNull(shards);
        await workspace.Catalog.PlanShardsAsync(shards, cancellationToken);
        var total = new ShardProgress(stage.Name, unit, shards.Sum(shard => shard.Units), progress);
        // Holds the plan, which the caller holds already.
        var waiting = Channel.CreateUnbounded<ShardSpec>();
        var tally = new ShardTally();
        var done = (await workspace.Catalog.GetShardsAsync(stage.Name, CommonPrefix(shards), cancellationToken))
            .Where(shard => shard is { State: ShardState.Done, Result: not null })
            .ToDictionary(shard => shard.Spec.Key, shard => shard.Result!);
        foreach (var shard in shards)
        {
            if (done.TryGetValue(shard.Key, out var result))
            {
                total.Begin().Report(shard.Units);
                tally.AddEarlier(result);
            }
            else
            {
                waiting.Writer.TryWrite(shard);
            }
        }

        waiting.Writer.Complete();
        total.Report();
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(_ => Task.Run(() => WorkOffAsync(workspace, stage, waiting.Reader, total, tally, cancellationToken), CancellationToken.None)));
        // A failure says more than the cancellation that may have followed it.
        tally.Failure?.Throw();
        cancellationToken.ThrowIfCancellationRequested();
        return tally.ToReport();
    }

    /// <summary>Does one planned shard (<c>curator work</c>): claims it with a fencing number, runs it, records it. A shard that is done is not run again.</summary>
    /// <exception cref="WorkspaceException">No such shard is planned, or another process has claimed it since.</exception>
    public static async Task<ShardResult> WorkAsync(Workspace workspace, IShardStage stage, string shardId, IProgress<long>? unitsDone, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentNullException.ThrowIfNull(stage);
        var catalog = workspace.Catalog;
        var key = new ShardKey(stage.Name, shardId);
        var planned = await catalog.GetShardAsync(key, cancellationToken) ?? throw ShardTable.NotPlanned(key);
        if (planned is { State: ShardState.Done, Result: { } before }) return before;

        var fence = await catalog.ClaimShardAsync(key, cancellationToken);
        ShardResult result;
        try
        {
            result = await stage.RunAsync(workspace, planned.Spec, unitsDone, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception error)
        {
            try
            {
                await catalog.FinishShardAsync(key, fence, ShardState.Failed, new ShardResult(0, 0, JsonSerializer.Serialize(new { error = error.Message })), CancellationToken.None);
            }
            catch (StorageException)
            {
                // On a full disk neither can be written; what failed first says more, and the shard is claimed again as after a kill.
            }
            throw;
        }

        // What was done is recorded even when the caller gives up in this moment: it costs nothing and need not be done again.
        if (await catalog.FinishShardAsync(key, fence, ShardState.Done, result, CancellationToken.None)) return result;
        if (await catalog.GetShardAsync(key, CancellationToken.None) is { State: ShardState.Done, Result: { } other }) return other;
        throw new WorkspaceException(
            $"Shard '{key}' was claimed by another process after this one began it (fence {fence}); its record is left to that process.",
            "Wait until the other process has ended and run the same command again; what is done is not done twice.");
    }

    private static string CommonPrefix(IReadOnlyList<ShardSpec> shards)
    {
        if (shards.Count == 0) return "";
        var prefix = shards[0].Key.Id.AsSpan();
        foreach (var shard in shards) prefix = prefix[..prefix.CommonPrefixLength(shard.Key.Id)];
        return prefix.ToString();
    }

    private static async Task WorkOffAsync(
        Workspace workspace, IShardStage stage, ChannelReader<ShardSpec> waiting, ShardProgress total, ShardTally tally, CancellationToken cancellationToken)
    {
        while (tally.Failure is null && !cancellationToken.IsCancellationRequested && waiting.TryRead(out var shard))
        {
            var part = total.Begin();
            try
            {
                var result = await WorkAsync(workspace, stage, shard.Key.Id, part, cancellationToken);
                part.Report(shard.Units);
                tally.AddRan(result);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error)
            {
                tally.Fail(error);
            }
        }
    }
}
