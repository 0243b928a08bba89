using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Curator.Benchmarks.Search;
using Curator.Core.Images;
using Curator.Core.Labels;
using Curator.Imagery.Plots;
using Curator.Labeling.Labelers;
using Curator.Labeling.Rounds;

namespace Curator.Benchmarks.Labels;

/// <summary>
/// One class of an embedded project thinned to a small share of the pool, one example picture: what rounds of each strategy reach with so many labels, by the real loop on a project of
/// its own. The seed draws the pictures that stay, the example and all chance of the loop. Per class and strategy: precision, recall and F1 of the finished set (answers where given, the
/// loop's own threshold elsewhere) at each budget, and the labels after which both precision and recall are at least 95 %.
/// Options: <c>--workspace DIR [--encoder ID] [--thin 0.01] [--classes all|A,B] [--strategies schedule,random,uncertainty] [--seeds 1,2,3,4,5]
/// [--budgets 10,20,50,100,150,200,300,450,650,952] [--cover 0.1] [--rounds 1000] [--workers 1] [--mark TEXT] [--cache DIR]</c>. Finished runs
/// are kept under the cache folder by their words and <c>--mark</c>, so that a stopped benchmark goes on.
/// </summary>
internal static class ThinnedSuite
{
    public static void Run(Arguments arguments) => RunAsync(arguments, CancellationToken.None).GetAwaiter().GetResult();

    private static async Task RunAsync(Arguments arguments, CancellationToken cancellationToken)
    {
        var pictures = await EmbeddedPictures.LoadAsync(arguments.Get("workspace", "."), arguments.Get("encoder", ""), cancellationToken);
        var thin = double.Parse(arguments.Get("thin", "0.01"), CultureInfo.InvariantCulture);
        var budgets = arguments.GetList("budgets", 10, 20, 50, 100, 150, 200, 300, 450, 650, 952);
        var seeds = arguments.GetList("seeds", 1, 2, 3, 4, 5);
        var names = arguments.Get("classes", "all") is var text && text == "all" ? pictures.ClassNames : text.Split(',');
        using var log = new RunLog("labels-thinned", arguments);
        var strategies = arguments.Get("strategies", "schedule,random,uncertainty").Split(',');
        // Seed by seed, so that a benchmark that is stopped early has something to say of every class.
        var work = seeds.SelectMany(seed => names.SelectMany(name => strategies.Select(strategy => (Seed: seed, Class: name, Strategy: strategy)))).ToList();
        var curves = new ConcurrentDictionary<(int Seed, string Class, string Strategy), IReadOnlyList<RoundReport>>();
        await Parallel.ForEachAsync(work, new ParallelOptions { MaxDegreeOfParallelism = arguments.Get("workers", 1), CancellationToken = cancellationToken }, async (item, token) =>
        {
            var rounds = await LearnOnceAsync(arguments, pictures, item.Class, thin, item.Strategy, item.Seed, budgets.Max(), token);
            curves[item] = rounds;
            lock (log)
                log.Add(
                    ("class", item.Class), ("strategy", item.Strategy), ("seed", item.Seed), ("positives", rounds[^1].Exact?.Positives ?? 0), ("images", rounds[^1].Images),
                    ("needed", Needed(rounds) ?? -1), ("f1", At(rounds, budgets.Max()).F1),
                    ("curve", string.Join(' ', rounds.Select(r => string.Create(
                        CultureInfo.InvariantCulture,
                        $"{r.Labels}:{r.Positives}:{r.Exact?.F1 ?? 0:0.0000}:{r.Exact?.Precision ?? 0:0.0000}:{r.Exact?.Recall ?? 0:0.0000}:{r.Exact?.AveragePrecision ?? 0:0.0000}")))));
        });
        Plot(log, budgets, strategies, strategy => [.. seeds.SelectMany(seed => names.Select(name => curves[(seed, name, strategy)]))]);
        foreach (var strategy in strategies)
        {
            // The seed is what chance there is: its mean over the classes is one draw.
            var needed = seeds.SelectMany(seed => names.Select(name => Needed(curves[(seed, name, strategy)]))).ToArray();
            foreach (var budget in budgets)
            {
                var f1 = seeds.Select(seed => names.Average(name => At(curves[(seed, name, strategy)], budget).F1)).ToArray();
                log.Add(
                    ("class", "all"), ("mean_of", strategy), ("labels", budget), ("f1", f1.Average()), ("plus_minus", HalfWidth(f1)), ("reached", needed.Count(n => n is not null)),
                    ("runs", needed.Length));
            }
        }
        foreach (var name in names)
        {
            foreach (var strategy in strategies)
            {
                var runs = seeds.Select(seed => curves[(seed, name, strategy)]).ToList();
                var needed = runs.Select(Needed).ToArray();
                foreach (var budget in budgets)
                {
                    var f1 = runs.Select(r => At(r, budget).F1).ToArray();
                    log.Add(
                        ("class", name), ("mean_of", strategy), ("labels", budget), ("f1", f1.Average()), ("plus_minus", HalfWidth(f1)),
                        ("precision", runs.Average(r => At(r, budget).Precision)), ("recall", runs.Average(r => At(r, budget).Recall)),
                        ("reached", needed.Count(n => n is not null)), ("needed", needed.Any(n => n is null) ? -1 : needed.Average()!));
                }
            }
        }
    }

