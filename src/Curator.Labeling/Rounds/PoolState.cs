using Curator.Core.Labels;
using Curator.Labeling.Heads;
using Curator.Labeling.Labelers;
using Curator.Labeling.Metrics;
using Curator.Labeling.Strategies;

namespace Curator.Labeling.Rounds;

/// <summary>What a round left: the head's view of the pool, and the numbers of the set that it would hand out now.</summary>
/// <param name="Classes">Of the task.</param>
/// <param name="Probabilities">[pool, classes]; empty while there is no head.</param>
/// <param name="Answers">[pool]: class, <see cref="QueryPool.Open"/> or <see cref="QueryPool.Closed"/> (unsure).</param>
/// <param name="Threshold">For two classes: probability from which an unlabeled image is positive. With more the likeliest class is taken.</param>
internal sealed record PoolState(int Classes, float[] Probabilities, int[] Answers, float Threshold, TaskHead? Head)
{
    public static PoolState Of(
        LearnPool pool, EmbeddingSource source, LabelingTask task, IReadOnlyList<LabelState> states, HeadSettings settings, CancellationToken cancellationToken)
    {
        var answers = new int[pool.Count];
        Array.Fill(answers, QueryPool.Open);
        foreach (var state in states)
            if (pool.IndexOf(state.Image) is var i and >= 0)
                answers[i] = state.Value is null ? QueryPool.Closed : HeadTrainer.ClassOf(task, state.Value);
        var classes = task.Classes.Count;
        var trained = HeadTrainer.Train(source, pool.Scaler, task, states, settings, cancellationToken);
        if (trained is null) return new PoolState(classes, [], answers, 0.5f, null);
        var probabilities = new float[pool.Count * classes];
        Score(pool, trained, classes, 0, probabilities);
        return new PoolState(classes, probabilities, answers, ThresholdOf(pool, classes, probabilities, answers), trained);
    }

    /// <summary>The same with the rows that joined the pool meanwhile.</summary>
    public PoolState Extended(LearnPool pool)
    {
        var first = Answers.Length;
        if (first == pool.Count) return this;
        var answers = new int[pool.Count];
        Array.Fill(answers, QueryPool.Open);
        Answers.CopyTo(answers, 0);
        if (Head is null) return this with { Answers = answers };
        var probabilities = new float[pool.Count * Classes];
        Probabilities.CopyTo(probabilities, 0);
        Score(pool, Head, Classes, first, probabilities);
        return this with { Answers = answers, Probabilities = probabilities };
    }

    public float Positive(int row) => Probabilities[row * Classes];

    /// <summary>The one class that the finished set gives an image: a person's answer, else the threshold, else the likeliest class.</summary>
    public int Decide(int row)
    {
        if (Answers[row] >= 0) return Answers[row];
        if (Classes == 2) return Positive(row) >= Threshold ? 0 : 1;
        return System.Numerics.Tensors.TensorPrimitives.IndexOfMax<float>(Probabilities.AsSpan(row * Classes, Classes));
    }

    /// <summary>Quality of the finished set from the answers alone, of each class that numbers are told of (the positive one of two, else all), and their mean.</summary>
    /// <param name="asked">By class, as <see cref="AskedLabels"/> reads them.</param>
    public (ArchiveEstimate Mean, IReadOnlyList<ArchiveEstimate> Classes)? Estimate(LearnPool pool, IReadOnlyList<AskedLabel>[] asked, int seed)
    {
        if (Head is null || asked[0].Count == 0) return null;
        var draws = asked.Select((labels, c) => ArchiveEstimator.Draw(labels, Input(pool, c), seed)).ToList();
        return (draws.Count == 1 ? draws[0].Summary() : ArchiveEstimator.Mean(draws), [.. draws.Select(d => d.Summary())]);
    }

    /// <summary>Quality of the finished set against the truth, over the images of the pool that the truth knows: of each class, and their mean.</summary>
    public (ExactNumbers Mean, IReadOnlyList<ExactNumbers> Classes)? Exact(LearnPool pool, Truth? truth)
    {
        if (truth is null || Probabilities.Length == 0) return null;
        var known = Enumerable.Range(0, pool.Count).Where(i => truth.TryGet(pool.Images[i], out _)).ToArray();
        var classes = Enumerable.Range(0, Classes == 2 ? 1 : Classes).Select(c => Exact(pool, truth, known, c)).ToList();
        return (classes.Count == 1 ? classes[0] : MeanOf(classes), classes);
    }

