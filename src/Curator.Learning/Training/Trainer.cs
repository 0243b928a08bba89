using System.Globalization;
using Curator.Core;
using Curator.Learning.Methods;
using Curator.Learning.Native;
using Curator.Learning.Networks;
using Curator.Learning.Views;
using TorchSharp;
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
    private const int TrialSteps = 3;

    // Reading a number back waits for the device; on a GPU it would stand idle while the next step is put together.
    private const int GpuLossEvery = 16;

    private readonly TrainOptions _options;
    private readonly IPixelSource _pixels;
    private readonly TimeProvider _clock;
    private readonly Normaliser _normaliser;
    private readonly SimClr _method;
    private readonly AdamW _optimizer;
    private readonly BatchPrefetcher _batches;
    private double _loss = double.NaN;
    private double _imagesPerSecond;
    private long _readAt;
    private long _readStep;

    public Trainer(TrainOptions options, IPixelSource pixels, Normalisation normalisation, TimeProvider clock)
    {
        if (pixels.Count < 4)
            throw new WorkspaceException($"{pixels.Count} readable images are too few to learn from; at least 4 are needed.", "Add images with 'curator add'.");
        _options = options;
        _pixels = pixels;
        _clock = clock;
        BatchSize = Math.Min(options.BatchSize, pixels.Count);
        TorchRuntime.SetThreads(options.Threads > 0 ? options.Threads : Environment.ProcessorCount);
        Device = ComputeDevice.Resolve(options.Device);
        var plan = Architectures.Plan(options.Architecture, options.Width);
        Arithmetic = ArithmeticChoice.Of(options.Precision, plan, options.ImageSize, Device);
        manual_seed(options.Seed);
        Backbone = new Backbone(plan);
        _method = new SimClr(Backbone.Plan.Features, options.Projection, options.Temperature);
        // Weights are drawn on the processor, so that a seed means the same on every device.
        if (BFloat16) Backbone.UseChannelsLast();
        if (Device.IsCuda)
        {
            Backbone.to(Device.Device);
            _method.Head.to(Device.Device);
        }
        _normaliser = new Normaliser(normalisation, Device);
        _optimizer = new AdamW([.. Parameters()], options.WeightDecay);
        _batches = new BatchPrefetcher(pixels, options, BatchSize);
    }

    /// <summary>Where everything is computed.</summary>
    public ComputeDevice Device { get; }

    /// <summary>What forward and backward run in.</summary>
    public Arithmetic Arithmetic { get; }

    public Backbone Backbone { get; }

    public int BatchSize { get; }

    /// <summary>Whether forward and backward run in bfloat16.</summary>
    public bool BFloat16 => Arithmetic == Arithmetic.BFloat16;

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
        Advance(0, 1).Dispose(); // The first step builds kernels and grows the heap.
        Device.Synchronize();
        var trial = Device.IsCuda ? TrialSteps * 10 : TrialSteps;
        var start = _clock.GetTimestamp();
        for (var i = 0; i < trial; i++) Advance(i + 1, 1).Dispose();
        Device.Synchronize();
        var seconds = _clock.GetElapsedTime(start).TotalSeconds / trial;
        Restore(0, before);
        return Math.Max(1, (long)((_options.Minutes ?? TrainOptions.DefaultMinutes) * 60 / Math.Max(seconds, 1e-6)));
    }

    /// <summary>Does the next step. On a GPU loss and rate are those of the last 16th step, since reading them waits for the device.</summary>
    /// <exception cref="CheckpointException">The loss is no number any more.</exception>
    public StepReport Next(long steps)
    {
        if (_readAt == 0) (_readAt, _readStep) = (_clock.GetTimestamp(), Step);
        var learningRate = Schedule.LearningRate(Step, steps, _options.LearningRate, _options.WarmUp);
        using var loss = Advance(Step, learningRate);
        Step++;
        if (!Device.IsCuda || (Step - 1) % GpuLossEvery == 0 || Step == steps) Read(loss, steps);
        return new StepReport(Step, steps, _loss, learningRate, _imagesPerSecond);
    }

    /// <summary>Features of pictures in evaluation mode, single precision; the network's mode is restored.</summary>
    /// <param name="images">Numbers of pictures.</param>
    /// <returns>[N, F] on the processor; the caller disposes.</returns>
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
                var pictures = BatchViews.FromBytes(bytes, bytes.Length / pictureBytes, _pixels.Side, Device);
                all.Add(Backbone.forward(_normaliser.Apply(pictures)).cpu().MoveToOuterDisposeScope());
            }
            return cat(all, 0).MoveToOuterDisposeScope();
        }
        finally
        {
            Backbone.train();
        }
    }

    public void Dispose()
    {
        _batches.Dispose();
        _optimizer.Dispose();
        _normaliser.Dispose();
        _method.Dispose();
        Backbone.Dispose();
    }

    private IEnumerable<(string, Tensor)> Parameters() =>
        Backbone.named_parameters().Select(pair => ("backbone." + pair.name, (Tensor)pair.parameter))
            .Concat(_method.Head.named_parameters().Select(pair => ("head." + pair.name, (Tensor)pair.parameter)));

    /// <returns>The loss, still on the device; the caller disposes.</returns>
    private Tensor Advance(long step, double learningRate)
    {
        using var scope = NewDisposeScope();
        var views = Views(step); // [2B, 3, S, S]
        Backbone.train();
        _method.Head.train();

        Tensor features;
        using (BFloat16 ? NativeContext.BeginBFloat16(Device) : default) features = Backbone.forward(views); // [2B, F]
        var loss = _method.Loss(features.to(ScalarType.Float32));
        loss.backward();
        _optimizer.Step(learningRate);
        return loss.detach().MoveToOuterDisposeScope();
    }

    /// <summary>Both views of the step's pictures, normalised, in the memory order of the network; the caller disposes.</summary>
    internal Tensor Views(long step)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var batch = _batches.Take(step);
        var pictures = BatchViews.FromBytes(batch.Pixels, BatchSize, _pixels.Side, Device); // [B, 3, S, S]
        var views = _normaliser.Apply(BatchViews.Apply(cat([pictures, pictures], 0), batch.Views, Device)); // [2B, 3, S, S]
        _batches.Return(batch);
        return (BFloat16 ? ChannelsLast.Of(views) : views).MoveToOuterDisposeScope();
    }

    private void Read(Tensor loss, long steps)
    {
        _loss = loss.item<float>();
        if (!double.IsFinite(_loss))
            throw new CheckpointException(
                string.Create(CultureInfo.InvariantCulture, $"The loss became {_loss} at step {Step} of {steps}; the last good checkpoint is kept."),
                "Train with a smaller --learning-rate or with --precision fp32.");
        var now = _clock.GetTimestamp();
        _imagesPerSecond = (Step - _readStep) * BatchSize / Math.Max(_clock.GetElapsedTime(_readAt, now).TotalSeconds, 1e-9);
        (_readAt, _readStep) = (now, Step);
    }
}
