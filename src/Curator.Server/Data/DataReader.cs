using System.Globalization;
using System.Text.Json;
using Curator.Core;
using Curator.Core.Catalogs;
using Curator.Learning.Encoders;
using Curator.Server.Rounds;

namespace Curator.Server.Data;

/// <summary>What a project holds and what runs in it, for the data page.</summary>
internal sealed class DataReader(Workspace workspace, LearningJobs jobs)
{
    private const int MostPoints = 240;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public async Task<DataDescription> DescribeAsync(CancellationToken cancellationToken)
    {
        var encoders = await workspace.Catalog.GetEncodersAsync(cancellationToken);
        var partitions = new List<PartitionDescription>();
        foreach (var partition in await workspace.Catalog.GetPartitionsAsync(cancellationToken))
        {
            var marks = await workspace.Catalog.GetImageStatesAsync(partition.Number, cancellationToken);
            var refused = await workspace.Catalog.CountRejectedAsync(partition.Number, cancellationToken);
            partitions.Add(new PartitionDescription(
                partition.Number, partition.Name, partition.Rows,
                marks.Values.CountBy(state => state).OrderBy(c => c.Key).ToDictionary(c => Camel(c.Key.ToString()), c => (long)c.Value),
                refused.Where(r => r.Value > 0).OrderByDescending(r => r.Value).ToDictionary(r => Camel(r.Key.ToString()), r => r.Value),
                [.. encoders.Where(e => File.Exists(workspace.EmbeddingPath(partition, e.Id))).Select(e => e.Id)],
                [.. encoders.Where(e => File.Exists(workspace.IndexPath(partition, e.Id))).Select(e => e.Id)],
                DiskReader.BytesOf(workspace.PartitionDirectory(partition))));
        }
        var stages = (await workspace.Catalog.CountShardsAsync(cancellationToken)).Select(c => new StageDescription(c.Stage, c.State, c.Shards, c.Units, c.Done, c.Skipped)).ToList();
        return new DataDescription(
            Path.GetFileName(workspace.Root), partitions.Sum(p => p.Images), partitions, stages, await RunningAsync(cancellationToken), DiskReader.Read(workspace.Root));
    }

    public async Task<IReadOnlyList<EncoderDescription>> EncodersAsync(CancellationToken cancellationToken)
    {
        var described = new List<EncoderDescription>();
        var store = new EncoderStore(workspace);
        foreach (var row in (await workspace.Catalog.GetEncodersAsync(cancellationToken)).OrderByDescending(e => e.CreatedAt).ThenByDescending(e => e.Version))
        {
            var bytes = DiskReader.BytesOf(workspace.EncoderDirectory(row.Id));
            try
            {
                described.Add(Describe(row, (await store.FindAsync(row.Id, cancellationToken)).Card, bytes));
            }
            catch (CheckpointException e)
            {
                // One damaged card hides no other encoder.
                described.Add(new EncoderDescription(
                    row.Id, row.CreatedAt, row.Dimension, null, null, 0, null, 0, 0, null, null, 0, new Dictionary<string, double>(), new Dictionary<string, string>(), bytes, $"{e.WhatHappened} {e.NextStep}"));
            }
        }
        return described;
    }

    /// <summary>Null when there is no such encoder; empty for one that was not trained here.</summary>
    public async Task<TrainingCurve?> CurveAsync(string encoder, CancellationToken cancellationToken)
    {
        if ((await workspace.Catalog.GetEncodersAsync(cancellationToken)).FirstOrDefault(e => e.Id == encoder) is not { } row) return null;
        var path = Path.Combine(workspace.EncoderDirectory(row.Id), "metrics.jsonl");
        if (!File.Exists(path)) return new TrainingCurve([], [], null);
        var lines = new List<CurveLine>();
        await foreach (var text in File.ReadLinesAsync(path, cancellationToken))
        {
            try
            {
                if (JsonSerializer.Deserialize<CurveLine>(text, Json) is { } line) lines.Add(line);
            }
            catch (JsonException)
            {
                // A damaged line costs a point of the curve.
            }
        }
        var speeds = lines.Where(l => l.ImagesPerSecond > 0).Select(l => l.ImagesPerSecond!.Value).Order().ToArray();
        return new TrainingCurve(Thin(lines, l => l.Loss), Thin(lines, l => l.Validation), speeds.Length == 0 ? null : speeds[speeds.Length / 2]);
    }

    private async Task<IReadOnlyList<RunningWork>> RunningAsync(CancellationToken cancellationToken)
    {
        var running = new List<RunningWork>();
        foreach (var task in await workspace.Labels.GetTasksAsync(cancellationToken))
        {
            var job = await jobs.GetAsync(task.Name, cancellationToken);
            var elsewhere = jobs.RunElsewhere(task.Name);
            if (job.State is not (LearningState.Running or LearningState.Stopping) && !elsewhere) continue;
            var (done, total) = jobs.ProgressOf(task.Name);
            running.Add(new RunningWork(task.Name, Camel((job.Request?.Work ?? LearningWork.Rounds).ToString()), Camel(job.State.ToString()), done, total, elsewhere));
        }
        return running;
    }

    private static EncoderDescription Describe(EncoderRow row, EncoderCard card, long bytes)
    {
        var settings = new Dictionary<string, string>();
        if (card.Lineage?.Settings is { ValueKind: JsonValueKind.Object } given)
            foreach (var setting in given.EnumerateObject())
                if (setting.Value.ValueKind is JsonValueKind.String or JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False)
                    settings[setting.Name] = setting.Value.ToString();
        return new EncoderDescription(
            row.Id, row.CreatedAt, row.Dimension, Camel(card.Kind.ToString()), card.Architecture.Length > 0 ? card.Architecture : null, card.ImageSize, card.Preprocessing,
            card.Lineage?.Images ?? 0, card.Lineage?.Steps ?? 0, card.Lineage?.From is { } from ? Path.GetFileName(from) : null, card.Lineage?.Task, card.Lineage?.Labels ?? 0,
            card.Metrics.Where(m => double.IsFinite(m.Value)).ToDictionary(), settings, bytes, null);
    }

    /// <summary>Means over equal stretches of the steps.</summary>
    private static List<CurvePoint> Thin(List<CurveLine> lines, Func<CurveLine, double?> value)
    {
        var points = lines.Where(l => value(l) is { } v && double.IsFinite(v)).ToList();
        var stretch = Math.Max(1, (points.Count + MostPoints - 1) / MostPoints);
        return [.. points.Chunk(stretch).Select(chunk => new CurvePoint(chunk.Average(l => (double)l.Step), chunk.Average(l => value(l)!.Value)))];
    }

    private static string Camel(string name) => string.Create(CultureInfo.InvariantCulture, $"{char.ToLowerInvariant(name[0])}{name[1..]}");

    private sealed record CurveLine(long Step, double? Loss, double? ImagesPerSecond, double? Validation);
}
