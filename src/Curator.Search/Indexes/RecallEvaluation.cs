using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Diagnostics;
using Curator.Core;
using Curator.Core.Catalogs;
using Curator.Core.Images;
using Curator.Core.Shards;

namespace Curator.Search.Indexes;

/// <summary>How <see cref="RecallEvaluation"/> measures.</summary>
public sealed record RecallOptions
{
    /// <summary>Recall@10 asked for.</summary>
    [Description("Share of the true ten nearest images that a search shall find.")]
    [Range(0.5, 1.0)]
    public double Recall { get; init; } = 0.95;

    /// <summary>Stored images used as queries, drawn evenly over all partitions.</summary>
    [Description("Images used as queries.")]
    [Range(1, 100_000)]
    public int Queries { get; init; } = 200;

    /// <summary>Seed of the draw.</summary>
    [Description("Seed of the draw.")]
    public int Seed { get; init; } = 1;

    /// <summary>Searches over fewer rows in all are exact; kept with the choice.</summary>
    [Description("Searches over fewer images in all are exact.")]
    [Range(0, int.MaxValue)]
    public int ExactBelow { get; init; } = new SearchTuning().ExactBelow;
}

/// <summary>A setting and what it gives.</summary>
/// <param name="RecallAt10">Share of the true ten nearest that were found, 0 to 1.</param>
/// <param name="RecallAt50">The same of fifty.</param>
/// <param name="QueriesPerSecond">Searches for ten, one after the other, wall time, each on as many threads as the search uses.</param>
public sealed record RecallPoint(SearchTuning Tuning, double RecallAt10, double RecallAt50, double QueriesPerSecond);

/// <summary>The measured curve and what was chosen from it.</summary>
/// <param name="Curve">By rising probes.</param>
/// <param name="Chosen">The fewest probes that reach the recall asked for, or the most of the curve.</param>
/// <param name="Reached">Whether the chosen one reaches it.</param>
/// <param name="ExactQueriesPerSecond">The exhaustive search on the same queries.</param>
public sealed record RecallReport(IReadOnlyList<RecallPoint> Curve, SearchTuning Chosen, bool Reached, double ExactQueriesPerSecond, int Queries, long Rows, int Partitions);

/// <summary>
/// Measures recall against speed on the user's own embeddings: stored images as queries, the exhaustive search as the truth, the query image itself left out of both.
/// </summary>
public static class RecallEvaluation
{
    private static readonly int[] s_probes = [1, 2, 4, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256];

    /// <summary>Measures until the recall asked for is clearly passed, and makes the choice the encoder's default.</summary>
    /// <exception cref="WorkspaceException">Nothing is embedded by this encoder, or no embedded image is visible.</exception>
    public static async Task<RecallReport> RunAsync(
        Workspace workspace, EncoderRow encoder, RecallOptions options, IProgress<StageProgress>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        using var exact = new PartitionedSearch(workspace, encoder, new PartitionedSearchOptions { Exact = true });
        var images = await DrawAsync(exact, options, cancellationToken);
        var truth = new List<(float[] Embedding, ImageId Image, List<ImageId> Nearest)>();
        var watch = Stopwatch.StartNew();
        foreach (var image in images)
        {
            if (await exact.GetEmbeddingAsync(image, cancellationToken) is { } embedding)
                truth.Add((embedding, image, await NearestAsync(exact, embedding, image, 50, cancellationToken)));
            progress?.Report(new StageProgress("evaluate", truth.Count, images.Count, "queries", "exact"));
        }

        if (truth.Count == 0) throw new WorkspaceException($"No image is embedded by {encoder.Id}; all rows are absent.", $"Run 'curator embed --encoder {encoder.Id}' again.");
        var exactRate = truth.Count / watch.Elapsed.TotalSeconds;
        var curve = new List<RecallPoint>();
        var (rows, partitions, mostProbes) = await SizeAsync(workspace, encoder, options, cancellationToken);
        foreach (var probes in s_probes)
        {
            curve.Add(await MeasureAsync(workspace, encoder, new SearchTuning { Probes = probes, ExactBelow = options.ExactBelow }, truth, cancellationToken));
            progress?.Report(new StageProgress("evaluate", curve.Count, s_probes.Length, "settings", $"{probes} lists: recall {curve[^1].RecallAt10:F3}"));
            if (probes >= mostProbes || curve[^1].RecallAt10 >= Math.Max(0.995, options.Recall + ((1 - options.Recall) / 2))) break;
        }

        var best = curve.FirstOrDefault(point => point.RecallAt10 >= options.Recall) ?? curve[^1];
        // An exact search says nothing of probes, and the archive may grow: then the defaults stand.
        var chosen = mostProbes == 1
            ? new SearchTuning { ExactBelow = options.ExactBelow, MeasuredRecall = best.RecallAt10 }
            : best.Tuning with { MeasuredRecall = best.RecallAt10 };
        await chosen.SaveAsync(workspace, encoder, cancellationToken);
        return new RecallReport(curve, chosen, best.RecallAt10 >= options.Recall, exactRate, truth.Count, rows, partitions);
    }

