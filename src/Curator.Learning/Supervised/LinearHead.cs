using Curator.Learning.Native;
using Curator.Learning.Optimizers;
using Curator.Learning.Training;
using Curator.Learning.Views;
using static TorchSharp.torch;
using Linear = TorchSharp.Modules.Linear;

namespace Curator.Learning.Supervised;

/// <summary>The classifier behind a backbone: [B, F] → [B, C] logits. Owns its module. Not thread-safe.</summary>
internal sealed class LinearHead : IDisposable
{
    private const int Steps = 400, Batch = 512, Stream = 12, CheckEvery = 20;
    private const double Rate = 0.02, WeightDecay = 0.05;

    public LinearHead(int features, int classes) => Module = nn.Linear(features, classes);

    public Linear Module { get; }

    /// <summary>
    /// Multinomial logistic regression on fixed features, standardised while it learns and folded back afterwards, so that <see cref="Module"/>
    /// takes the features as they are. The step with the best validation result is kept.
    /// </summary>
    /// <param name="features">[N, F] to learn from.</param>
    /// <param name="held">[V, F] to judge by; V may be 0.</param>
    public ClassScores Fit(Tensor features, int[] classes, Tensor held, int[] heldClasses, float[] weights, int seed)
    {
        using var scope = NewDisposeScope();
        var mean = features.mean([0], keepdim: true); // [1, F]
        var deviation = features.var([0], unbiased: false, keepdim: true).Plus(1e-6).sqrt();
        var inputs = (features - mean) / deviation;
        var heldInputs = held.shape[0] == 0 ? held : (held - mean) / deviation;
        using (no_grad())
        {
            Module.weight!.zero_();
            Module.bias!.zero_();
        }
        var parameters = Module.named_parameters().Select(pair => (pair.name, (Tensor)pair.parameter)).ToArray();
        using var optimizer = new AdamW(parameters, WeightDecay);
        var targets = tensor([.. classes.Select(c => (long)c)]);
        var classWeights = tensor(weights);
        var best = ClassScores.Unknown;
        Tensor? bestWeight = null, bestBias = null;
        for (var step = 0; step < Steps; step++)
        {
            using (var inner = NewDisposeScope())
            {
                var rows = Rows(classes.Length, step, seed);
                var (x, y) = rows is null ? (inputs, targets) : (inputs.index_select(0, rows), targets.index_select(0, rows));
                nn.functional.cross_entropy(Module.forward(x), y, weight: classWeights).backward();
                optimizer.Step(Schedule.LearningRate(step, Steps, Rate, 0));
            }
            if ((step + 1) % CheckEvery != 0 || heldClasses.Length == 0) continue;
            var scores = Score(heldInputs, heldClasses, weights);
            if (!scores.IsBetterThan(best)) continue;
            best = scores;
            (bestWeight, bestBias) = (Module.weight!.detach().clone(), Module.bias!.detach().clone());
        }
        using (no_grad())
        {
            var weight = (bestWeight ?? Module.weight!.detach()) / deviation; // [C, F]
            Module.bias!.copy_((bestBias ?? Module.bias!.detach()) - weight.mv(mean.squeeze(0)));
            Module.weight!.copy_(weight);
        }
        return best;
    }

    /// <param name="features">[N, F].</param>
    public ClassScores Score(Tensor features, int[] classes, float[] weights)
    {
        if (classes.Length == 0) return ClassScores.Unknown;
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        return ClassScores.Of(Module.forward(features).data<float>().ToArray(), classes, weights);
    }

    public void Dispose() => Module.Dispose();

    /// <summary>Rows of a step, drawn with replacement; null for all.</summary>
    private static Tensor? Rows(int count, int step, int seed)
    {
        if (count <= Batch) return null;
        var random = new CounterRandom((ulong)seed, (ulong)step, Stream);
        var rows = new long[Batch];
        for (var i = 0; i < rows.Length; i++) rows[i] = random.Below(count);
        return tensor(rows);
    }
}
