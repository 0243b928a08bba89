using Curator.Learning.Supervised;

namespace Curator.Learning.Tests.Supervised;

public sealed class ClassScoresTests
{
    [Fact]
    public void Scores_are_those_of_the_definitions()
    {
        // Two of three right in class 0, none of one in class 1.
        float[] logits = [2, 0, 1, 0, 0, 3, 1, 0];
        var scores = ClassScores.Of(logits, [0, 0, 0, 1], [1, 1]);

        Assert.Equal(0.5, scores.Accuracy, 1e-12);
        Assert.Equal((2.0 / 3 + 0) / 2, scores.BalancedAccuracy, 1e-12);
        var expected = (Math.Log(1 + Math.Exp(-2)) + Math.Log(1 + Math.Exp(-1)) + Math.Log(1 + Math.Exp(3)) + Math.Log(1 + Math.Exp(1))) / 4;
        Assert.Equal(expected, scores.Loss, 1e-6);
    }

    [Fact]
    public void Balanced_weights_give_every_class_that_occurs_the_same_weight_in_all()
    {
        var weights = ClassScores.Weights([0, 0, 0, 2], 3, balanced: true);

        Assert.Equal(3 * weights[0], weights[2], 1e-6);
        Assert.Equal(0, weights[1]);
        Assert.Equal([1f, 0f, 1f], ClassScores.Weights([0, 0, 0, 2], 3, balanced: false));
    }

    [Fact]
    public void A_split_keeps_its_share_of_every_class_and_no_label_twice()
    {
        int[] classes = [.. Enumerable.Repeat(0, 50), .. Enumerable.Repeat(1, 10), .. Enumerable.Repeat(2, 3)];

        var split = StratifiedSplit.Of(classes, 0.2, seed: 4);

        Assert.Equal(Enumerable.Range(0, 63), split.Train.Concat(split.Validation).Order());
        Assert.Equal((10, 2, 0), (split.Validation.Count(i => classes[i] == 0), split.Validation.Count(i => classes[i] == 1), split.Validation.Count(i => classes[i] == 2)));
        Assert.Equal(split.Validation, StratifiedSplit.Of(classes, 0.2, seed: 4).Validation);
        Assert.NotEqual(split.Validation, StratifiedSplit.Of(classes, 0.2, seed: 5).Validation);
    }

    [Fact]
    public void Layers_nearer_to_the_input_learn_slower()
    {
        string[] names = ["conv1_conv.weight", "layer1_0_conv1_conv.weight", "layer4_1_conv2_norm.bias"];
        var stages = LayerRates.Stages(names);

        Assert.Equal(4, stages);
        Assert.Equal([Math.Pow(0.5, 5), Math.Pow(0.5, 4), 0.5], names.Select(name => LayerRates.Of(name, 0.5, stages)));
    }
}
