using System.Text.Json;
using Curator.Core;
using Curator.Core.Embeddings;
using Curator.Core.Files;
using Curator.Core.Images;
using Curator.Core.Labels;
using Curator.Core.Shards;
using Curator.Labeling.Metrics;
using Curator.Labeling.Rounds;

namespace Curator.Labeling.Classification;

/// <summary>
/// Scores every image of the archive with the task's head and decides the threshold. Sharded and resumable: a range that is scored stays scored, a partition
/// whose score file was made by the same head from the same embeddings is left as it is. Human labels always win over the threshold.
/// Memory: 4 bytes an image for the threshold.
/// </summary>
public static class Classifier
{
    private const long ShardRows = 1 << 16;
    private const int CopyRows = 1 << 16;

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <exception cref="WorkspaceException">Nothing is embedded, or of two classes one has no label yet.</exception>
    public static async Task<ClassifyReport> ClassifyAsync(
        Workspace workspace, LabelingTask task, IShardEngine engine, IProgress<StageProgress>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentNullException.ThrowIfNull(task);
        using var alone = await workspace.LockAsync($"classify-{task.Name}", cancellationToken);
        using var source = await EmbeddingSource.OpenAsync(workspace, task.Encoder, cancellationToken);
        var states = await workspace.Labels.GetStatesAsync(task.Name, cancellationToken);
        var settings = await HeadSettings.LoadAsync(workspace, task.Name, source.Encoder.Id, cancellationToken);
        var trained = HeadTrainer.Train(source, HeadTrainer.FitScaler(source), task, states, settings, cancellationToken)
            ?? throw new WorkspaceException(
                $"The task {task.Name} has {states.Count(s => s.Value is not null)} labels, but needs at least one each of two classes ({string.Join(", ", task.Classes)}).",
                $"Label some images: curator learn {task.Name}");
        var head = trained.Head.Fingerprint();
        AtomicFile.WriteText(ClassifyStage.HeadPath(workspace, task.Name, head), trained.Head.ToJson());
        var scored = 0;
        var prefix = $"{task.Name}.{head[..12]}.";
        var stale = source.Parts.Where(p => !IsCurrent(workspace.ScorePath(p.Partition, task.Name), p, head)).ToList();
        if (stale.Count > 0)
        {
            var specifications = stale.SelectMany(p => Plan(task, source.Encoder.Id, p, head)).ToList();
            var shards = specifications.Select(s => new ShardSpec(
                new ShardKey(ClassifyStage.StageName, $"{prefix}{s.Partition}.{s.Embeddings[..12]}.{s.First / ShardRows:D6}"), JsonSerializer.Serialize(s), s.Count)).ToList();
            // A shard may be recorded as done while its part is gone, when the run was killed while parts were joined and removed.
            if (specifications.Any(s => !File.Exists(ClassifyStage.PartPath(workspace, s))))
                await ForgetLostAsync(workspace, specifications, shards, cancellationToken);
            await engine.RunAsync(workspace, new ClassifyStage(), shards, "images", progress, cancellationToken);
            foreach (var part in stale)
            {
                Join(workspace, task, part, [.. specifications.Where(s => s.Partition == part.Partition.Number)], cancellationToken);
                scored++;
            }
            await workspace.Catalog.RemoveShardsAsync(ClassifyStage.StageName, prefix, cancellationToken);
        }
        foreach (var file in Directory.EnumerateFiles(workspace.WorkDirectory($"classify-{task.Name}")).Where(f => !f.EndsWith($"{head}.head.json", StringComparison.Ordinal)).ToList())
            File.Delete(file);
        var rounds = await workspace.Labels.GetRoundsAsync(task.Name, cancellationToken);
        var asked = await AskedLabels.ReadAsync(workspace, task, states, rounds.Count == 0 ? -1 : rounds.Max(r => r.Number), cancellationToken);
        var report = Decide(workspace, task, source, states, trained, asked, scored);
        await workspace.Catalog.SetValueAsync(Key(task.Name), JsonSerializer.Serialize(report, Json), cancellationToken);
        return report;
    }

    /// <summary>The last finished sweep of a task; null when there was none.</summary>
    public static async Task<ClassifyReport?> GetReportAsync(Workspace workspace, string task, CancellationToken cancellationToken) =>
        await workspace.Catalog.GetValueAsync(Key(task), cancellationToken) is { } json ? JsonSerializer.Deserialize<ClassifyReport>(json, Json) : null;

    private static string Key(string task) => $"classify.{task}";

    private static bool IsCurrent(string path, EmbeddingSource.Part part, string head)
    {
        if (!File.Exists(path)) return false;
        try
        {
            using var file = EmbeddingFile.Open(path, "curator classify", ClassifyStage.ScoreFingerprint(head, part.File.Fingerprint));
            return file.Rows == part.File.Rows && file.Verify().Count == 0;
        }
        catch (CuratorException)
        {
            // Of another head, of other embeddings, or damaged: all reasons to score again.
            return false;
        }
    }

