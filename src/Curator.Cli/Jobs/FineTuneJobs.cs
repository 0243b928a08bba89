using Curator.Core;
using Curator.Core.Shards;
using Curator.Learning.Supervised;
using Curator.Learning.Training;

namespace Curator.Cli.Jobs;

/// <summary>Supervised training on the labels of a task: the bridge between the label store and <see cref="FineTuning"/>.</summary>
internal static class FineTuneJobs
{
    /// <summary>Learns from the present answers of a task; "unsure" teaches nothing.</summary>
    /// <exception cref="CuratorException">No such task, too few labels, no such encoder.</exception>
    public static async Task<FineTuneReport> RunAsync(
        Workspace workspace, string taskName, FineTuneOptions options, IProgress<StageProgress>? progress, CancellationToken cancellationToken)
    {
        var (labels, classes) = await LabelsAsync(workspace, taskName, cancellationToken);
        return await FineTuning.RunAsync(workspace, options, taskName, classes, labels, progress, cancellationToken);
    }

    /// <summary>The present answers of a task and its classes.</summary>
    public static async Task<(IReadOnlyList<LabeledImage> Labels, IReadOnlyList<string> Classes)> LabelsAsync(Workspace workspace, string taskName, CancellationToken cancellationToken)
    {
        var task = await workspace.Labels.GetTaskAsync(taskName, cancellationToken);
        var labels = new List<LabeledImage>();
        foreach (var state in await workspace.Labels.GetStatesAsync(taskName, cancellationToken))
        {
            var number = state.Value is null ? -1 : task.Classes.ToList().IndexOf(state.Value);
            if (number >= 0) labels.Add(new LabeledImage(state.Image, number));
        }
        return (labels, task.Classes);
    }

    /// <summary>What both ways of training have in common comes from the settings of <c>train</c>.</summary>
    public static FineTuneOptions Settings(FineTuneOptions tune, TrainOptions train, string name) => tune with
    {
        Name = name, From = train.From, Architecture = train.Architecture, Width = train.Width, ImageSize = train.ImageSize, EmbeddingSize = train.EmbeddingSize,
        Preset = train.Preset, Preprocessing = train.Preprocessing, Seed = train.Seed, Threads = train.Threads,
    };
}