    /// <summary>F1 and positives found against labels, the means of all runs, beside the kept run.</summary>
    private static void Plot(RunLog log, int[] budgets, string[] strategies, Func<string, IReadOnlyList<IReadOnlyList<RoundReport>>> runs)
    {
        double[] labels = [.. budgets.Select(b => (double)b)];
        var options = new PlotOptions { Title = "One class at one percent: mean of all classes and seeds", XTitle = "labels", XMin = 0, YMin = 0 };
        Write("f1", options with { YTitle = "F1 of the finished set", YMax = 1 }, (rounds, budget) => At(rounds, budget).F1);
        Write("positives", options with { YTitle = "positives found by people" }, (rounds, budget) => rounds.LastOrDefault(r => r.Labels <= budget)?.Positives ?? 0);

        void Write(string what, PlotOptions plot, Func<IReadOnlyList<RoundReport>, int, double> of) => LinePlot.Write(
            Path.ChangeExtension(log.Path_, $".{what}.png"),
            [.. strategies.Select(s => new PlotSeries(s, labels, [.. budgets.Select(b => runs(s).Average(r => of(r, b)))]) { Markers = true, Dashed = s == "random" })], plot);
    }

    /// <summary>A run of the same words that came to its end is not done again.</summary>
    private static async Task<IReadOnlyList<RoundReport>> LearnOnceAsync(
        Arguments arguments, EmbeddedPictures pictures, string name, double thin, string strategy, int seed, int budget, CancellationToken cancellationToken)
    {
        var kept = Path.Combine(
            arguments.Cache, string.Create(CultureInfo.InvariantCulture, $"thinned-{pictures.Encoder.Fingerprint[..8]}-{name}-{thin}-{seed}-{strategy.Replace('*', '.')}-{budget}-{arguments.Get("mark", "")}.json"));
        if (File.Exists(kept)) return JsonSerializer.Deserialize<RoundReport[]>(await File.ReadAllTextAsync(kept, cancellationToken), Json)!;
        // Random picks do not depend on the head, so it need not be trained after every few labels: rounds of ten at first, then of a hundred.
        var rounds = strategy != "random" ? await LearnAsync(arguments, pictures, name, thin, strategy, seed, budget, null, cancellationToken)
            : [.. (await LearnAsync(arguments, pictures, name, thin, strategy, seed, Math.Min(60, budget), 10, cancellationToken))
                .Concat((await LearnAsync(arguments, pictures, name, thin, strategy, seed, budget, 100, cancellationToken)).Where(r => r.Labels > 60))];
        await File.WriteAllTextAsync(kept + ".part", JsonSerializer.Serialize(rounds, Json), cancellationToken);
        File.Move(kept + ".part", kept, overwrite: true);
        return rounds;
    }

    private static readonly JsonSerializerOptions Json = new() { NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals };

