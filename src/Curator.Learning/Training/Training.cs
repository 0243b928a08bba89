using System.Text.Json;
using Curator.Core;
using Curator.Core.Catalogs;
using Curator.Core.Images;
using Curator.Core.Shards;
using Curator.Learning.Encoders;

namespace Curator.Learning.Training;

/// <summary><c>curator train</c>. Thread-safe.</summary>
public static class Training
{
    /// <summary>
    /// Trains an encoder on the images of the workspace and registers it. Interrupted, it goes on where it was when called again with the same
    /// options; finished with the same options and images before, it returns that encoder at once.
    /// </summary>
    /// <param name="images">What to learn from; null for everything, or a random sample of it.</param>
    /// <exception cref="WorkspaceException">No images, settings that do not go together, or no libtorch on this machine.</exception>
    /// <exception cref="CheckpointException">The loss is no number any more, or the checkpoint is damaged.</exception>
    public static async Task<EncoderRow> TrainAsync(
        Workspace workspace, TrainOptions options, IShardEngine engine, IProgress<StageProgress>? progress, CancellationToken cancellationToken,
        IReadOnlyList<ImageId>? images = null)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(engine);
        options.Check();
        // A name means the newest version now; resumed tomorrow it must mean the same one.
        var start = options.From is { } from ? await StartingWeights.ResolveAsync(workspace, from, cancellationToken) : null;
        if (start is not null) options = options with { From = start.From };
        var partitions = (await workspace.Catalog.GetPartitionsAsync(cancellationToken)).Where(partition => partition.Rows > 0).ToArray();
        if (partitions.Length == 0) throw new WorkspaceException("There are no images to learn from.", "Add some with 'curator add FOLDER'.");
        var specification = new TrainSpecification(options, [.. partitions.Select(partition => new SeenPartition(partition.Name, partition.Rows, partition.Fingerprint))])
        {
            Start = start?.Fingerprint, List = images is null ? null : ImageList.Write(workspace, images),
        };
        var (units, unit) = Units(options, images?.Count ?? partitions.Sum(partition => partition.Rows));
        var shard = new ShardSpec(new ShardKey(TrainStage.StageName, $"{options.EncoderName}.{specification.Fingerprint[..16]}"), specification.ToJson(), units);

        if (await FinishedAsync(workspace, shard.Key, cancellationToken) is { } before) return before;
        var noted = new NotedProgress(progress);
        await engine.RunAsync(workspace, new TrainStage(noted.SetNote), [shard], unit, noted, cancellationToken);
        return await FinishedAsync(workspace, shard.Key, cancellationToken)
            ?? throw new WorkspaceException("The training ended without leaving an encoder.", "Run 'curator train' again: it goes on from its checkpoint.");
    }

    /// <summary>The encoder that a done shard left; a done shard whose encoder is gone is forgotten.</summary>
    private static async Task<EncoderRow?> FinishedAsync(Workspace workspace, ShardKey key, CancellationToken cancellationToken)
    {
        if (await workspace.Catalog.GetShardAsync(key, cancellationToken) is not { State: ShardState.Done, Result: { } result }) return null;
        using var summary = JsonDocument.Parse(result.Summary);
        var id = summary.RootElement.GetProperty("encoder").GetString();
        var row = (await workspace.Catalog.GetEncodersAsync(cancellationToken)).FirstOrDefault(row => row.Id == id);
        if (row is not null && File.Exists(Path.Combine(workspace.EncoderDirectory(row.Id), EncoderCard.FileName))) return row;
        await workspace.Catalog.RemoveShardsAsync(key.Stage, key.Id, cancellationToken);
        return null;
    }

    /// <summary>Minutes are shown as seconds, since their number of steps is not known before; all else as images.</summary>
    private static (long Units, string Unit) Units(TrainOptions options, long images) => options switch
    {
        { Budget: { } budget } => (budget, "images"),
        { Epochs: { } epochs } => (Math.Max(1, (long)(epochs * Math.Min(images, options.Pool))), "images"),
        _ => ((long)Math.Max(1, (options.Minutes ?? TrainOptions.DefaultMinutes) * 60), "seconds"),
    };

    /// <summary>Adds the stage's last note to the engine's numbers.</summary>
    private sealed class NotedProgress(IProgress<StageProgress>? inner) : IProgress<StageProgress>
    {
        private volatile string? _note;
        private StageProgress _last = new(TrainStage.StageName, 0, 0, "");

        public void SetNote(string note)
        {
            _note = note;
            if (_last.Total > 0) inner?.Report(_last with { Note = note });
        }

        public void Report(StageProgress value) => inner?.Report(_last = value with { Note = _note });
    }
}
