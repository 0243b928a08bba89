using Curator.Core;
using Curator.Core.Images;
using Curator.Core.Shards;
using Curator.Learning.Encoders;
using Curator.Learning.Networks;
using Curator.Learning.Tests.Support;
using Curator.Learning.Training;
using Curator.Learning.Views;

namespace Curator.Learning.Tests.Training;

[Collection(TorchTests.Name)]
public sealed class ValidationTests
{
    private static readonly TrainOptions Options = new()
    {
        Architecture = Architecture.SmallCnn, Width = 16, ImageSize = 32, BatchSize = 16, Projection = 16, EmbeddingSize = 16, Threads = 1, Precision = TrainingPrecision.Fp32,
        JoinStatistics = false, Budget = 16 * 60,
    };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void Pictures_kept_back_are_not_learned_from_and_a_small_pool_keeps_none_back()
    {
        var pixels = new MemoryPixels(Pictures.Batch(400, 32), 32);
        var (validation, train) = Validation.Split(pixels, Options);
        var (none, all) = Validation.Split(new MemoryPixels(Pictures.Batch(40, 32), 32), Options);

        Assert.NotNull(validation);
        Assert.Equal(380, train.Count);
        Assert.Null(none);
        Assert.Equal(40, all.Count);
        using var trainer = new Trainer(Options, train, Normalisation.Of(pixels), TimeProvider.System);
        var before = validation.Loss(trainer);
        Assert.Equal(before, validation.Loss(trainer));
        for (var i = 0; i < 40; i++) trainer.Next(40);
        Assert.True(validation.Loss(trainer) < before, "validation did not fall while the training loss did");
    }

    [Fact]
    public async Task A_training_that_gets_no_better_stops_early_and_keeps_its_best_weights()
    {
        // At this rate the weights run away after some steps.
        var options = Options with { EarlyStop = 1, LearningRate = 3, Optimizer = Curator.Learning.Optimizers.OptimizerKind.Sgd, Budget = 16 * 200 };
        using var folder = new TemporaryFolder();
        await using var workspace = await Workspace.InitAsync(folder["w"], TimeProvider.System, Cancel);
        await Pictures.AddAsync(workspace, folder["pictures"], 0, 400, 32, Cancel);

        var row = await Curator.Learning.Training.Training.TrainAsync(workspace, options, new PoolEngine(1), null, Cancel);

        var card = (await new EncoderStore(workspace).FindAsync(row.Id, Cancel)).Card;
        Assert.True(card.Lineage!.Steps < 200, $"{card.Lineage.Steps} steps");
        Assert.InRange(card.Metrics["bestStep"], 1, card.Lineage.Steps);
        Assert.Contains("views.png", card.Files.Keys);
    }

    [Fact]
    public void The_same_place_at_another_date_is_a_partner_and_nothing_else_is()
    {
        var place = new BoundingBox(1, 2, 3, 4);
        var elsewhere = new BoundingBox(1, 2, 3, 5);
        var day = new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
        ImageRecord[] records = [Record(place, day), Record(place, day.AddDays(1)), Record(place, day), Record(elsewhere, day), Record(null, day), Record(place, null)];

        var pairs = PlacePairs.Of(records)!;

        Assert.Equal([1], pairs.Of(0).ToArray());
        Assert.Equal(2, pairs.Of(1).Length);
        Assert.Equal((0, 2), (pairs.Of(1)[0], pairs.Of(1)[1]));
        for (var image = 3; image < 6; image++) Assert.True(pairs.Of(image).IsEmpty);
        Assert.Equal(3, pairs.Count);
        Assert.Null(PlacePairs.Of(records[3..]));
    }

    [Fact]
    public void With_partners_every_other_view_comes_from_the_partner()
    {
        using var trainer = new Trainer(Options with { BatchSize = 4, Method = LearningMethod.Simclr, Preset = ViewPreset.Grey, Brightness = 0, Contrast = 0 }, new Doubled(), new Normalisation([0, 0, 0], [1, 1, 1]), TimeProvider.System);
        using var views = trainer.Views(0);

        // Pictures are black, partners white: whatever the crop, the first views stay black and the second white.
        Assert.Equal(0, views.slice(0, 0, 4, 1).max().item<float>());
        Assert.Equal(1, views.slice(0, 4, 8, 1).min().item<float>(), 1e-5);
    }

    private static ImageRecord Record(BoundingBox? footprint, DateTimeOffset? takenAt) => new()
    {
        Uri = "/x", Sha256 = new string('0', 64), SizeBytes = 1, ModifiedNanoseconds = 0, Width = 1, Height = 1, Channels = 3, BitDepth = 8, Folder = "", PerceptualHash = 0, MeanLuma = 0,
        LumaDeviation = 0, NoDataShare = 0, Footprint = footprint, TakenAt = takenAt,
    };

    private sealed class Doubled : IPixelSource
    {
        public int Count => 8;

        public int Side => 32;

        public bool HasPartners => true;

        public void Copy(int image, Span<byte> pixels) => pixels.Clear();

        public void CopyPartner(int image, ref CounterRandom random, Span<byte> pixels) => pixels.Fill(255);
    }
}
