using Curator.Cli.Jobs;
using Curator.Learning.Encoders;

namespace Curator.Cli.Tests.Jobs;

public sealed class TrainingSpeedTests
{
    [Theory]
    [InlineData(256, 2, 1, 3.24, "12,345 images/s in batches of 256 on 2 threads, bf16 (after a trial of 3.2 s)")]
    [InlineData(1024, 1, 0, 0, "12,345 images/s in batches of 1,024 on 1 thread, fp32")]
    public void The_card_of_a_training_tells_how_fast_it_went_and_in_what(int batch, int threads, int halved, double trial, string expected)
    {
        var card = Card(new() { ["batchSize"] = batch, ["threads"] = threads, ["bfloat16"] = halved, ["trialSeconds"] = trial, ["imagesPerSecond"] = 12_345.4 });

        Assert.Equal(expected, TrainingSpeed.Of(card)?.ToString());
    }

    [Fact]
    public void An_encoder_from_elsewhere_tells_nothing_of_it() => Assert.Null(TrainingSpeed.Of(Card([])));

    private static EncoderCard Card(Dictionary<string, double> metrics) => new() { Name = "simclr", Kind = EncoderKind.Onnx, Dimension = 16, ImageSize = 64, Metrics = metrics };
}
