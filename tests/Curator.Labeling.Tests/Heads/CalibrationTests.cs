using Curator.Labeling.Heads;

namespace Curator.Labeling.Tests.Heads;

public sealed class CalibrationTests
{
    [Fact]
    public void Platt_finds_the_minimum_that_a_fine_grid_finds()
    {
        var (logits, labels) = Draw(300, 2.0, -1.0, 3);
        var fitted = Calibration.FitPlatt(logits, labels);
        var best = double.PositiveInfinity;
        double slope = 0, offset = 0;
        for (var a = 0.2; a < 4; a += 0.02)
        {
            for (var b = -3.0; b < 1; b += 0.02)
            {
                var loss = Loss(logits, labels, a, b);
                if (loss < best) (best, slope, offset) = (loss, a, b);
            }
        }
        Assert.Equal(slope, fitted.Slope, 0.03);
        Assert.Equal(offset, fitted.Offset, 0.03);
    }

    [Fact]
    public void Probabilities_mean_what_they_say()
    {
        var (logits, labels) = Draw(20_000, 0.5, 0.7, 5);
        var fitted = Calibration.FitPlatt(logits, labels);
        Assert.Equal(0.5, fitted.Slope, 0.05);
        Assert.Equal(0.7, fitted.Offset, 0.05);
    }

    [Fact]
    public void Separable_scores_and_reversed_scores_keep_a_positive_finite_slope()
    {
        var up = Calibration.FitPlatt([1, 2, 3, -1, -2, -3], [0, 0, 0, 1, 1, 1]);
        var down = Calibration.FitPlatt([1, 2, 3, -1, -2, -3], [1, 1, 1, 0, 0, 0]);
        Assert.True(double.IsFinite(up.Slope) && up.Slope > 0);
        Assert.True(double.IsFinite(down.Slope) && down.Slope > 0);
        Assert.Equal(Calibration.None, Calibration.FitPlatt([1, 2], [0, 0]));
    }

    [Fact]
    public void Temperature_undoes_a_known_scale()
    {
        var random = new Random(4);
        var logits = new float[6000];
        var labels = new int[2000];
        for (var i = 0; i < labels.Length; i++)
        {
            var z = Enumerable.Range(0, 3).Select(_ => Mixture.Normal(random)).ToArray();
            var target = random.NextDouble() * z.Sum(Math.Exp);
            for (double sum = Math.Exp(z[0]); sum < target && labels[i] < 2; sum += Math.Exp(z[++labels[i]])) { }
            for (var k = 0; k < 3; k++) logits[i * 3 + k] = (float)(4 * z[k]);
        }
        Assert.Equal(0.25, Calibration.FitTemperature(logits, labels, 3).Slope, 0.03);
    }

    [Fact]
    public void Logit_of_a_probability_reads_back()
    {
        var calibration = new Calibration(0.7, -0.3);
        foreach (var p in new[] { 0.01, 0.3, 0.5, 0.99 }) Assert.Equal(p, calibration.Probability((float)calibration.LogitOf(p)), 1e-5);
    }

    private static (float[] Logits, int[] Labels) Draw(int count, double slope, double offset, int seed)
    {
        var random = new Random(seed);
        var logits = new float[count];
        var labels = new int[count];
        for (var i = 0; i < count; i++)
        {
            logits[i] = (float)(2 * Mixture.Normal(random));
            labels[i] = random.NextDouble() < 1 / (1 + Math.Exp(-(slope * logits[i] + offset))) ? 0 : 1;
        }
        return (logits, labels);
    }

    private static double Loss(float[] logits, int[] labels, double slope, double offset)
    {
        double positives = labels.Count(l => l == 0), negatives = labels.Length - positives;
        return logits.Select((z, i) =>
        {
            var target = labels[i] == 0 ? (positives + 1) / (positives + 2) : 1 / (negatives + 2);
            var p = 1 / (1 + Math.Exp(-(slope * z + offset)));
            return -(target * Math.Log(p) + (1 - target) * Math.Log(1 - p));
        }).Sum();
    }
}
