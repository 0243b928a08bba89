using System.Numerics;
using Curator.Core;
using Curator.Learning.Native;
using Curator.Learning.Weights;
using static TorchSharp.torch;

namespace Curator.Learning.Encoders;

/// <summary>
/// A linear map fitted on features so that each output has mean 0 and variance 1 and none tells what another tells already; directions of
/// little variance are left out. Cosine between whitened features does not let a few loud directions drown the rest.
/// </summary>
/// <param name="Features">F.</param>
/// <param name="Dimension">D, at most F.</param>
/// <param name="Matrix">[D, F].</param>
/// <param name="Shift">[D]; added.</param>
internal sealed record Whitening(int Features, int Dimension, float[] Matrix, float[] Shift)
{
    /// <summary>What is written for the statistics of a joined encoder.</summary>
    public const string FileName = "statistics.safetensors";

    /// <summary>What is written of the network's own map, which is a part of <c>model.onnx</c> too; for other software.</summary>
    public const string NetworkFileName = "whitening.safetensors";

    /// <summary>
    /// Principal components of the covariance, in double precision. The share <paramref name="ridge"/> of the mean variance is added to each,
    /// so that directions which hold only noise are not blown up.
    /// </summary>
    /// <param name="features">[N, F] float32; N at least 2.</param>
    /// <param name="power">1 brings all variances to one, 0.5 half of the way (the fourth root), 0 only turns.</param>
    public static Whitening Fit(Tensor features, int dimension, double ridge = 0.01, double power = 1)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var (count, length) = (features.shape[0], (int)features.shape[1]);
        dimension = Math.Min(dimension, length);
        var exact = features.to(ScalarType.Float64);
        var mean = exact.mean([0]); // [F]
        var centred = exact - mean;
        var covariance = centred.t().mm(centred) / Number.Of(count - 1); // [F, F]
        var (variances, directions) = linalg.eigh(covariance); // ascending; columns are directions
        var floor = (variances.clamp_min(Number.Of(0)).mean() * Number.Of(ridge)).Plus(1e-12);
        var kept = directions.slice(1, length - dimension, length, 1).flip(1); // [F, D], loudest first
        var strength = variances.slice(0, length - dimension, length, 1).flip(0).clamp_min(Number.Of(0)).Plus(floor).pow(Number.Of(-power / 2)); // [D]
        // A direction and its opposite are the same component; the sign is chosen so that the numbers do not depend on the solver's whim.
        var largest = kept.gather(0, kept.abs().argmax(0, keepdim: true)).sign(); // [1, D]
        var matrix = (kept * largest * strength).t().contiguous(); // [D, F]
        var shift = -matrix.mv(mean); // [D]
        return new Whitening(length, dimension, Copy(matrix), Copy(shift));
    }

    /// <summary>Matrix · input + shift. The same bits on every vector width that is a multiple of four.</summary>
    /// <param name="input">[F].</param>
    /// <param name="output">[D].</param>
    public void Apply(ReadOnlySpan<float> input, Span<float> output)
    {
        for (var d = 0; d < Dimension; d++)
        {
            var row = Matrix.AsSpan(d * Features, Features);
            var sums = Vector4.Zero;
            var i = 0;
            for (; i + 4 <= Features; i += 4) sums += new Vector4(row[i..]) * new Vector4(input[i..]);
            var sum = sums.X + sums.Y + sums.Z + sums.W;
            for (; i < Features; i++) sum += row[i] * input[i];
            output[d] = sum + Shift[d];
        }
    }

    public byte[] ToBytes() => Safetensors.ToBytes([new NamedTensor("matrix", [Dimension, Features], Matrix), new NamedTensor("shift", [Dimension], Shift)]);

    /// <exception cref="CheckpointException">Not what <see cref="ToBytes"/> writes for this many features.</exception>
    public static Whitening Read(string path, int features)
    {
        var tensors = Safetensors.Read(path).ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
        if (!tensors.TryGetValue("matrix", out var matrix) || !tensors.TryGetValue("shift", out var shift)
            || matrix.Shape is not [var dimension, var width] || width != features || shift.Shape is not [var same] || same != dimension)
            throw new CheckpointException($"'{path}' holds no map of {features} features.", "Copy the encoder's folder again, or train it again with 'curator train'.");
        return new Whitening(features, (int)dimension, matrix.Values, shift.Values);
    }

    private static float[] Copy(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return tensor.to(ScalarType.Float32).contiguous().data<float>().ToArray();
    }
}
