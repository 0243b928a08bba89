using static TorchSharp.torch;

namespace Curator.Learning.Training;

/// <summary>Means and standard deviations of the channels, 0 to 1: part of the encoder, so that training and embedding cannot disagree.</summary>
/// <param name="Mean">[3].</param>
/// <param name="Deviation">[3], above 0.</param>
internal sealed record Normalisation(float[] Mean, float[] Deviation)
{
    private const float LeastDeviation = 0.02f;

    /// <summary>Measures up to 2,048 pictures, evenly spaced.</summary>
    public static Normalisation Of(IPixelSource pixels)
    {
        var sums = new double[3];
        var squares = new double[3];
        var picture = new byte[pixels.Side * pixels.Side * 3];
        var taken = Math.Min(pixels.Count, 2048);
        for (var i = 0; i < taken; i++)
        {
            pixels.Copy((int)((long)i * pixels.Count / taken), picture);
            for (var j = 0; j < picture.Length; j++)
            {
                var value = picture[j] / 255.0;
                sums[j % 3] += value;
                squares[j % 3] += value * value;
            }
        }
        var count = Math.Max(1.0, (double)taken * pixels.Side * pixels.Side);
        var mean = sums.Select(sum => (float)(sum / count)).ToArray();
        return new Normalisation(mean, [.. squares.Select((square, c) => MathF.Max(LeastDeviation, (float)Math.Sqrt(Math.Max(0, (square / count) - (mean[c] * (double)mean[c])))))]);
    }

    /// <param name="images">[B, 3, S, S], 0 to 1.</param>
    public Tensor Apply(Tensor images)
    {
        using var scope = NewDisposeScope();
        return ((images - tensor(Mean, [1, 3, 1, 1], device: images.device)) / tensor(Deviation, [1, 3, 1, 1], device: images.device)).MoveToOuterDisposeScope();
    }
}
