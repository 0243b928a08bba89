using Curator.Core;
using Curator.Core.Catalogs;
using Curator.Core.Labels;
using Curator.Labeling.Labelers;
using Curator.Labeling.Rounds;
using Curator.Learning.Embedding;
using Curator.Learning.Supervised;
using Curator.Search.Indexes;
using Curator.Server;

namespace Curator.Cli.Jobs;

/// <summary>
/// Rounds with one step between them: after so many labels the encoder is trained on them, all pictures are embedded anew, indexes are brought up to date, and the rounds go on
/// with the better features. The catalog remembers the encoder, so that a session that was killed goes on where it was: before, within or after the step.
/// </summary>
/// <param name="after">Labels before the step.</param>
/// <param name="from">Encoder whose weights are the start; null for random weights.</param>
internal sealed class FineTunedSession(CommandContext context, Workspace workspace, LabelingTask task, int after, string? from)
{
    private string Key => $"learn.{task.Name}.tuned";

    /// <inheritdoc cref="LearningSession.RunAsync"/>
    public async Task<LearnReport> RunAsync(Truth? truth, LearnOptions options, ServeOptions serve, CancellationToken cancellationToken)
    {
        var tuned = await workspace.Catalog.GetValueAsync(Key, cancellationToken);
        if (tuned is null)
        {
            var first = await new LearningSession(context, workspace, task).RunAsync(truth, options with { LabelBudget = Math.Min(after, options.LabelBudget ?? int.MaxValue) }, serve, cancellationToken);
            if (first.Stop != StopReason.Budget || first.Labels + (first.Rounds.Count > 0 ? first.Rounds[^1].Unsure : 0) < after) return first;
            tuned = await TuneAsync(cancellationToken);
            await workspace.Catalog.SetValueAsync(Key, tuned, cancellationToken);
        }
        await workspace.Labels.SetTaskEncoderAsync(task.Name, tuned, cancellationToken);
        return await new LearningSession(context, workspace, task with { Encoder = tuned }).RunAsync(truth, options, serve, cancellationToken);
    }

    /// <returns>Id of the tuned encoder, by which everything is embedded.</returns>
    private async Task<string> TuneAsync(CancellationToken cancellationToken)
    {
        var before = await workspace.Catalog.GetEncoderAsync(task.Encoder, cancellationToken);
        var encoder = await TrainedEncoderAsync(cancellationToken)
            ?? (await FineTuneJobs.RunAsync(workspace, task.Name, new FineTuneOptions { Name = task.Name, From = from }, context.Progress, cancellationToken)).Encoder;
        await Embedding.EmbedAsync(workspace, new EmbedOptions { Encoder = encoder.Id }, context.Engine, context.Progress, cancellationToken);
        var partitions = await workspace.Catalog.GetPartitionsAsync(cancellationToken);
        if (partitions.Any(p => File.Exists(workspace.IndexPath(p, before.Id))))
            await Indexing.IndexAsync(workspace, encoder, new IndexOptions(), new DeltaOptions(), context.Engine, context.Progress, cancellationToken);
        context.Terminal.Note($"The rounds go on with {encoder.Id}, trained on the labels so far.");
        return encoder.Id;
    }

    /// <summary>
    /// The encoder of a step that was killed after its training; null when it has still to be trained. Which encoders of the task's name were there before the step is
    /// remembered first, so that a training of another day is not taken for it.
    /// </summary>
    private async Task<EncoderRow?> TrainedEncoderAsync(CancellationToken cancellationToken)
    {
        var key = $"learn.{task.Name}.tuning";
        var named = (await workspace.Catalog.GetEncodersAsync(cancellationToken)).Where(e => e.Name == task.Name).ToList();
        if (await workspace.Catalog.GetValueAsync(key, cancellationToken) is { } earlier)
            return named.Find(e => !earlier.Split(' ').Contains(e.Id));
        await workspace.Catalog.SetValueAsync(key, string.Join(' ', named.Select(e => e.Id)), cancellationToken);
        return null;
    }
}
