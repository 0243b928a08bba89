using Curator.Core;
using Curator.Core.Catalogs;
using Curator.Core.Images;
using Curator.Imagery.Health;

namespace Curator.Cli;

/// <summary>One partition as <c>status</c> shows it.</summary>
/// <param name="EmbeddedWith">Encoder ids that have an embedding file here.</param>
/// <param name="Examples">A few files that vanished or changed, when they were looked at.</param>
/// <param name="Health">Pictures that can be read and may be of little use.</param>
/// <param name="RefusedExamples">The first files that could not be read, with their reason.</param>
internal sealed record PartitionStatus(
    string Name, long Images, IReadOnlyDictionary<ImageProblem, long> Refused, long Vanished, long Changed,
    IReadOnlyList<string> EmbeddedWith, IReadOnlyList<string> Examples, IReadOnlyList<HealthFinding> Health, IReadOnlyList<string> RefusedExamples);

/// <summary>One task as <c>status</c> shows it.</summary>
/// <param name="Answers">Present answers by class; <c>unsure</c> where a person could not tell.</param>
internal sealed record TaskStatusLine(string Name, string Question, IReadOnlyDictionary<string, long> Answers, int Rounds);

/// <summary>What the project holds.</summary>
internal sealed record StatusReport(
    string Workspace, IReadOnlyList<PartitionStatus> Partitions, IReadOnlyList<EncoderRow> Encoders, IReadOnlyList<TaskStatusLine> Tasks)
{
    /// <param name="checkSources">Compare size and time of every source file with the manifest, and remember what differs.</param>
    public static async Task<StatusReport> CollectAsync(Workspace workspace, bool checkSources, CancellationToken cancellationToken)
    {
        var encoders = await workspace.Catalog.GetEncodersAsync(cancellationToken);
        var partitions = new List<PartitionStatus>();
        foreach (var partition in await workspace.Catalog.GetPartitionsAsync(cancellationToken))
        {
            IReadOnlyList<string> examples = [];
            if (checkSources && partition.Rows > 0)
                examples = [.. (await SourceCheck.RunAsync(workspace, partition, false, null, cancellationToken)).Examples.Select(e => $"{e.Uri}: {e.State.ToString().ToLowerInvariant()}")];
            var states = await workspace.Catalog.GetImageStatesAsync(partition.Number, cancellationToken);
            partitions.Add(new PartitionStatus(
                partition.Name,
                partition.Rows,
                await workspace.Catalog.CountRejectedAsync(partition.Number, cancellationToken),
                states.Values.LongCount(s => s == ImageState.Vanished),
                states.Values.LongCount(s => s == ImageState.Changed),
                [.. encoders.Where(e => File.Exists(workspace.EmbeddingPath(partition, e.Id))).Select(e => e.Id)],
                examples,
                PictureHealth.Of(workspace, partition, cancellationToken),
                await RefusedExamplesAsync(workspace, partition, cancellationToken)));
        }
        var tasks = new List<TaskStatusLine>();
        foreach (var task in await workspace.Labels.GetTasksAsync(cancellationToken))
        {
            var states = await workspace.Labels.GetStatesAsync(task.Name, cancellationToken);
            tasks.Add(new TaskStatusLine(
                task.Name, task.Question,
                states.GroupBy(s => s.Value ?? "unsure").OrderByDescending(g => g.LongCount()).ToDictionary(g => g.Key, g => g.LongCount()),
                (await workspace.Labels.GetRoundsAsync(task.Name, cancellationToken)).Count));
        }
        return new StatusReport(workspace.Root, partitions, encoders, tasks);
    }

    private static async Task<IReadOnlyList<string>> RefusedExamplesAsync(Workspace workspace, Partition partition, CancellationToken cancellationToken)
    {
        var examples = new List<string>();
        await foreach (var file in workspace.Catalog.GetRejectedAsync(partition.Number, cancellationToken))
        {
            examples.Add($"{file.Uri}: {file.Detail}");
            if (examples.Count == PictureHealth.MaxExamples) break;
        }

        return examples;
    }
}