    private static async Task<IReadOnlyList<RoundReport>> LearnAsync(
        Arguments arguments, EmbeddedPictures pictures, string name, double thin, string strategy, int seed, int budget, int? round, CancellationToken cancellationToken)
    {
        var random = new Random(seed);
        var wanted = Enumerable.Range(0, pictures.ClassNames.Count).First(c => pictures.ClassNames[c] == name);
        int[] positives = [.. Enumerable.Range(0, pictures.Count).Where(i => pictures.Classes[i] == wanted)];
        int[] negatives = [.. Enumerable.Range(0, pictures.Count).Where(i => pictures.Classes[i] != wanted)];
        random.Shuffle(positives);
        // The first is the example: known to the person who asks, not a member of the pool.
        var stay = positives.Skip(1).Take((int)Math.Round(negatives.Length * thin / (1 - thin)));
        int[] pool = [.. negatives.Concat(stay).Order()];
        var root = Path.Combine(arguments.Cache, $"thinned-{pictures.Encoder.Id.Replace('@', '-')}-{name}-{seed}-{strategy.Replace('*', '.').Replace('^', '-')}");
        if (Directory.Exists(root)) Directory.Delete(root, recursive: true);
        try
        {
            await using var bench = await BenchWorkspace.OpenAsync(root, pictures.Encoder.Dimension);
            var rows = new float[pool.Length * pictures.Encoder.Dimension];
            for (var i = 0; i < pool.Length; i++) pictures.Row(pool[i]).CopyTo(rows.AsSpan(i * pictures.Encoder.Dimension));
            var partition = await bench.PutAsync("thinned", rows);
            var task = await bench.Workspace.Labels.GetOrAddTaskAsync(
                new LabelingTask("rare", "Does this show the same as the example?", ["yes", "no"], null, bench.Encoder.Id, "", TimeProvider.System.GetUtcNow()), cancellationToken);
            var truth = Truth.Of(pool.Select((p, i) => (Image: new ImageId(partition.Number, i), Class: pictures.Classes[p] == wanted ? 0 : 1)).ToDictionary(x => x.Image, x => x.Class));
            var cover = double.Parse(arguments.Get("cover", "0.1"), CultureInfo.InvariantCulture);
            var options = new LearnOptions { Strategy = strategy, Seed = seed, LabelBudget = budget, RoundSize = round, Patience = 0, CoverShare = cover, Rounds = arguments.Get("rounds", 1000) };
            var report = await LearningLoop.RunAsync(
                bench.Workspace, task, pictures.Row(positives[0]).ToArray(), options, new SimulatedLabeler(truth), null, cancellationToken);
            return report.Rounds;
        }
        finally
        {
            if (Directory.Exists(root)) Directory.Delete(root, recursive: true);
        }
    }

    /// <summary>Labels of the first round after which both precision and recall are 95 % or more; null when there is none.</summary>
    private static double? Needed(IReadOnlyList<RoundReport> rounds) => rounds.FirstOrDefault(r => r.Exact is { Precision: >= 0.95, Recall: >= 0.95 })?.Labels;

    /// <summary>What a person who stops at the budget has: between two rounds, in proportion.</summary>
    private static (double F1, double Precision, double Recall) At(IReadOnlyList<RoundReport> rounds, int labels)
    {
        var after = Enumerable.Range(0, rounds.Count).FirstOrDefault(i => rounds[i].Labels >= labels, rounds.Count - 1);
        var (x1, y1) = (rounds[after].Labels, Of(rounds[after]));
        if (after == 0 || x1 <= labels) return y1;
        var (x0, y0) = (rounds[after - 1].Labels, Of(rounds[after - 1]));
        var share = (double)(labels - x0) / (x1 - x0);
        return (y0.F1 + (share * (y1.F1 - y0.F1)), y0.Precision + (share * (y1.Precision - y0.Precision)), y0.Recall + (share * (y1.Recall - y0.Recall)));
    }

    private static (double F1, double Precision, double Recall) Of(RoundReport round) =>
        round.Exact is { } exact ? (exact.F1, exact.Precision, exact.Recall) : (0, 0, 0);

    /// <summary>Half the width of the 95 % interval of the mean, by Student's t.</summary>
    internal static double HalfWidth(double[] values)
    {
        double[] quantiles = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262];
        if (values.Length < 2) return 0;
        var mean = values.Average();
        var deviation = Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Length - 1));
        return quantiles[Math.Min(values.Length - 2, quantiles.Length - 1)] * deviation / Math.Sqrt(values.Length);
    }
}
