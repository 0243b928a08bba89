using Curator.Learning.Native;
using static TorchSharp.torch;

namespace Curator.Learning.Training;

/// <summary>Means and standard deviations of the channels, 0 to 1: part of the encoder, so that training and embedding cannot disagree.</summary>
/// <param name="Mean">[C].</param>
/// <param name="Deviation">[C], above 0.</param>
internal sealed record Normalisation(float[] Mean, float[] Deviation)
{
    private const float LeastDeviation = 0.02f;

    /// <summary>Measures up to 2,048 pictures, evenly spaced.</summary>
    public static Normalisation Of(IPixelSource pixels)
    {
        var channels = pixels.Channels;
        var sums = new double[channels];
        var squares = new double[channels];
        var picture = new byte[pixels.PictureBytes];
        var taken = Math.Min(pixels.Count, 2048);
        for (var i = 0; i < taken; i++)
        {
            pixels.Copy((int)((long)i * pixels.Count / taken), picture);
            for (var j = 0; j < picture.Length; j++)
            {
                var value = picture[j] / 255.0;
                sums[j % channels] += value;
                squares[j % channels] += value * value;
            }
        }
        var count = Math.Max(1.0, (double)taken * pixels.Side * pixels.Side);
        var mean = sums.Select(sum => (float)(sum / count)).ToArray();
        return new Normalisation(mean, [.. squares.Select((square, c) => MathF.Max(LeastDeviation, (float)Math.Sqrt(Math.Max(0, (square / count) - (mean[c] * (double)mean[c])))))]);
    }
}

/// <summary>A <see cref="Normalisation"/> on a device. Owns its tensors.</summary>
internal sealed class Normaliser : IDisposable
{
    private readonly Tensor _mean;
    private readonly Tensor _scale;

    public Normaliser(Normalisation normalisation, ComputeDevice device)
    {
        _mean = device.Upload(normalisation.Mean, 1, normalisation.Mean.Length, 1, 1).DetachFromDisposeScope();
        _scale = device.Upload([.. normalisation.Deviation.Select(value => 1 / value)], 1, normalisation.Mean.Length, 1, 1).DetachFromDisposeScope();
    }

    /// <param name="images">[B, C, S, S], 0 to 1.</param>
    /// <returns>Mean 0 and deviation 1 over the archive; the caller disposes.</returns>
    public Tensor Apply(Tensor images) => images.sub(_mean).mul_(_scale);

    public void Dispose()
    {
        _mean.Dispose();
        _scale.Dispose();
    }
}
