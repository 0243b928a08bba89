using Curator.Core;
using Curator.Core.Shards;
using Curator.Learning.Encoders;
using Curator.Learning.Networks;
using Curator.Learning.Tests.Support;
using Curator.Learning.Training;

namespace Curator.Learning.Tests.Training;

[Collection(TorchTests.Name)]
public sealed class NeighbourCheckTests
{
    private const int Side = 32;

    private static readonly TrainOptions Options = new()
    {
        Architecture = Architecture.SmallCnn, Width = 16, ImageSize = Side, BatchSize = 16, Projection = 16, EmbeddingSize = 16, Threads = 1, Precision = TrainingPrecision.Fp32,
        JoinStatistics = false, Budget = 16 * 20,
    };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void The_accuracy_is_that_of_the_five_nearest_by_the_cosine_of_centred_features()
    {
        var pixels = new MemoryPixels(Pictures.Batch(40, Side), Side);
        int[] held = [0, 7, 14, 21, 28, 35], classes = [.. Enumerable.Range(0, 40).Select(i => i == 3 ? -1 : i % 3)];
        using var trainer = new Trainer(Options, pixels, Normalisation.Of(pixels), TimeProvider.System);
        var check = NeighbourCheck.Of(pixels, held, classes)!;

        int[] known = [.. Enumerable.Range(0, 40).Where(i => i != 3 && !held.Contains(i))], all = [.. held, .. known];
        using var tensor = trainer.Features(pixels, all);
        var features = tensor.data<float>().ToArray().Chunk((int)tensor.shape[1]).Select(row => row.Select(v => (double)v).ToArray()).ToArray();
        var mean = Enumerable.Range(0, features[0].Length).Select(d => features.Average(row => row[d])).ToArray();
        double Cosine(int a, int b)
        {
            double[] x = [.. features[a].Zip(mean, (v, m) => v - m)], y = [.. features[b].Zip(mean, (v, m) => v - m)];
            return x.Zip(y, (v, w) => v * w).Sum() / Math.Sqrt(x.Sum(v => v * v) * y.Sum(v => v * v));
        }
        var right = Enumerable.Range(0, held.Length).Count(q =>
        {
            int[] nearest = [.. Enumerable.Range(held.Length, known.Length).OrderByDescending(i => Cosine(q, i)).Take(5).Select(i => classes[all[i]])];
            var most = nearest.GroupBy(c => c).Max(group => group.Count());
            return nearest.First(c => nearest.Count(other => other == c) == most) == classes[held[q]];
        });

        Assert.Equal((double)right / held.Length, check.Accuracy(trainer, Cancel), 1e-12);
    }

    [Fact]
    public void Without_two_classes_on_either_side_there_is_no_check()
    {
        var pixels = new MemoryPixels(Pictures.Batch(12, Side), Side);

        Assert.Null(NeighbourCheck.Of(pixels, [0, 1], [.. Enumerable.Repeat(0, 12)]));
        Assert.Null(NeighbourCheck.Of(pixels, [0, 1], [0, 1, .. Enumerable.Repeat(0, 10)]));
        Assert.Null(NeighbourCheck.Of(pixels, [0, 1], [0, -1, .. Enumerable.Range(0, 10).Select(i => i % 2)]));
        Assert.NotNull(NeighbourCheck.Of(pixels, [0, 1], [0, 1, .. Enumerable.Range(0, 10).Select(i => i % 2)]));
    }

    [Fact]
    public async Task A_training_on_class_folders_notes_the_accuracy_of_pictures_kept_back_and_learns_the_same()
    {
        async Task<(string Metrics, EncoderCard Card, byte[] Weights)> TrainAsync(Func<int, string>? classFolder)
        {
            using var folder = new TemporaryFolder();
            await using var workspace = await Workspace.InitAsync(folder["w"], TimeProvider.System, Cancel);
            await Pictures.AddAsync(workspace, folder["pictures"], 0, 400, Side, Cancel, classFolder);
            var row = await Curator.Learning.Training.Training.TrainAsync(workspace, Options, new PoolEngine(1), null, Cancel);
            var directory = workspace.EncoderDirectory(row.Id);
            return (File.ReadAllText(Path.Combine(directory, "metrics.jsonl")), (await new EncoderStore(workspace).FindAsync(row.Id, Cancel)).Card,
                File.ReadAllBytes(Path.Combine(directory, "weights.safetensors")));
        }

        var classes = await TrainAsync(i => $"class{i % 3}/part");
        var none = await TrainAsync(null);

        // At steps 10 and 20.
        Assert.Equal(2, classes.Metrics.Split('\n').Count(line => line.Contains("\"validation\":", StringComparison.Ordinal) && line.Contains("\"neighbourAccuracy\":", StringComparison.Ordinal)));
        Assert.InRange(classes.Card.Metrics["neighbourAccuracy"], 0, 1);
        Assert.Contains("neighbours.png", classes.Card.Files.Keys);
        Assert.DoesNotContain("neighbour", none.Metrics, StringComparison.Ordinal);
        Assert.DoesNotContain("neighbourAccuracy", none.Card.Metrics.Keys);
        Assert.Equal(none.Weights, classes.Weights);
    }
}
