using Curator.Benchmarks.Search;
using Curator.Core;
using Curator.Core.Catalogs;
using Curator.Core.Embeddings;
using Curator.Core.Labels;
using Curator.Labeling.Labelers;
using Curator.Labeling.Rounds;
using Curator.Search.Indexes;

namespace Curator.Benchmarks.Labels;

/// <summary>
/// What a round costs on archives of many sizes, one above the other on the same machine: processor seconds, vectors scored and compared, bytes read. The positives are what
/// lies nearest to a direction; answers are computed, so nothing but the asked pictures is looked at.
/// Options: <c>[--rows 10000,100000,1000000,4000000] [--dimension 64] [--sample 8000] [--budget 400] [--round 40] [--seeds 1,2,3] [--candidates sample] [--cache DIR]</c>.
/// </summary>
internal static class RoundCostSuite
{
    private const int RowsAPart = 1_000_000;

    public static void Run(Arguments arguments) => RunAsync(arguments, CancellationToken.None).GetAwaiter().GetResult();

    private static async Task RunAsync(Arguments arguments, CancellationToken cancellationToken)
    {
        var dimension = arguments.Get("dimension", 64);
        using var log = new RunLog("labels-cost", arguments);
        foreach (var count in arguments.GetList("rows", 10_000, 100_000, 1_000_000, 4_000_000))
        {
            var root = Path.Combine(arguments.Cache, $"round-cost-{count}x{dimension}");
            await using var bench = await BenchWorkspace.OpenAsync(root, dimension);
            for (var part = 0; part * RowsAPart < count; part++)
                await bench.PutAsync($"part{part}", SyntheticRows.Get(arguments.Cache, Math.Min(RowsAPart, count - (part * RowsAPart)), dimension, draw: 20 + part));
            await bench.IndexAsync(new IndexOptions());
            foreach (var seed in arguments.GetList("seeds", 1, 2, 3)) await MeasureAsync(arguments, bench, count, seed, log, cancellationToken);
        }
    }

    private static async Task MeasureAsync(Arguments arguments, BenchWorkspace bench, int count, int seed, RunLog log, CancellationToken cancellationToken)
    {
        var candidates = Enum.Parse<CandidateKind>(arguments.Get("candidates", "sample"), ignoreCase: true);
        var labeler = await DirectionLabeler.MakeAsync(bench.Workspace, bench.Encoder, seed, cancellationToken);
        var task = await bench.Workspace.Labels.GetOrAddTaskAsync(
            new LabelingTask($"cost-{candidates}-{seed}-{Guid.CreateVersion7():N}", "Near?", ["yes", "no"], null, bench.Encoder.Id, "", TimeProvider.System.GetUtcNow()), cancellationToken);
        var options = new LearnOptions
        {
            Seed = seed, LabelBudget = arguments.Get("budget", 400), RoundSize = arguments.Get("round", 40), Patience = 0, Sample = arguments.Get("sample", 8000), Candidates = candidates,
        };
        var watch = new RoundWatch();
        var report = await LearningLoop.RunAsync(bench.Workspace, task, labeler.Direction, options, labeler, watch, cancellationToken);
        // The first round's time holds the making of the pool, which is done once a run.
        var seconds = watch.Seconds.Skip(1).ToArray();
        var costs = report.Rounds.Skip(1).Select(r => r.Cost!).ToArray();
        log.Add(
            ("rows", count), ("seed", seed), ("rounds", seconds.Length), ("cpu_s_round", seconds.Average()), ("cpu_s_first", seconds[0]), ("cpu_s_median", seconds.Order().ElementAt(seconds.Length / 2)), ("cpu_s_once", watch.Seconds[0]), ("scored", costs.Average(c => (double)c.Scored)),
            ("compared", costs.Average(c => (double)c.Compared)), ("bytes", costs.Average(c => (double)c.BytesRead)), ("joined", costs.Average(c => (double)c.Added)), ("yes", report.Positives));
    }

    /// <summary>Processor time of the process from report to report.</summary>
    private sealed class RoundWatch : IProgress<RoundReport>
    {
        private double _last = ThreadClock.ProcessSeconds;

        public List<double> Seconds { get; } = [];

        public void Report(RoundReport value)
        {
            var now = ThreadClock.ProcessSeconds;
            Seconds.Add(now - _last);
            _last = now;
        }
    }

    /// <summary>Yes to whatever lies near a stored row: about one in two hundred.</summary>
    private sealed class DirectionLabeler(EncoderRow encoder, float[] direction, float nearness) : ILabeler
    {
        public float[] Direction => direction;

        public Truth? Truth => null;

        public static async Task<DirectionLabeler> MakeAsync(Workspace workspace, EncoderRow encoder, int seed, CancellationToken cancellationToken)
        {
            var partition = (await workspace.Catalog.GetPartitionsAsync(cancellationToken))[0];
            using var file = EmbeddingFile.Open(workspace.EmbeddingPath(partition, encoder.Id));
            var rows = new float[5000 * encoder.Dimension];
            file.Read(0, rows);
            var direction = rows.AsSpan(seed * 37 * encoder.Dimension, encoder.Dimension).ToArray();
            var likeness = Enumerable.Range(0, 5000).Select(i => Cosine(rows.AsSpan(i * encoder.Dimension, encoder.Dimension), direction)).OrderDescending().ToArray();
            return new DirectionLabeler(encoder, direction, likeness[25]);
        }

        public async Task AnswerAsync(Workspace workspace, LabelingTask task, Round round, CancellationToken cancellationToken)
        {
            var queue = await workspace.Labels.GetQueueAsync(task.Name, round.Number, cancellationToken);
            var answers = new List<NewLabelEvent>();
            var partitions = (await workspace.Catalog.GetPartitionsAsync(cancellationToken)).ToDictionary(p => p.Number);
            var row = new float[encoder.Dimension];
            foreach (var items in queue.GroupBy(i => i.Image.Partition))
            {
                using var file = EmbeddingFile.Open(workspace.EmbeddingPath(partitions[items.Key], encoder.Id));
                foreach (var item in items)
                {
                    file.Read(item.Image.Row, row);
                    var value = Cosine(row, direction) >= nearness ? "yes" : "no";
                    answers.Add(new NewLabelEvent($"{task.Name}-{item.Image}", task.Name, item.Image, "computed", "s", LabelEventKind.Label, value, null, round.Number));
                }
            }
            await workspace.Labels.AppendAsync(answers, cancellationToken);
        }

        private static float Cosine(ReadOnlySpan<float> a, ReadOnlySpan<float> b) => System.Numerics.Tensors.TensorPrimitives.CosineSimilarity(a, b);
    }
}
