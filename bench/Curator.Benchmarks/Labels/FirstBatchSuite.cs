using Curator.Labeling.Heads;
using Curator.Labeling.Strategies;

namespace Curator.Benchmarks.Labels;

/// <summary>
/// The first labels of all, when there is no head to ask: ten classes at once, so many labels chosen by each strategy on the same embeddings, then the default head; accuracy on the pictures
/// without a label. The seed draws a pool of nine tenths of the pictures and all chance.
/// Options: <c>--workspace DIR [--encoder ID] [--strategies random,k-centre,typiclust,probcover] [--budgets 10,20,30,40,50] [--seeds 1,2,3,4,5]</c>.
/// </summary>
internal static class FirstBatchSuite
{
    public static void Run(Arguments arguments)
    {
        var pictures = EmbeddedPictures.LoadAsync(arguments.Get("workspace", "."), arguments.Get("encoder", ""), CancellationToken.None).GetAwaiter().GetResult();
        var budgets = arguments.GetList("budgets", 10, 20, 30, 40, 50);
        var seeds = arguments.GetList("seeds", 1, 2, 3, 4, 5);
        var scaler = RowScaler.Fit(pictures.Rows, pictures.Encoder.Dimension);
        using var log = new RunLog("labels-first", arguments);
        foreach (var name in arguments.Get("strategies", "random,k-centre,typiclust,probcover").Split(','))
        {
            var accuracies = budgets.ToDictionary(b => b, _ => new List<double>());
            var found = budgets.ToDictionary(b => b, _ => new List<double>());
            foreach (var seed in seeds)
            {
                var order = Enumerable.Range(0, pictures.Count).ToArray();
                new Random(seed).Shuffle(order);
                int[] members = [.. order.Take(pictures.Count * 9 / 10).Order()];
                foreach (var (budget, chosen) in Choose(name, Pool(pictures, scaler, members, seed), budgets))
                {
                    accuracies[budget].Add(Accuracy(pictures, scaler, [.. chosen.Select(i => members[i])], members));
                    found[budget].Add(chosen.Select(i => pictures.Classes[members[i]]).Distinct().Count());
                    log.Add(("strategy", name), ("seed", seed), ("labels", budget), ("accuracy", accuracies[budget][^1]), ("classes", found[budget][^1]));
                }
            }
            foreach (var budget in budgets)
                log.Add(
                    ("mean_of", name), ("labels", budget), ("accuracy", accuracies[budget].Average()), ("plus_minus", ThinnedSuite.HalfWidth([.. accuracies[budget]])),
                    ("classes", found[budget].Average()));
        }
    }

    private static QueryPool Pool(EmbeddedPictures pictures, RowScaler scaler, int[] members, int seed)
    {
        var d = pictures.Encoder.Dimension;
        var rows = new float[members.Length * d];
        for (var i = 0; i < members.Length; i++) scaler.Apply(pictures.Row(members[i]), rows.AsSpan(i * d, d));
        return new QueryPool(rows, d, pictures.ClassNames.Count, default, Enumerable.Repeat(QueryPool.Open, members.Length).ToArray(), seed);
    }

    /// <summary>The choice for each budget; greedy strategies choose once, and a smaller budget is the beginning of a larger one.</summary>
    private static IEnumerable<(int Budget, IReadOnlyList<int> Rows)> Choose(string name, QueryPool pool, int[] budgets)
    {
        var strategy = QueryStrategies.Get(name);
        if (name is "k-centre" or "probcover" or "random")
        {
            var most = strategy.Select(pool, budgets.Max(), CancellationToken.None);
            foreach (var budget in budgets) yield return (budget, [.. most.Take(budget)]);
            yield break;
        }
        foreach (var budget in budgets) yield return (budget, strategy.Select(pool, budget, CancellationToken.None));
    }

    private static double Accuracy(EmbeddedPictures pictures, RowScaler scaler, int[] labeled, int[] members)
    {
        var d = pictures.Encoder.Dimension;
        var classes = pictures.ClassNames.Count;
        var rows = new float[labeled.Length * d];
        for (var i = 0; i < labeled.Length; i++) pictures.Row(labeled[i]).CopyTo(rows.AsSpan(i * d, d));
        var head = TrainedHead.Train(rows, labeled.Select(i => pictures.Classes[i]).ToArray(), classes, scaler, new HeadOptions(), CancellationToken.None);
        var known = labeled.ToHashSet();
        int right = 0, all = 0;
        var probabilities = new float[classes];
        foreach (var i in members)
        {
            if (known.Contains(i)) continue;
            head.Probabilities(pictures.Row(i), probabilities);
            all++;
            if (System.Numerics.Tensors.TensorPrimitives.IndexOfMax<float>(probabilities) == pictures.Classes[i]) right++;
        }
        return (double)right / all;
    }
}
