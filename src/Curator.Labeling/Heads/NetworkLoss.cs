using System.Numerics.Tensors;

namespace Curator.Labeling.Heads;

/// <summary>
/// Value and gradient of a network with one hidden layer of tanh: Σ uᵢ·(−ln p(yᵢ|xᵢ))/Σ uᵢ + λ/2·(‖W₁‖² + ‖W₂‖²), biases free. Parameters are [h × d, h, outputs × h, outputs].
/// Not thread-safe: owns scratch memory.
/// </summary>
internal sealed class NetworkLoss(ReadOnlyMemory<float> rows, int dimension, ReadOnlyMemory<int> labels, int hidden, int outputs, double[] sampleWeights, double regularisation)
{
    private readonly float[] _first = new float[hidden * dimension];
    private readonly float[] _firstGradient = new float[hidden * dimension];
    private readonly double[] _activations = new double[hidden];
    private readonly double[] _logits = new double[outputs];
    private readonly double _total = sampleWeights.Sum();

    /// <summary>Numbers of all parameters.</summary>
    public static int ParameterCount(int dimension, int hidden, int outputs) => hidden * (dimension + 1) + outputs * (hidden + 1);

    public double Evaluate(ReadOnlySpan<double> at, Span<double> gradient)
    {
        int w1 = hidden * dimension, w2 = w1 + hidden, b2 = w2 + outputs * hidden;
        for (var i = 0; i < w1; i++) _first[i] = (float)at[i];
        Array.Clear(_firstGradient);
        gradient.Clear();
        double loss = 0;
        for (var r = 0; r < labels.Length; r++)
        {
            var row = rows.Span.Slice(r * dimension, dimension);
            var share = sampleWeights[r] / _total;
            for (var k = 0; k < hidden; k++) _activations[k] = Math.Tanh(TensorPrimitives.Dot(row, _first.AsSpan(k * dimension, dimension)) + at[w1 + k]);
            for (var o = 0; o < outputs; o++) _logits[o] = TensorPrimitives.Dot(at.Slice(w2 + o * hidden, hidden), _activations) + at[b2 + o];
            loss += share * LogLoss.ToSlopes(_logits, labels.Span[r]);
            for (var o = 0; o < outputs; o++)
            {
                var slope = share * _logits[o];
                gradient[b2 + o] += slope;
                var target = gradient.Slice(w2 + o * hidden, hidden);
                TensorPrimitives.MultiplyAdd(_activations, slope, target, target);
            }
            for (var k = 0; k < hidden; k++)
            {
                double back = 0;
                for (var o = 0; o < outputs; o++) back += share * _logits[o] * at[w2 + o * hidden + k];
                back *= 1 - _activations[k] * _activations[k];
                gradient[w1 + k] += back;
                var target = _firstGradient.AsSpan(k * dimension, dimension);
                TensorPrimitives.MultiplyAdd(row, (float)back, target, target);
            }
        }
        for (var i = 0; i < w1; i++) gradient[i] = _firstGradient[i];
        loss += Penalise(at, gradient, 0, w1) + Penalise(at, gradient, w2, b2);
        return loss;
    }

    private double Penalise(ReadOnlySpan<double> at, Span<double> gradient, int from, int to)
    {
        double sum = 0;
        for (var i = from; i < to; i++)
        {
            gradient[i] += regularisation * at[i];
            sum += at[i] * at[i];
        }
        return regularisation / 2 * sum;
    }
}
