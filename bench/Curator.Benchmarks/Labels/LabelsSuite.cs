using System.Globalization;
using Curator.Core;
using Curator.Core.Catalogs;
using Curator.Core.Embeddings;
using Curator.Core.Images;
using Curator.Core.Labels;
using Curator.Labeling.Labelers;
using Curator.Labeling.Rounds;

namespace Curator.Benchmarks.Labels;

/// <summary>
/// F1 over all pictures against labels given, strategy beside strategy: the same embeddings, head, seed pictures' number and budget, several seeds. Works on an
/// embedded project, in tasks of its own; a run that was stopped goes on.
/// Options: <c>--workspace DIR --truth folders:River|CSV --example PICTURE [--strategies schedule,random] [--seeds 1,2,3,4,5] [--share 0.1] [--encoder ID]</c>.
/// </summary>
internal static class LabelsSuite
{
    public static void Run(Arguments arguments) => RunAsync(arguments, CancellationToken.None).GetAwaiter().GetResult();

    private static async Task RunAsync(Arguments arguments, CancellationToken cancellationToken)
    {
        await using var workspace = await Workspace.OpenAsync(Path.GetFullPath(arguments.Get("workspace", ".")), TimeProvider.System, cancellationToken);
        var encoder = await workspace.Catalog.GetEncoderAsync(arguments.Get("encoder", "") is { Length: > 0 } id ? id : null, cancellationToken);
        var example = Path.GetFullPath(arguments.Get("example", ""));
        var query = await EmbeddingOfAsync(workspace, encoder, example, cancellationToken);
        var share = double.Parse(arguments.Get("share", "0.1"), CultureInfo.InvariantCulture);
        using var log = new RunLog("labels", arguments);
        foreach (var strategy in arguments.Get("strategies", "schedule,random").Split(','))
        {
            var scores = new List<ExactNumbers>();
            foreach (var seed in arguments.GetList("seeds", 1, 2, 3, 4, 5))
            {
                var report = await LearnAsync(workspace, encoder, example, query, strategy, seed, share, arguments.Get("truth", ""), cancellationToken);
                var last = report.Rounds[^1].Exact ?? throw new InvalidOperationException("The truth knows none of the pictures.");
                scores.Add(last);
                log.Add(Row(strategy, seed.ToString(CultureInfo.InvariantCulture), report.Labels, report.Positives, last.F1, last.Precision, last.Recall, 0));
            }
            var mean = scores.Average(s => s.F1);
            var deviation = Math.Sqrt(scores.Sum(s => (s.F1 - mean) * (s.F1 - mean)) / Math.Max(1, scores.Count - 1));
            log.Add(Row(strategy, "mean", 0, 0, mean, scores.Average(s => s.Precision), scores.Average(s => s.Recall), deviation));
        }
    }

    private static (string, object)[] Row(string strategy, string seed, int labels, int positives, double f1, double precision, double recall, double deviation) =>
    [
        ("strategy", strategy), ("seed", seed), ("labels", labels), ("yes", positives), ("f1", f1), ("precision", precision), ("recall", recall), ("deviation", deviation),
    ];

    private static async Task<LearnReport> LearnAsync(
        Workspace workspace, EncoderRow encoder, string example, float[] query, string strategy, int seed, double share, string truth, CancellationToken cancellationToken)
    {
        // The task's name holds all that decides the run, so that a stopped run goes on and another one starts anew.
        var name = string.Create(CultureInfo.InvariantCulture, $"bench-{strategy}-{seed}-{share:0.###}-{encoder.Fingerprint[..8]}");
        var task = await workspace.Labels.GetOrAddTaskAsync(
            new LabelingTask(name, "Does this show the same as the example?", ["yes", "no"], example, encoder.Id, "", TimeProvider.System.GetUtcNow()), cancellationToken);
        var known = await Truth.LoadAsync(workspace, task, truth, cancellationToken);
        // Patience 0: both spend the whole budget, so that they are compared at the same number of labels.
        var options = new LearnOptions { Strategy = strategy, Seed = seed, BudgetShare = share, Patience = 0 };
        return await LearningLoop.RunAsync(workspace, task, query, options, new SimulatedLabeler(known), null, cancellationToken);
    }

    /// <summary>The stored embedding of the example, which must be one of the project's pictures.</summary>
    private static async Task<float[]> EmbeddingOfAsync(Workspace workspace, EncoderRow encoder, string example, CancellationToken cancellationToken)
    {
        foreach (var partition in await workspace.Catalog.GetPartitionsAsync(cancellationToken))
        {
            using var manifest = workspace.OpenManifest(partition);
            long row = 0;
            foreach (ImageRecord record in manifest.Read())
            {
                if (record.Uri == example)
                {
                    using var file = EmbeddingFile.Open(workspace.EmbeddingPath(partition, encoder.Id));
                    var vector = new float[file.Dimension];
                    file.Read(row, vector);
                    return vector;
                }
                row++;
            }
        }
        throw new FileNotFoundException($"--example must name a picture of the project; {example} is none.");
    }
}
