using System.Globalization;
using Curator.Core;
using Curator.Learning.Methods;
using Curator.Learning.Native;
using Curator.Learning.Networks;
using Curator.Learning.Optimizers;
using Curator.Learning.Views;
using TorchSharp;
using static TorchSharp.torch;

namespace Curator.Learning.Training;

/// <summary>What the trainer says after a step.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="ImagesPerSecond">Of this step; each image gives two views or more.</param>
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
    private readonly IMethod _method;
    private readonly Optimizer _optimizer;
    private readonly BatchPrefetcher _batches;
    private readonly Replicas? _replicas;
    private double _loss = double.NaN;
    private double _imagesPerSecond;
    private long _readAt;
    private long _readStep;

    /// <param name="chosen">Arithmetic that was chosen for this training before; null tries where the settings leave it open.</param>
    public Trainer(TrainOptions options, IPixelSource pixels, Normalisation normalisation, TimeProvider clock, Arithmetic? chosen = null)
    {
        if (pixels.Count < 4)
            throw new WorkspaceException(
                $"{pixels.Count} readable images are too few to learn from; at least 4 are needed.",
                options.Bands is { } bands ? $"Add TIFFs that have the bands {bands} with 'curator add', or leave --bands out." : "Add images with 'curator add'.");
        _options = options;
        _pixels = pixels;
        _clock = clock;
        BatchSize = Math.Min(options.BatchSize ?? TrainOptions.DefaultBatchSize, pixels.Count);
        Threads = options.ThreadsOrAll;
        TorchRuntime.SetThreads(Threads);
        var devices = ComputeDevice.ResolveAll(options.Device);
        Device = devices[0];
        if (Device.IsCuda) NativeContext.SearchKernels();
        var plan = options.Plan(pixels.Channels);
        Arithmetic = ArithmeticChoice.Of(options.Precision, plan, options.ViewSide, Device);
        if (options.Precision == TrainingPrecision.Auto && BFloat16)
            Arithmetic = chosen ?? ArithmeticTrial.Choose(plan, 2 * BatchSize, options.ViewSide, Device, clock, timed: options.IsTimed);
        manual_seed(options.Seed);
        Backbone = new Backbone(plan);
        _method = MethodChoice.Create(options, Backbone);
        // Weights are drawn on the processor, so that a seed means the same on every device.
        if (BFloat16) Backbone.UseChannelsLast();
        if (Device.IsCuda)
        {
            Backbone.to(Device.Device);
            _method.MoveTo(Device.Device);
        }
        _normaliser = new Normaliser(normalisation, Device);
        _optimizer = Optimizer.Create(options.Optimizer, [.. Parameters()], options.WeightDecay);
        if (devices.Count > 1) _replicas = new Replicas(Backbone, Device, [.. devices.Skip(1)], BFloat16);
        _batches = new BatchPrefetcher(pixels, options, BatchSize, _method.Views);
    }

    /// <summary>Where everything is computed.</summary>
    public ComputeDevice Device { get; }

    /// <summary>What forward and backward run in.</summary>
    public Arithmetic Arithmetic { get; }

    public Backbone Backbone { get; }

    /// <summary>Images that are in memory at once.</summary>
    public int BatchSize { get; }

    /// <summary>Threads of its steps on the processor.</summary>
    public int Threads { get; }

    /// <summary>Images that a step of the optimizer sees.</summary>
    public int ImagesPerStep => BatchSize * _options.Accumulate;

    /// <summary>Whether forward and backward run in bfloat16.</summary>
    public bool BFloat16 => Arithmetic == Arithmetic.BFloat16;

    /// <summary>Steps done.</summary>
    public long Step { get; private set; }

    /// <summary>All tensors that a checkpoint holds, still owned by this.</summary>
    public IEnumerable<(string Name, Tensor Value)> State() =>
        TensorTable.Of("backbone.", Backbone).Concat(TensorTable.Of("head.", _method.Head)).Concat(_method.State()).Concat(_optimizer.State());

    /// <summary>Continues from a checkpoint's state.</summary>
    public void Restore(long step, IReadOnlyList<Weights.NamedTensor> tensors)
    {
        TensorTable.Load(tensors, State());
        Step = _optimizer.Steps = step;
        _replicas?.TakeWeights();
    }

    /// <summary>How many steps the options' budget is. Minutes are turned into steps by timing a few, which leave no trace.</summary>
    public long PlanSteps()
    {
        if (_options.Budget is { } images) return Math.Max(1, (long)Math.Ceiling((double)images / ImagesPerStep));
        if (_options.Epochs is { } epochs) return Math.Max(1, (long)Math.Ceiling(epochs * _pixels.Count / ImagesPerStep));
        var before = TensorTable.ToArrays(State());
        TimeSteps(0, 1); // The first step builds kernels and grows the heap.
        var trial = Device.IsCuda ? TrialSteps * 10 : TrialSteps;
        var seconds = TimeSteps(1, trial) / trial;
        Restore(0, before);
        return Math.Max(1, (long)((_options.Minutes ?? TrainOptions.DefaultMinutes) * 60 / Math.Max(seconds, 1e-6)));
    }

    /// <summary>Does steps for their time alone: the weights are worth nothing afterwards.</summary>
    /// <param name="first">Number of the first step; its pictures are prepared soonest when it follows the one before.</param>
    /// <returns>Seconds.</returns>
    public double TimeSteps(long first, int count)
    {
        Device.Synchronize();
        var start = _clock.GetTimestamp();
        for (var i = 0; i < count; i++) Advance(first + i, 1).Dispose();
        Device.Synchronize();
        return _clock.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>Does the next step. On a GPU loss and rate are those of the last 16th step, since reading them waits for the device.</summary>
    /// <exception cref="CheckpointException">The loss is no number any more.</exception>
    public StepReport Next(long steps)
    {
        if (_readAt == 0) (_readAt, _readStep) = (_clock.GetTimestamp(), Step);
        var learningRate = Schedule.LearningRate(Step, steps, _options.LearningRate, _options.WarmUp);
        using var loss = Advance(Step, learningRate);
        Step++;
        _method.AfterStep((double)Step / steps);
        if (!Device.IsCuda || (Step - 1) % GpuLossEvery == 0 || Step == steps) Read(loss, steps);
        return new StepReport(Step, steps, _loss, learningRate, _imagesPerSecond);
    }

    /// <summary>Features of pictures in evaluation mode, single precision; the network's mode is restored.</summary>
    /// <param name="pixels">Where the pictures are; those that it learns from or others.</param>
    /// <param name="images">Numbers of pictures there.</param>
    /// <returns>[N, F] on the processor; the caller disposes.</returns>
    public Tensor Features(IPixelSource pixels, IReadOnlyList<int> images)
    {
        const int chunk = 256;
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        Backbone.eval();
        try
        {
            var all = new List<Tensor>();
            var pictureBytes = pixels.PictureBytes;
            for (var first = 0; first < images.Count; first += chunk)
            {
                using var inner = NewDisposeScope();
                var bytes = new byte[Math.Min(chunk, images.Count - first) * pictureBytes];
                for (var i = 0; i < bytes.Length / pictureBytes; i++) pixels.Copy(images[first + i], bytes.AsSpan(i * pictureBytes, pictureBytes));
                var pictures = BatchViews.FromBytes(bytes, bytes.Length / pictureBytes, pixels.Side, Device, pixels.Channels);
                all.Add(Backbone.forward(_normaliser.Apply(pictures)).cpu().MoveToOuterDisposeScope());
            }
            return cat(all, 0).MoveToOuterDisposeScope();
        }
        finally
        {
            Backbone.train();
        }
    }

    /// <inheritdoc cref="Features(IPixelSource, IReadOnlyList{int})"/>
    public Tensor Features(IReadOnlyList<int> images) => Features(_pixels, images);

    /// <summary>Features of views of pictures in evaluation mode, single precision; the network's mode is restored.</summary>
    /// <param name="views">Of all pictures, then of all pictures again, and so on.</param>
    /// <returns>[V·N, F] on the processor; the caller disposes.</returns>
    public Tensor ViewFeatures(IPixelSource pixels, IReadOnlyList<int> images, ViewParameters views)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        Backbone.eval();
        try
        {
            var bytes = new byte[images.Count * pixels.PictureBytes];
            for (var i = 0; i < images.Count; i++) pixels.Copy(images[i], bytes.AsSpan(i * pixels.PictureBytes, pixels.PictureBytes));
            var pictures = BatchViews.FromBytes(bytes, images.Count, pixels.Side, Device, pixels.Channels);
            var all = _normaliser.Apply(BatchViews.Apply(pictures.repeat(views.Count / images.Count, 1, 1, 1), views, Device, _options.ViewSide));
            return Backbone.forward(BFloat16 ? ChannelsLast.Of(all) : all).to(ScalarType.Float32).cpu().MoveToOuterDisposeScope();
        }
        finally
        {
            Backbone.train();
        }
    }

    /// <summary>
    /// Measures the batch norms' statistics anew on whole pictures, where the network has learned from smaller views: their statistics are others, and the
    /// network would be used with the wrong ones.
    /// </summary>
    public void Recalibrate()
    {
        const int batches = 40, size = 128;
        if (_options.ViewSide == _options.ImageSize) return;
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        Backbone.train();
        var order = new EpochOrder(_pixels.Count, Math.Min(size, _pixels.Count), _options.Seed);
        for (var batch = 0; batch < batches; batch++)
        {
            using var inner = NewDisposeScope();
            var images = order.Of(batch);
            var bytes = new byte[images.Length * _pixels.PictureBytes];
            for (var i = 0; i < images.Length; i++) _pixels.Copy(images[i], bytes.AsSpan(i * _pixels.PictureBytes, _pixels.PictureBytes));
            Backbone.forward(_normaliser.Apply(BatchViews.FromBytes(bytes, images.Length, _pixels.Side, Device, _pixels.Channels)));
        }
    }

    public void Dispose()
    {
        _batches.Dispose();
        _replicas?.Dispose();
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
        Backbone.train();
        _method.Head.train();
        Tensor? total = null;
        for (var part = 0; part < _options.Accumulate; part++)
        {
            using var inner = NewDisposeScope();
            var views = Views((step * _options.Accumulate) + part); // [V·B, C, S, S]
            var features = _replicas?.Forward(views, BatchSize) ?? Replicas.Forward(Backbone, views, Device, BFloat16); // [V·B, F]
            var loss = _method.Loss(features, views) / Number.Of(_options.Accumulate);
            loss.backward();
            _replicas?.Backward(features.grad!);
            total = (total is null ? loss.detach() : total.Plus(loss.detach())).MoveToOuterDisposeScope();
        }
        _optimizer.Step(learningRate);
        _replicas?.TakeWeights();
        return total!.MoveToOuterDisposeScope();
    }

    /// <summary>All views of a batch's pictures, normalised, in the memory order of the network; the caller disposes.</summary>
    internal Tensor Views(long step)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var batch = _batches.Take(step);
        var sets = _pixels.HasPartners ? 2 : 1;
        var pictures = BatchViews.FromBytes(batch.Pixels, sets * BatchSize, _pixels.Side, Device, _pixels.Channels); // [B or 2B, C, S, S]
        // With partners every other view shows the same place at another date.
        var sources = cat([.. Enumerable.Range(0, _method.Views).Select(v => pictures.slice(0, v % sets * BatchSize, ((v % sets) + 1) * BatchSize, 1))], 0); // [V·B, C, S, S]
        var views = _normaliser.Apply(BatchViews.Apply(sources, batch.Views, Device, _options.ViewSide)); // [V·B, C, S, S]
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
        _imagesPerSecond = (Step - _readStep) * ImagesPerStep / Math.Max(_clock.GetElapsedTime(_readAt, now).TotalSeconds, 1e-9);
        (_readAt, _readStep) = (now, Step);
    }
}
