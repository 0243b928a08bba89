using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Curator.Core;
using Curator.Core.Images;
using Curator.Core.Labels;
using Curator.Labeling.Rounds;
using Curator.Labeling.Strategies;

namespace Curator.Labeling.Predictions;

/// <summary>What <c>select</c> goes by; section <c>select</c>.</summary>
public sealed record SelectOptions
{
    /// <summary>Chosen where nothing is said and there are predictions; without any, the most different pictures are.</summary>
    public const string DefaultStrategy = "coral";

    [Description("Which pictures: a query strategy by name, or several with strengths, such as score*k-centre^0.5. Default: coral with predictions, k-centre without.")]
    public string? Strategy { get; init; }

    [Description("Predictions of an outside model by name. Default: the newest import.")]
    public string? Predictions { get; init; }

    [Description("Which of its scores counts. Default: least-confidence, of a detector its maximum over the boxes.")]
    public string? Score { get; init; }

    [Description("The class looked for, for strategies that know yes and no.")]
    public string? Class { get; init; }

    [Description("Candidates at most; of more, those with the highest scores, without scores a random sample."), Range(100, 2_000_000)]
    public int SampleSize { get; init; } = 100_000;

    [Description("Seed of all chance.")]
    public int Seed { get; init; } = 1;
}

/// <summary>A picture that was chosen.</summary>
/// <param name="Score">Of the outside model; NaN without one.</param>
/// <param name="Probability">Of the class looked for, or of the likeliest class; NaN without predictions.</param>
public sealed record SelectedImage(ImageId Image, float Score, float Probability, string Reason);

/// <param name="Candidates">Pictures that could be chosen.</param>
/// <param name="WithoutPrediction">Embedded pictures of which the model says nothing; never chosen where predictions count.</param>
public sealed record SelectionReport(string Strategy, string? Predictions, string? Score, int Candidates, long WithoutPrediction, IReadOnlyList<SelectedImage> Images);

/// <summary>Chooses pictures by any query strategy, over stored embeddings and an outside model's scores, without a task of its own.</summary>
public static class Selection
{
    private const string Without = "k-centre";

    /// <param name="encoder">Whose embeddings say what is alike; null for the newest.</param>
    /// <param name="task">Pictures that have an answer in it count as chosen already; null for none.</param>
    /// <exception cref="WorkspaceException">No embeddings, no such predictions, score, class or strategy.</exception>
    public static async Task<SelectionReport> SelectAsync(
        Workspace workspace, string? encoder, LabelingTask? task, int count, SelectOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        var any = options.Predictions is not null || (await PredictionStore.ListAsync(workspace, cancellationToken)).Count > 0;
        var strategy = QueryStrategies.Get(options.Strategy ?? (any ? SelectOptions.DefaultStrategy : Without), any);
        if (!any && QueryStrategies.NeedsHead(strategy))
            throw new WorkspaceException(
                $"The strategy {strategy.Name} needs to know what a model thinks of the pictures, and no predictions are there.",
                "Bring some in with `curator predictions import NAME FILE`, or use --strategy k-centre.");
        if (strategy is DropQueryStrategy)
            throw new WorkspaceException(
                $"{strategy.Name} asks a model about changed embeddings, and a model from elsewhere cannot be asked.", "Use --strategy coral, or dropquery in `curator learn`.");
        using var source = await EmbeddingSource.OpenAsync(workspace, encoder, cancellationToken);
        using var outside = any ? await OutsideScores.OpenAsync(workspace, options.Predictions, cancellationToken) : null;
        var column = outside?.ColumnOf(options.Score) ?? -1;
        var states = task is null ? [] : await workspace.Labels.GetStatesAsync(task.Name, cancellationToken);
        var answered = states.Where(s => source.IsEligible(s.Image)).Select(s => s.Image).ToHashSet();
        var (candidates, silent) = Candidates(source, outside, column, answered, options);
        if (candidates.Count == 0)
            throw new WorkspaceException("No picture can be chosen: none is embedded, without an answer, and known to the model.", "Run `curator embed`, and import predictions of pictures of this project.");
        ImageId[] images = [.. candidates.Concat(answered).Order()];
        var pool = Pool(source, outside, column, images, answered, options);
        var picks = strategy.Select(pool, Math.Min(count, candidates.Count), cancellationToken);
        return new SelectionReport(
            strategy.Name, outside?.Info.Name, outside?.Info.Scores[column], candidates.Count, silent,
            [.. picks.Select(row => new SelectedImage(images[row], pool.HasScores ? pool.Scores.Span[row] : float.NaN, pool.HasHead ? Best(pool, row, options) : float.NaN, strategy.Reason))]);
    }