    private static async Task<RecallPoint> MeasureAsync(
        Workspace workspace, EncoderRow encoder, SearchTuning tuning, List<(float[] Embedding, ImageId Image, List<ImageId> Nearest)> truth, CancellationToken cancellationToken)
    {
        using var search = new PartitionedSearch(workspace, encoder, new PartitionedSearchOptions { Tuning = tuning });
        await NearestAsync(search, truth[0].Embedding, truth[0].Image, 10, cancellationToken);
        double at10 = 0, at50 = 0, seconds = 0;
        foreach (var (embedding, image, nearest) in truth)
        {
            var watch = Stopwatch.StartNew();
            var ten = await NearestAsync(search, embedding, image, 10, cancellationToken);
            seconds += watch.Elapsed.TotalSeconds;
            var fifty = await NearestAsync(search, embedding, image, 50, cancellationToken);
            at10 += Share(ten, nearest.Take(10).ToList());
            at50 += Share(fifty, nearest);
        }

        return new RecallPoint(tuning, at10 / truth.Count, at50 / truth.Count, truth.Count / seconds);
    }

    /// <summary>One more is asked for, since the image finds itself.</summary>
    private static async Task<List<ImageId>> NearestAsync(PartitionedSearch search, float[] embedding, ImageId self, int count, CancellationToken cancellationToken)
    {
        var hits = await search.SearchAsync(new SearchQuery { Positives = [embedding], Count = count + 1, Without = [] }, cancellationToken);
        return [.. hits.Select(hit => hit.Image).Where(image => image != self).Take(count)];
    }

    private static double Share(List<ImageId> found, List<ImageId> expected) =>
        expected.Count == 0 ? 1 : found.Intersect(expected).Count() / (double)expected.Count;

    private static async Task<List<ImageId>> DrawAsync(PartitionedSearch search, RecallOptions options, CancellationToken cancellationToken)
    {
        using var plan = await search.PlanAsync(new SearchQuery { Positives = [], Without = [] }, cancellationToken);
        var open = plan.Open.Values;
        var random = new Random(options.Seed);
        var count = (int)Math.Min(options.Queries, plan.Rows);
        var images = new List<ImageId>(count);
        for (var i = 0; i < count; i++)
        {
            var row = random.NextInt64(i * plan.Rows / count, (i + 1) * plan.Rows / count);
            foreach (var partition in open)
            {
                if (row < partition.Embeddings.Rows)
                {
                    images.Add(new ImageId(partition.Partition.Number, row));
                    break;
                }

                row -= partition.Embeddings.Rows;
            }
        }

        return images;
    }

    /// <summary>Rows and partitions, and the probes at which all lists are looked at: 1 when the search is exact.</summary>
    private static async Task<(long Rows, int Partitions, int MostProbes)> SizeAsync(
        Workspace workspace, EncoderRow encoder, RecallOptions options, CancellationToken cancellationToken)
    {
        using var search = new PartitionedSearch(workspace, encoder, new PartitionedSearchOptions { Tuning = new SearchTuning { ExactBelow = options.ExactBelow } });
        using var plan = await search.PlanAsync(new SearchQuery { Positives = [], Without = [] }, cancellationToken);
        return (plan.Rows, plan.Open.Count, plan.IsExact ? 1 : (int)Math.Ceiling(Math.Sqrt(plan.Rows)));
    }
}
