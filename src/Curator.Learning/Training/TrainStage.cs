using System.Text.Json;
using Curator.Core;
using Curator.Core.Shards;
using Curator.Learning.Encoders;
using Curator.Learning.Native;

namespace Curator.Learning.Training;

/// <summary>
/// Trains one encoder: a single shard, resumable from its checkpoint. The specification is the options and the partitions; the result's
/// summary is <c>{"encoder":"name@version"}</c>. Two processes at once wait for one another.
/// </summary>
public sealed class TrainStage : IShardStage
{
    /// <summary>The stage's name in the catalog and for <c>curator work</c>.</summary>
    public const string StageName = "train";

    private readonly Action<string>? _note;

    public TrainStage()
    {
    }

    /// <param name="note">Hears short states such as <c>loss 1.234</c> while a shard runs in this process.</param>
    internal TrainStage(Action<string> note) => _note = note;

    public string Name => StageName;

    public async Task<ShardResult> RunAsync(Workspace workspace, ShardSpec shard, IProgress<long>? unitsDone, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentNullException.ThrowIfNull(shard);
        var specification = TrainSpecification.Parse(shard.Specification);
        var options = specification.Options;
        options.Check();
        TorchRuntime.EnsureLoaded();
        var purpose = "train-" + specification.Fingerprint[..16];
        using var _ = await workspace.LockAsync(purpose, cancellationToken);

        var pictures = specification.Partitions.Sum(seen => seen.Rows);
        using var pool = await Task.Run(
            () => TrainingPool.OpenAsync(workspace, specification, options.ThreadsOrAll, new Decoding(_note, pictures), cancellationToken), cancellationToken);
        var start = await StartAsync(workspace, specification, cancellationToken);
        var job = new TrainingJob(specification, pool, start, workspace.WorkDirectory(purpose), workspace.Clock, shard.Units, unitsDone, _note, cancellationToken);
        // One thread from the first tensor to the last: dispose scopes and bfloat16 regions belong to a thread.
        var trained = await Task.Factory.StartNew(job.Run, cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        var row = await new EncoderStore(workspace).AddAsync(trained.Card, trained.Files, cancellationToken);
        job.RemoveWork();
        return new ShardResult(shard.Units, pool.Unreadable, JsonSerializer.Serialize(new { encoder = row.Id }));
    }

    private static async Task<IReadOnlyList<Weights.NamedTensor>?> StartAsync(Workspace workspace, TrainSpecification specification, CancellationToken cancellationToken)
    {
        if (specification.Options.From is not { } from) return null;
        var start = await StartingWeights.ResolveAsync(workspace, from, cancellationToken);
        if (start.Fingerprint != specification.Start)
            throw new WorkspaceException($"The weights '{from}' are not those that the training was planned with.", "Start the training again with 'curator train'.");
        return await start.ReadAsync(workspace, specification.Options.Plan(specification.Options.Channels), cancellationToken);
    }

    private sealed class Decoding(Action<string>? note, long total) : IProgress<long>
    {
        public void Report(long value) => note?.Invoke(FormattableString.Invariant($"decoding {value} of {total}"));
    }
}