    private static IEnumerable<ClassifyStage.Specification> Plan(LabelingTask task, string encoder, EmbeddingSource.Part part, string head)
    {
        for (long first = 0; first < part.File.Rows; first += ShardRows)
            yield return new ClassifyStage.Specification(
                task.Name, encoder, part.Partition.Number, first, Math.Min(ShardRows, part.File.Rows - first), head, part.File.Fingerprint);
    }

    private static async Task ForgetLostAsync(
        Workspace workspace, List<ClassifyStage.Specification> specifications, List<ShardSpec> shards, CancellationToken cancellationToken)
    {
        for (var i = 0; i < shards.Count; i++)
            if (!File.Exists(ClassifyStage.PartPath(workspace, specifications[i])))
                await workspace.Catalog.RemoveShardsAsync(ClassifyStage.StageName, shards[i].Key.Id, cancellationToken);
    }

    private static void Join(Workspace workspace, LabelingTask task, EmbeddingSource.Part part, IReadOnlyList<ClassifyStage.Specification> ranges, CancellationToken cancellationToken)
    {
        var columns = ClassifyStage.ScoreColumns(task.Classes.Count);
        using var writer = EmbeddingWriter.Create(
            workspace.ScorePath(part.Partition, task.Name), part.File.Rows, columns, EmbeddingPrecision.Single, ClassifyStage.ScoreFingerprint(ranges[0].Head, ranges[0].Embeddings));
        var scores = new float[CopyRows * columns];
        foreach (var range in ranges)
        {
            using var file = EmbeddingFile.Open(ClassifyStage.PartPath(workspace, range), "curator classify");
            for (long row = 0; row < file.Rows; row += CopyRows)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var block = scores.AsSpan(0, (int)Math.Min(CopyRows, file.Rows - row) * columns);
                file.Read(row, block);
                writer.Append(block);
            }
        }
        writer.Commit();
    }

    private static ClassifyReport Decide(
        Workspace workspace, LabelingTask task, EmbeddingSource source, IReadOnlyList<LabelState> states, TaskHead trained, IReadOnlyList<AskedLabel>[] asked, int scored)
    {
        var classes = task.Classes.Count;
        var human = states.Where(s => s.Value is not null && source.IsEligible(s.Image)).ToDictionary(s => s.Image, s => HeadTrainer.ClassOf(task, s.Value!));
        var open = new List<float>[ClassifyStage.ScoreColumns(classes)];
        for (var c = 0; c < open.Length; c++) open[c] = [];
        long unscored = 0;
        foreach (var part in source.Parts)
        {
            using var file = EmbeddingFile.Open(workspace.ScorePath(part.Partition, task.Name), "curator classify");
            var scores = new float[file.Rows * open.Length];
            file.Read(0, scores);
            for (var row = 0; row < file.Rows; row++)
            {
                if (part.Marked.Contains(row)) continue;
                if (scores[row * open.Length] == 0) unscored++;
                else if (!human.ContainsKey(new ImageId(part.Partition.Number, row)))
                    for (var c = 0; c < open.Length; c++) open[c].Add(scores[row * open.Length + c]);
            }
        }
        var probabilities = open.Select(o => o.ToArray()).ToArray();
        var humanOf = Enumerable.Range(0, classes).Select(c => human.Values.LongCount(v => v == c)).ToArray();
        var threshold = classes == 2 ? Threshold.ForF1(probabilities[0], humanOf[0]) : 0.5f;
        var decided = Enumerable.Range(0, probabilities[0].Length).Select(i => FinalSet.Decide(probabilities, i, threshold)).ToArray();
        var modelOf = Enumerable.Range(0, classes).Select(c => decided.LongCount(v => v == c)).ToArray();
        var estimate = asked[0].Count == 0 ? null : Estimate(asked, probabilities, decided, humanOf);
        return new ClassifyReport(
            task.Name, source.Encoder.Id, trained.Head.Fingerprint(), threshold, decided.Length + human.Count, unscored,
            humanOf[0], human.Count - humanOf[0], modelOf[0], decided.Length - modelOf[0], estimate, scored)
        {
            Classes = classes == 2 ? null : [.. task.Classes.Select((name, c) => new ClassCount(name, humanOf[c], modelOf[c]))],
        };
    }

    private static ArchiveEstimate Estimate(IReadOnlyList<AskedLabel>[] asked, float[][] probabilities, int[] decided, long[] human)
    {
        var draws = asked.Select((labels, c) =>
            ArchiveEstimator.Draw(labels, new EstimateInput(probabilities[c], decided.Select(d => d == c).ToArray(), default, human[c]), seed: 1)).ToList();
        return draws.Count == 1 ? draws[0].Summary() : ArchiveEstimator.Mean(draws);
    }
}
