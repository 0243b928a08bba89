using System.Globalization;
using Curator.Core;
using Curator.Learning.Methods;
using Curator.Learning.Native;
using Curator.Learning.Networks;
using Curator.Learning.Views;
using static TorchSharp.torch;

namespace Curator.Learning.Training;

/// <summary>What the trainer says after a step.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="ImagesPerSecond">Of this step; each image gives two views.</param>
internal readonly record struct StepReport(long Step, long Steps, double Loss, double LearningRate, double ImagesPerSecond);

/// <summary>
/// One training, from first step to last, resumable at every step: weights, optimiser, and all random numbers of step n are functions of
/// the settings and n alone. Lives on one thread (dispose scopes and bfloat16 regions belong to a thread). Owns its networks.
/// </summary>
internal sealed class Trainer : IDisposable
{
    private const int PermutationStream = 1, FirstViewStream = 2, SecondViewStream = 3;
    private const int TrialSteps = 3;

    private readonly TrainOptions _options;
    private readonly IPixelSource _pixels;
    private readonly TimeProvider _clock;
    private readonly Normalisation _normalisation;
    private readonly SimClr _method;
    private readonly AdamW _optimizer;
    private readonly int[] _order;
    private readonly byte[] _batch;
    private long _orderEpoch = -1;

    public Trainer(TrainOptions options, IPixelSource pixels, Normalisation normalisation, TimeProvider clock)
    {
        if (pixels.Count < 4)
            throw new WorkspaceException($"{pixels.Count} readable images are too few to learn from; at least 4 are needed.", "Add images with 'curator add'.");
        _options = options;
        _pixels = pixels;
        _clock = clock;
        _normalisation = normalisation;
        BatchSize = Math.Min(options.BatchSize, pixels.Count);
        BFloat16 = options.Precision switch
        {
            TrainingPrecision.Bf16 => true,
            TrainingPrecision.Auto => Processor.HasBFloat16,
            _ => false,
        };
        TorchRuntime.SetThreads(options.Threads > 0 ? options.Threads : Environment.ProcessorCount);
        manual_seed(options.Seed);
        Backbone = new Backbone(Architectures.Plan(options.Architecture, options.Width));
        _method = new SimClr(Backbone.Plan.Features, options.Projection, options.Temperature);
        _optimizer = new AdamW([.. Parameters()], options.WeightDecay);
        _order = new int[pixels.Count];
        _batch = new byte[BatchSize * pixels.Side * pixels.Side * 3];
    }

    public Backbone Backbone { get; }

    public int BatchSize { get; }

    /// <summary>Whether forward and backward run in bfloat16.</summary>
    public bool BFloat16 { get; }

    /// <summary>Steps done.</summary>
    public long Step { get; private set; }

    /// <summary>All tensors that a checkpoint holds, still owned by this.</summary>
    public IEnumerable<(string Name, Tensor Value)> State() =>
        TensorTable.Of("backbone.", Backbone).Concat(TensorTable.Of("head.", _method.Head)).Concat(_optimizer.State());

    /// <summary>Continues from a checkpoint's state.</summary>
    public void Restore(long step, IReadOnlyList<Weights.NamedTensor> tensors)
    {
        TensorTable.Load(tensors, State());
        Step = _optimizer.Steps = step;
    }

    /// <summary>How many steps the options' budget is. Minutes are turned into steps by timing a few, which leave no trace.</summary>
    public long PlanSteps()
    {
        if (_options.Budget is { } images) return Math.Max(1, (long)Math.Ceiling((double)images / BatchSize));
        if (_options.Epochs is { } epochs) return Math.Max(1, (long)Math.Ceiling(epochs * _pixels.Count / BatchSize));
        var before = TensorTable.ToArrays(State());
        Advance(0, 1); // The first step builds kernels and grows the heap.
        var start = _clock.GetTimestamp();
        for (var i = 0; i < TrialSteps; i++) Advance(0, 1);
        var seconds = _clock.GetElapsedTime(start).TotalSeconds / TrialSteps;
        Restore(0, before);
        return Math.Max(1, (long)((_options.Minutes ?? TrainOptions.DefaultMinutes) * 60 / Math.Max(seconds, 1e-6)));
    }

