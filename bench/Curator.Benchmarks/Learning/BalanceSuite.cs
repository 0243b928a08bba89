using Curator.Core.Embeddings;
using Curator.Core.Images;
using Curator.Core.Shards;
using Curator.Learning.Embedding;
using Curator.Search.Clustering;

namespace Curator.Benchmarks.Learning;

/// <summary>
/// A long-tailed pool (class sizes falling from <c>--head</c> to a hundredth of it): rounds of training on random samples against rounds on even samples, at the same budget; k-NN accuracy of the rare
/// half and of all, on a set with equal classes that none has learned from.
/// Options: <c>--data DIR --head 1000 --budget 18000 --rounds 3 --round-images 600 --judged 300 --seeds 1,2 --methods random,clusters,farthestfirst [--width 16 --batch 128 --cache DIR]</c>.
/// </summary>
internal static class BalanceSuite
{
    public static void Run(Arguments arguments) => RunAsync(arguments, CancellationToken.None).GetAwaiter().GetResult();

    private static async Task RunAsync(Arguments arguments, CancellationToken cancellationToken)
    {
        await using var project = await LearningProject.OpenAsync(arguments, "learning-balance", cancellationToken);
        var head = arguments.Get("head", 1_000);
        var rounds = arguments.Get("rounds", 3);
        var wanted = arguments.Get("round-images", 600);
        var classes = project.Classes.Count;
        var held = arguments.Get("judged", 300);
        using var log = new RunLog("learning-balance", arguments);
        foreach (var seed in arguments.GetList("seeds", 1, 2))
        {
            // Which class is rare changes with the seed: some classes are easier than others.
            int[] order = [.. Enumerable.Range(0, classes)];
            new Random(seed).Shuffle(order);
            var size = new int[classes];
            for (var place = 0; place < classes; place++) size[order[place]] = (int)Math.Round(head * Math.Pow(100, -(double)place / (classes - 1)));
            var judged = project.ByClass.SelectMany((images, c) => images.Take(held).Select(image => (image, c))).ToDictionary(pair => pair.image, pair => pair.c);
            var classOf = project.ByClass.SelectMany((images, c) => images.Select(image => (image, c))).ToDictionary(pair => pair.image, pair => pair.c);
            ImageId[] pool = [.. project.ByClass.SelectMany((images, c) => images.Skip(held).Take(Math.Min(size[c], images.Length - held)))];
            foreach (var name in arguments.Get("methods", "random,clusters,farthestfirst").Split(','))
            {
                var method = Enum.Parse<BalanceMethod>(name, ignoreCase: true);
                string? from = null;
                for (var round = 1; round <= rounds; round++)
                {
                    var (rows, dimension) = from is null ? (new float[pool.Length], 1) : await EmbedAsync(project, from, pool, cancellationToken);
                    var chosen = BalancedSample.Select(rows, dimension, wanted, from is null ? BalanceMethod.Random : method, seed, 1, cancellationToken);
                    var coverage = from is null ? null : BalancedSample.Measure(rows, dimension, chosen, seed, 1, cancellationToken);
                    var options = LearningProject.Options(arguments) with
                    {
                        Name = $"{name}-{seed}-round{round}", From = from, Budget = arguments.Get("budget", 18_000) / rounds, Seed = seed,
                    };
                    var encoder = await project.TrainAsync(options, [.. chosen.Select(i => pool[i])], cancellationToken);
                    var votes = (await project.JudgeAsync(encoder.Id, judged, cancellationToken)).Votes!;
                    var rare = order[(classes / 2)..];
                    log.Add(
                        ("sampling", name), ("seed", seed), ("round", round), ("images", chosen.Length), ("rareChosen", chosen.Count(i => rare.Contains(classOf[pool[i]]))),
                        ("knnRare", rare.Average(c => votes.ByClass[c])), ("knnAll", votes.BalancedAccuracy), ("coverage", coverage?.Coverage ?? 0), ("effectiveClusters", coverage?.EffectiveClusters ?? 0));
                    from = encoder.Id;
                }
            }
        }
    }

    private static async Task<(float[] Rows, int Dimension)> EmbedAsync(LearningProject project, string encoder, ImageId[] images, CancellationToken cancellationToken)
    {
        await Curator.Learning.Embedding.Embedding.EmbedAsync(project.Workspace, new EmbedOptions { Encoder = encoder, Threads = 1 }, new PoolEngine(1), null, cancellationToken);
        var rows = Array.Empty<float>();
        var dimension = 0;
        foreach (var partition in await project.Workspace.Catalog.GetPartitionsAsync(cancellationToken))
        {
            using var file = EmbeddingFile.Open(project.Workspace.EmbeddingPath(partition, encoder));
            dimension = file.Dimension;
            if (rows.Length == 0) rows = new float[images.Length * dimension];
            for (var i = 0; i < images.Length; i++)
                if (images[i].Partition == partition.Number)
                    file.Read(images[i].Row, rows.AsSpan(i * dimension, dimension));
        }
        return (rows, dimension);
    }
}