    private static (List<ImageId> Candidates, long WithoutPrediction) Candidates(
        EmbeddingSource source, OutsideScores? outside, int column, HashSet<ImageId> answered, SelectOptions options)
    {
        var limit = (int)Math.Min(options.SampleSize, (1L << 30) / source.Dimension);
        long silent = 0;
        // The ones wanted most leave the queue last.
        var kept = new PriorityQueue<ImageId, (double, ImageId)>();
        var random = new Random(Sampling.Seed(options.Seed, 0, 11));
        foreach (var image in source.Eligible())
        {
            if (answered.Contains(image)) continue;
            if (outside is not null && !outside.Has(image))
            {
                silent++;
                continue;
            }
            var key = (outside is null ? random.NextDouble() : outside.Score(image, column), image);
            if (kept.Count < limit) kept.Enqueue(image, key);
            else kept.EnqueueDequeue(image, key);
        }
        return ([.. kept.UnorderedItems.Select(i => i.Element)], silent);
    }

    private static QueryPool Pool(EmbeddingSource source, OutsideScores? outside, int column, ImageId[] images, HashSet<ImageId> answered, SelectOptions options)
    {
        var rows = source.Read(images);
        HeadTrainer.FitScaler(source).Apply(rows, rows);
        var answers = images.Select(i => answered.Contains(i) ? 0 : QueryPool.Open).ToArray();
        if (outside is null) return new QueryPool(rows, source.Dimension, 2, default, answers, options.Seed);
        var layout = Layout.Of(outside, options.Class);
        var probabilities = new float[images.Length * layout.Classes];
        var scores = new float[images.Length];
        var all = new float[outside.Info.Classes.Count];
        for (var i = 0; i < images.Length; i++)
        {
            var into = probabilities.AsSpan(i * layout.Classes, layout.Classes);
            into.Fill(1f / layout.Classes);
            if (!outside.Has(images[i])) continue; // answered, and unknown to the model: it only keeps others away
            outside.Probabilities(images[i], all);
            layout.Fill(all, into);
            scores[i] = outside.Score(images[i], column);
        }
        return new QueryPool(rows, source.Dimension, layout.Classes, probabilities, answers, options.Seed) { Scores = scores };
    }

    private static float Best(QueryPool pool, int row, SelectOptions options) =>
        options.Class is not null || pool.Classes == 2 ? pool.Positive(row) : System.Numerics.Tensors.TensorPrimitives.Max(pool.ProbabilitiesOf(row));

    /// <summary>How a model's classes become those of a pool, the one looked for first.</summary>
    private sealed record Layout(int Classes, int First, bool Detector)
    {
        public static Layout Of(OutsideScores outside, string? name)
        {
            var first = name is null ? -1 : outside.ClassOf(name);
            var detector = outside.Info.Kind == PredictionKind.Detection;
            return new Layout(detector ? 2 : outside.Info.Classes.Count, first, detector);
        }

        public void Fill(ReadOnlySpan<float> all, Span<float> into)
        {
            if (Detector)
            {
                // A picture may hold several things, so only yes and no sum to one: of the class looked for, or of anything at all.
                into[0] = First >= 0 ? all[First] : System.Numerics.Tensors.TensorPrimitives.Max(all);
                into[1] = 1 - into[0];
                return;
            }
            all.CopyTo(into);
            if (First > 0) (into[0], into[First]) = (into[First], into[0]);
        }
    }
}