    /// <param name="scores">[pool] of an outside model; empty for none.</param>
    public QueryPool ToQueryPool(LearnPool pool, int seed, ReadOnlyMemory<float> scores = default) =>
        new(pool.Rows, pool.Scaler.Dimension, Classes, Probabilities, Answers, seed) { Scores = scores, Scorer = Head is null ? null : Head.Head.ProbabilitiesOfScaled };

    /// <summary>Probabilities of the pool's rows from one on, block by block.</summary>
    private static void Score(LearnPool pool, TaskHead head, int classes, int from, float[] probabilities)
    {
        const int Block = LearnPool.MapBlock;
        var (d, width) = (pool.Scaler.Dimension, head.Head.Features.OutputDimension);
        var kept = pool.KeepsMapped(head.Head.Features) ? (KernelFeatures)head.Head.Features : null;
        Parallel.For(from / Block, (pool.Count + Block - 1) / Block, b =>
        {
            var first = Math.Max(from, b * Block);
            var target = probabilities.AsSpan(first * classes, (Math.Min(pool.Count, (b + 1) * Block) - first) * classes);
            if (kept is not null) head.Head.ProbabilitiesOfMapped(pool.Mapped(kept, b)[((first - (b * Block)) * width)..], target);
            else head.Head.ProbabilitiesOfScaled(pool.Rows.Span.Slice(first * d, target.Length / classes * d), target);
        });
    }

    private static float ThresholdOf(LearnPool pool, int classes, float[] probabilities, int[] answers)
    {
        if (classes != 2) return 0.5f;
        var open = Enumerable.Range(0, answers.Length).Where(i => answers[i] < 0 && pool.Weights[i] > 0).ToArray();
        return Metrics.Threshold.ForF1([.. open.Select(i => probabilities[2 * i])], answers.Count(a => a == 0), Shares(pool, open, answers));
    }

    /// <summary>Weights of open rows, brought to add up to the images of the archive that nobody has answered.</summary>
    private static float[] Shares(LearnPool pool, int[] open, int[] answers)
    {
        if (!pool.IsSample) return [];
        double sum = 0;
        foreach (var i in open) sum += pool.Weights[i];
        var factor = sum > 0 ? Math.Max(0, pool.ArchiveCount - answers.Count(a => a >= 0)) / sum : 0;
        return [.. open.Select(i => (float)(pool.Weights[i] * factor))];
    }

    private EstimateInput Input(LearnPool pool, int c)
    {
        var open = Enumerable.Range(0, Answers.Length).Where(i => Answers[i] < 0 && pool.Weights[i] > 0).ToArray();
        float Of(int i) => Probabilities[i * Classes + c];
        return new EstimateInput(
            open.Select(Of).ToArray(), open.Select(i => Decide(i) == c).ToArray(), Shares(pool, open, Answers), Answers.Count(a => a == c),
            Enumerable.Range(0, Answers.Length).Where(i => Answers[i] == c).Select(Of).ToArray(),
            Enumerable.Range(0, Answers.Length).Where(i => Answers[i] >= 0 && Answers[i] != c).Select(Of).ToArray());
    }

    private ExactNumbers Exact(LearnPool pool, Truth truth, int[] known, int c)
    {
        var decided = new bool[known.Length];
        var real = new bool[known.Length];
        var scores = new float[known.Length];
        for (var n = 0; n < known.Length; n++)
        {
            truth.TryGet(pool.Images[known[n]], out var value);
            (decided[n], real[n], scores[n]) = (Decide(known[n]) == c, value == c, Probabilities[known[n] * Classes + c]);
        }
        var confusion = Confusion.Of(decided, real);
        double auc = Ranking.AreaUnderCurve(scores, real), ap = Ranking.AveragePrecision(scores, real);
        return new ExactNumbers(
            confusion.Precision, confusion.Recall, confusion.F1, (long)(confusion.TruePositives + confusion.FalseNegatives),
            double.IsNaN(auc) ? null : auc, double.IsNaN(ap) ? null : ap);
    }

    private static ExactNumbers MeanOf(List<ExactNumbers> classes) => new(
        classes.Average(c => c.Precision), classes.Average(c => c.Recall), classes.Average(c => c.F1), classes.Sum(c => c.Positives),
        classes.Average(c => c.AreaUnderCurve), classes.Average(c => c.AveragePrecision));
}
