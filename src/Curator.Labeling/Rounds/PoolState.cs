using Curator.Core.Labels;
using Curator.Labeling.Labelers;
using Curator.Labeling.Metrics;
using Curator.Labeling.Strategies;

namespace Curator.Labeling.Rounds;

/// <summary>What a round left: the head's view of the pool, and the numbers of the set that it would hand out now.</summary>
/// <param name="Probabilities">[pool] of the positive class; empty while there is no head.</param>
/// <param name="Answers">[pool]: class, <see cref="QueryPool.Open"/> or <see cref="QueryPool.Closed"/> (unsure).</param>
internal sealed record PoolState(float[] Probabilities, int[] Answers, float Threshold, TaskHead? Head)
{
    private const int Block = 1024;

    public static PoolState Of(
        LearnPool pool, EmbeddingSource source, LabelingTask task, IReadOnlyList<LabelState> states, CancellationToken cancellationToken)
    {
        var answers = new int[pool.Count];
        Array.Fill(answers, QueryPool.Open);
        foreach (var state in states)
            if (pool.IndexOf(state.Image) is var i and >= 0)
                answers[i] = state.Value is null ? QueryPool.Closed : HeadTrainer.ClassOf(task, state.Value);
        var trained = HeadTrainer.Train(source, pool.Scaler, task, states, cancellationToken);
        if (trained is null) return new PoolState([], answers, 0.5f, null);
        var probabilities = new float[pool.Count];
        var d = pool.Scaler.Dimension;
        Parallel.For(0, (pool.Count + Block - 1) / Block, b =>
        {
            var count = Math.Min(Block, pool.Count - b * Block);
            var target = probabilities.AsSpan(b * Block, count);
            trained.Head.LogitsOfScaled(pool.Rows.AsSpan(b * Block * d, count * d), target);
            foreach (ref var p in target) p = trained.Head.Calibration.Probability(p);
        });
        var open = Open(probabilities, answers);
        var threshold = Metrics.Threshold.ForF1(open, answers.Count(a => a == 0));
        return new PoolState(probabilities, answers, threshold, trained);
    }

    /// <summary>Quality of the finished set from the answers alone.</summary>
    public ArchiveEstimate? Estimate(IReadOnlyList<AskedLabel> asked, int seed) => Head is null || asked.Count == 0 ? null
        : ArchiveEstimator.Estimate(asked, Open(Probabilities, Answers), Answers.Count(a => a == 0), Threshold, seed);

    /// <summary>Quality of the finished set against the truth, over the images that the truth knows.</summary>
    public ExactNumbers? Exact(LearnPool pool, Truth? truth)
    {
        if (truth is null || Probabilities.Length == 0) return null;
        var decided = new List<bool>();
        var real = new List<bool>();
        var scores = new List<float>();
        for (var i = 0; i < pool.Count; i++)
        {
            if (!truth.TryGet(pool.Images[i], out var value)) continue;
            decided.Add(Answers[i] >= 0 ? Answers[i] == 0 : Probabilities[i] >= Threshold);
            real.Add(value == 0);
            scores.Add(Probabilities[i]);
        }
        var confusion = Confusion.Of(decided.ToArray(), real.ToArray());
        double auc = Ranking.AreaUnderCurve(scores.ToArray(), real.ToArray()), ap = Ranking.AveragePrecision(scores.ToArray(), real.ToArray());
        return new ExactNumbers(
            confusion.Precision, confusion.Recall, confusion.F1, (long)(confusion.TruePositives + confusion.FalseNegatives),
            double.IsNaN(auc) ? null : auc, double.IsNaN(ap) ? null : ap);
    }

    /// <param name="scores">[pool] of an outside model, or empty.</param>
    public QueryPool ToQueryPool(LearnPool pool, ReadOnlyMemory<float> scores, int seed)
    {
        var both = new float[Probabilities.Length * 2];
        for (var i = 0; i < Probabilities.Length; i++) (both[2 * i], both[2 * i + 1]) = (Probabilities[i], 1 - Probabilities[i]);
        return new QueryPool(pool.Rows, pool.Scaler.Dimension, 2, both, Answers, seed) { Scores = scores, Scorer = Head is null ? null : Head.Head.ProbabilitiesOfScaled };
    }

    /// <summary>Probabilities of images without a yes or no.</summary>
    private static float[] Open(float[] probabilities, int[] answers) => [.. probabilities.Where((_, i) => answers[i] < 0)];
}
