using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Curator.Core;
using Curator.Core.Embeddings;
using Curator.Core.Shards;
using Curator.Labeling.Heads;

namespace Curator.Labeling.Classification;

/// <summary>
/// Scores a range of one partition's rows with a stored head. Leaves a score file of the range under <c>.work/classify-TASK</c>; <see cref="Classifier"/> joins the
/// ranges. Probabilities are kept at 1e-7 or more, because 0 means that the image has no embedding.
/// </summary>
public sealed class ClassifyStage : IShardStage
{
    public const string StageName = "classify";

    private const float SmallestProbability = 1e-7f;
    private const int BlockRows = 4096;

    public string Name => StageName;

    public async Task<ShardResult> RunAsync(Workspace workspace, ShardSpec shard, IProgress<long>? unitsDone, CancellationToken cancellationToken)
    {
        var work = JsonSerializer.Deserialize<Specification>(shard.Specification)
            ?? throw new WorkspaceException($"The shard {shard.Key} has no specification.", "Plan it again with: curator classify TASK");
        var partition = (await workspace.Catalog.GetPartitionsAsync(cancellationToken)).Single(p => p.Number == work.Partition);
        var head = TrainedHead.FromJson(await File.ReadAllTextAsync(HeadPath(workspace, work.Task, work.Head), cancellationToken));
        var command = $"curator embed --encoder {work.Encoder}";
        using var embeddings = EmbeddingFile.Open(workspace.EmbeddingPath(partition, work.Encoder), command, work.Embeddings);
        using var writer = EmbeddingWriter.Create(PartPath(workspace, work), work.Count, ScoreColumns(head.Classes), EmbeddingPrecision.Single, ScoreFingerprint(work.Head, work.Embeddings));
        var rows = new float[BlockRows * embeddings.Dimension];
        var columns = ScoreColumns(head.Classes);
        var scores = new float[BlockRows * columns];
        long absent = 0;
        for (long done = 0; done < work.Count;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var count = (int)Math.Min(BlockRows, work.Count - done);
            var block = rows.AsSpan(0, count * embeddings.Dimension);
            embeddings.Read(work.First + done, block);
            var target = scores.AsSpan(0, count * columns);
            if (columns == 1) head.PositiveProbabilities(block, target);
            else head.Probabilities(block, target);
            foreach (ref var p in target) p = Math.Max(p, SmallestProbability);
            for (var i = 0; i < count; i++)
            {
                if (!embeddings.IsAbsent(work.First + done + i)) continue;
                target.Slice(i * columns, columns).Clear();
                absent++;
            }
            writer.Append(target);
            done += count;
            unitsDone?.Report(done);
        }
        writer.Commit();
        return new ShardResult(work.Count - absent, absent);
    }

    /// <summary>Numbers of a scored row: the positive class's probability of two, all of more.</summary>
    internal static int ScoreColumns(int classes) => classes == 2 ? 1 : classes;

    /// <summary>What a score file was made from: SHA-256 over head and embeddings.</summary>
    internal static string ScoreFingerprint(string head, string embeddings) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"scores 1\n{head}\n{embeddings}\n")));

    internal static string HeadPath(Workspace workspace, string task, string head) => Path.Combine(workspace.WorkDirectory($"classify-{task}"), $"{head}.head.json");

    internal static string PartPath(Workspace workspace, Specification work) => Path.Combine(
        workspace.WorkDirectory($"classify-{work.Task}"), $"{ScoreFingerprint(work.Head, work.Embeddings)[..16]}.{work.Partition}.{work.First}.scores");

    /// <param name="Head">Fingerprint of the head.</param>
    /// <param name="Embeddings">Fingerprint of the embedding file.</param>
    internal sealed record Specification(string Task, string Encoder, int Partition, long First, long Count, string Head, string Embeddings);
}
