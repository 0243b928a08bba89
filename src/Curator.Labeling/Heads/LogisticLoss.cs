using System.Numerics.Tensors;

namespace Curator.Labeling.Heads;

/// <summary>Value and gradient of the regularised log loss; parameters are [outputs × d weights, outputs biases]. Not thread-safe: owns scratch memory.</summary>
internal sealed class LogisticLoss(ReadOnlyMemory<float> rows, int dimension, ReadOnlyMemory<int> labels, int outputs, double[] sampleWeights, double regularisation)
{
    private readonly float[] _weights = new float[outputs * dimension];
    private readonly float[] _gradient = new float[outputs * dimension];
    private readonly double[] _biasGradient = new double[outputs];
    private readonly double[] _logits = new double[outputs];
    private readonly double _total = sampleWeights.Sum();

    public double Evaluate(ReadOnlySpan<double> at, Span<double> gradient)
    {
        for (var i = 0; i < _weights.Length; i++) _weights[i] = (float)at[i];
        var biases = at[_weights.Length..];
        Array.Clear(_gradient);
        Array.Clear(_biasGradient);
        double loss = 0;
        for (var r = 0; r < labels.Length; r++)
        {
            var row = rows.Span.Slice(r * dimension, dimension);
            var share = sampleWeights[r] / _total;
            for (var k = 0; k < outputs; k++)
                _logits[k] = TensorPrimitives.Dot(row, _weights.AsSpan(k * dimension, dimension)) + biases[k];
            loss += share * LogLoss.ToSlopes(_logits, labels.Span[r]);
            for (var k = 0; k < outputs; k++)
            {
                var slope = share * _logits[k];
                _biasGradient[k] += slope;
                var target = _gradient.AsSpan(k * dimension, dimension);
                TensorPrimitives.MultiplyAdd(row, (float)slope, target, target);
            }
        }
        for (var i = 0; i < _weights.Length; i++)
        {
            gradient[i] = _gradient[i] + regularisation * at[i];
            loss += regularisation / 2 * at[i] * at[i];
        }
        _biasGradient.AsSpan().CopyTo(gradient[_weights.Length..]);
        return loss;
    }
}
