using System.Collections.Concurrent;
using System.Globalization;
using System.Numerics.Tensors;
using Curator.Core;

namespace Curator.Learning.Encoders;

/// <summary>
/// Whether an encoder that libtorch runs gives the embeddings of its <c>model.onnx</c>, on made-up pictures: the last check before a whole archive is embedded, of the very operations, weights and batch. Once
/// a process for each encoder and computation. Thread-safe.
/// </summary>
internal static class ComputationCheck
{
    /// <summary>Least cosine that is accepted: rounding to bfloat16 stays above 0.999, a wrong kernel is far below.</summary>
    public const double LeastAgreement = 0.99;

    private const int Pictures = 32;

    private static readonly ConcurrentDictionary<(string Encoder, NetworkComputation Computation), double> Agreements = new();

    /// <exception cref="WorkspaceException">They do not agree.</exception>
    public static void Ensure(TorchEncoder encoder, string modelPath, NetworkComputation computation)
    {
        var agreement = Agreements.GetOrAdd((encoder.Card.Fingerprint, computation), _ =>
        {
            using var reference = new OnnxEncoder(modelPath, encoder.Card);
            return Agreement(encoder, reference);
        });
        if (!(agreement >= LeastAgreement))
            throw new WorkspaceException(
                string.Create(CultureInfo.InvariantCulture, $"{computation.Name} gives other embeddings of {encoder.Card.Id} than its model.onnx: least cosine {agreement:0.####}, {LeastAgreement} is needed."),
                "Use --device cpu --arithmetic fp32, which ONNX Runtime computes, and run 'curator doctor'.");
    }

    /// <summary>The least cosine of what the two give for the same pictures; not a number where one gives such.</summary>
    public static double Agreement(IImageEncoder encoder, IImageEncoder reference)
    {
        var pixels = MadeUp(encoder.ImageSize * encoder.ImageSize * encoder.Card.Channels);
        float[] actual = new float[Pictures * encoder.Dimension], expected = new float[actual.Length];
        encoder.Encode(pixels, Pictures, actual);
        reference.Encode(pixels, Pictures, expected);
        return Enumerable.Range(0, Pictures).Select(i => i * encoder.Dimension)
            .Min(first => (double)TensorPrimitives.Dot<float>(actual.AsSpan(first, encoder.Dimension), expected.AsSpan(first, encoder.Dimension)));
    }

    /// <summary>Noise around a level, from little to much.</summary>
    private static byte[] MadeUp(int pictureBytes)
    {
        var random = new Random(1);
        var pixels = new byte[Pictures * pictureBytes];
        for (var i = 0; i < Pictures; i++)
        {
            int level = random.Next(40, 216), noise = 1 + (i * 4);
            foreach (ref var value in pixels.AsSpan(i * pictureBytes, pictureBytes)) value = (byte)Math.Clamp(level + random.Next(-noise, noise + 1), 0, 255);
        }
        return pixels;
    }
}