    /// <summary>Does the next step.</summary>
    /// <exception cref="CheckpointException">The loss is no number any more.</exception>
    public StepReport Next(long steps)
    {
        var start = _clock.GetTimestamp();
        var learningRate = Schedule.LearningRate(Step, steps, _options.LearningRate, _options.WarmUp);
        var loss = Advance(Step, learningRate);
        if (!double.IsFinite(loss))
            throw new CheckpointException(
                string.Create(CultureInfo.InvariantCulture, $"The loss became {loss} at step {Step + 1} of {steps}; the last good checkpoint is kept."),
                "Train with a smaller --learning-rate or with --precision fp32.");
        Step++;
        var seconds = _clock.GetElapsedTime(start).TotalSeconds;
        return new StepReport(Step, steps, loss, learningRate, BatchSize / Math.Max(seconds, 1e-9));
    }

    /// <summary>Features of pictures in evaluation mode, single precision; the network's mode is restored.</summary>
    /// <param name="images">Numbers of pictures.</param>
    /// <returns>[N, F]; the caller disposes.</returns>
    public Tensor Features(IReadOnlyList<int> images)
    {
        const int chunk = 256;
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        Backbone.eval();
        try
        {
            var all = new List<Tensor>();
            var pictureBytes = _pixels.Side * _pixels.Side * 3;
            for (var first = 0; first < images.Count; first += chunk)
            {
                using var inner = NewDisposeScope();
                var bytes = new byte[Math.Min(chunk, images.Count - first) * pictureBytes];
                for (var i = 0; i < bytes.Length / pictureBytes; i++) _pixels.Copy(images[first + i], bytes.AsSpan(i * pictureBytes, pictureBytes));
                var pictures = BatchViews.FromBytes(bytes, bytes.Length / pictureBytes, _pixels.Side, CPU);
                all.Add(Backbone.forward(_normalisation.Apply(pictures)).MoveToOuterDisposeScope());
            }
            return cat(all, 0).MoveToOuterDisposeScope();
        }
        finally
        {
            Backbone.train();
        }
    }

    /// <summary>Pictures of a step: a permutation an epoch, its last incomplete batch left out.</summary>
    internal ReadOnlySpan<int> ImagesOf(long step)
    {
        var perEpoch = _pixels.Count / BatchSize;
        var epoch = step / perEpoch;
        if (epoch != _orderEpoch)
        {
            for (var i = 0; i < _order.Length; i++) _order[i] = i;
            var random = new CounterRandom((ulong)_options.Seed, (ulong)epoch, PermutationStream);
            random.Shuffle(_order.AsSpan());
            _orderEpoch = epoch;
        }
        return _order.AsSpan((int)(step % perEpoch) * BatchSize, BatchSize);
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        _method.Dispose();
        Backbone.Dispose();
    }

    private IEnumerable<(string, Tensor)> Parameters() =>
        Backbone.named_parameters().Select(pair => ("backbone." + pair.name, (Tensor)pair.parameter))
            .Concat(_method.Head.named_parameters().Select(pair => ("head." + pair.name, (Tensor)pair.parameter)));

    private double Advance(long step, double learningRate)
    {
        using var scope = NewDisposeScope();
        var pictureBytes = _pixels.Side * _pixels.Side * 3;
        var images = ImagesOf(step);
        for (var i = 0; i < images.Length; i++) _pixels.Copy(images[i], _batch.AsSpan(i * pictureBytes, pictureBytes));
        var pictures = BatchViews.FromBytes(_batch, BatchSize, _pixels.Side, CPU); // [B, 3, S, S]
        var views = _normalisation.Apply(cat([View(pictures, step, FirstViewStream), View(pictures, step, SecondViewStream)], 0)); // [2B, 3, S, S]
        Backbone.train();
        _method.Head.train();

        Tensor features;
        using (BFloat16 ? NativeContext.BeginBFloat16() : default) features = Backbone.forward(views); // [2B, F]
        var loss = _method.Loss(features.to(ScalarType.Float32));
        loss.backward();
        _optimizer.Step(learningRate);
        return loss.item<float>();
    }

    private Tensor View(Tensor pictures, long step, int stream)
    {
        var random = new CounterRandom((ulong)_options.Seed, (ulong)step, (ulong)stream);
        return BatchViews.Apply(pictures, ViewParameters.Draw(ViewOptions.Of(_options.Preset), BatchSize, ref random));
    }
}
