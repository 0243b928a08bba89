using System.Numerics.Tensors;

namespace Curator.Labeling.Heads;

/// <summary>The hidden layer of a small network: x → tanh(W·x + b). Immutable, thread-safe. O(h · d) a row.</summary>
public sealed class HiddenLayer : IFeatureMap
{
    /// <param name="weights">[h, d], row-major.</param>
    /// <param name="biases">[h].</param>
    public HiddenLayer(int dimension, float[] weights, float[] biases)
    {
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(biases);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(dimension);
        ArgumentOutOfRangeException.ThrowIfNotEqual(weights.Length, biases.Length * dimension);
        (Dimension, Weights, Biases) = (dimension, weights, biases);
    }

    public int Dimension { get; }

    public int OutputDimension => Biases.Length;

    /// <summary>[h, d].</summary>
    public float[] Weights { get; }

    /// <summary>[h].</summary>
    public float[] Biases { get; }

    public void Map(ReadOnlySpan<float> rows, Span<float> mapped)
    {
        var h = OutputDimension;
        for (var r = 0; r < rows.Length / Dimension; r++)
            for (var k = 0; k < h; k++)
                mapped[r * h + k] = MathF.Tanh(TensorPrimitives.Dot(rows.Slice(r * Dimension, Dimension), Weights.AsSpan(k * Dimension, Dimension)) + Biases[k]);
    }
}
