using Curator.Learning.Encoders;
using Microsoft.ML.OnnxRuntime;

namespace Curator.Learning.Training;

/// <summary>Compares the exported network in ONNX Runtime with the trained one in libtorch, on real pictures, before the export is accepted.</summary>
internal static class ExportCheck
{
    /// <summary>Least cosine that is accepted.</summary>
    public const double LeastAgreement = 0.9999;

    private const int Pictures = 64;

    /// <returns>The least cosine over the pictures of whitened libtorch features and ONNX Runtime's output.</returns>
    public static double Agreement(byte[] model, Trainer trainer, IPixelSource pixels, Whitening whitening, int side)
    {
        using var scope = TorchSharp.torch.NewDisposeScope();
        var images = Enumerable.Range(0, Math.Min(Pictures, pixels.Count)).Select(i => (int)((long)i * pixels.Count / Math.Min(Pictures, pixels.Count))).ToArray();
        var expected = trainer.Features(pixels, images).data<float>().ToArray();

        var bytes = new byte[images.Length * pixels.PictureBytes];
        for (var i = 0; i < images.Length; i++) pixels.Copy(images[i], bytes.AsSpan(i * pixels.PictureBytes, pixels.PictureBytes));
        using var options = new SessionOptions { IntraOpNumThreads = 1 };
        using var session = new InferenceSession(model, options);
        using var run = new RunOptions();
        using var input = OrtValue.CreateTensorValueFromMemory(bytes, [images.Length, side, side, pixels.Channels]);
        using var outputs = session.Run(run, [OnnxEncoder.InputName], [input], [OnnxEncoder.OutputName]);
        return LeastCosine(expected, outputs[0].GetTensorDataAsSpan<float>(), whitening, images.Length);
    }

    /// <param name="expected">[N, F] features, not whitened.</param>
    /// <param name="actual">[N, D], whitened.</param>
    public static double LeastCosine(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, Whitening whitening, int count)
    {
        var least = 1.0;
        for (var i = 0; i < count; i++)
        {
            double product = 0, ours = 0, theirs = 0;
            for (var j = 0; j < whitening.Dimension; j++)
            {
                double value = whitening.Shift[j];
                for (var k = 0; k < whitening.Features; k++) value += (double)whitening.Matrix[(j * whitening.Features) + k] * expected[(i * whitening.Features) + k];
                double other = actual[(i * whitening.Dimension) + j];
                product += value * other;
                ours += value * value;
                theirs += other * other;
            }
            var cosine = product / Math.Sqrt(ours * theirs);
            // Two vectors without a direction agree.
            if (ours < 1e-20 && theirs < 1e-20) cosine = 1;
            least = double.IsNaN(cosine) ? double.NegativeInfinity : Math.Min(least, cosine);
        }
        return least;
    }
}
