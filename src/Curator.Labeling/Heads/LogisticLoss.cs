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
            loss += share * (outputs == 1 ? Binary(labels.Span[r]) : Softmax(labels.Span[r]));
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

    /// <summary>Replaces the logit by dLoss/dLogit and returns the loss ln(1 + e^∓z).</summary>
    private double Binary(int label)
    {
        var z = _logits[0];
        var target = label == 0 ? 1.0 : 0.0;
        var p = 1 / (1 + Math.Exp(-z));
        _logits[0] = p - target;
        var margin = label == 0 ? z : -z;
        return margin > 0 ? Math.Log(1 + Math.Exp(-margin)) : -margin + Math.Log(1 + Math.Exp(margin));
    }

    private double Softmax(int label)
    {
        var largest = _logits.Max();
        double sum = 0;
        foreach (var z in _logits) sum += Math.Exp(z - largest);
        var loss = largest + Math.Log(sum) - _logits[label];
        for (var k = 0; k < outputs; k++) _logits[k] = Math.Exp(_logits[k] - largest) / sum - (k == label ? 1 : 0);
        return loss;
    }
}
