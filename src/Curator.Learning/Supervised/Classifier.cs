using Curator.Learning.Native;
using Curator.Learning.Networks;
using Curator.Learning.Optimizers;
using Curator.Learning.Training;
using Curator.Learning.Views;
using static TorchSharp.torch;

namespace Curator.Learning.Supervised;

/// <summary>
/// A backbone with a linear head that learns classes from labeled pictures. Random numbers depend on seed and step alone. Lives on one thread.
/// Owns its networks.
/// </summary>
internal sealed class Classifier : IDisposable
{
    private const int OrderStream = 13, ViewStream = 14, Chunk = 256;
    private const double WeightDecay = 1e-2, WarmUp = 0.1;

    private readonly FineTuneOptions _options;
    private readonly IPixelSource _pixels;
    private readonly Normaliser _normaliser;
    private readonly ComputeDevice _device = ComputeDevice.Resolve("cpu");
    private readonly ViewOptions _views;
    private readonly int[] _classes;
    private readonly float[] _weights;
    private readonly AdamW _optimizer;

    /// <param name="classes">Class of each picture.</param>
    /// <param name="count">Number of classes.</param>
    /// <param name="split">Which pictures are learned from.</param>
    public Classifier(FineTuneOptions options, NetworkPlan plan, IPixelSource pixels, Normalisation normalisation, int[] classes, int count, StratifiedSplit split)
    {
        (_options, _pixels, _classes, Split) = (options, pixels, classes, split);
        _normaliser = new Normaliser(normalisation, _device);
        // A label must stay true of its view: crops keep most of the picture.
        var views = ViewOptions.Of(options.Preset);
        _views = views with { MinArea = MathF.Max(0.6f, views.MinArea), Grey = 0 };
        _weights = ClassScores.Weights([.. split.Train.Select(i => classes[i])], count, options.ClassWeights);
        manual_seed(options.Seed);
        Backbone = new Backbone(plan);
        Head = new LinearHead(plan.Features, count);
        var named = Backbone.named_parameters().Select(pair => (pair.name, (Tensor)pair.parameter)).ToArray();
        var stages = LayerRates.Stages(named.Select(pair => pair.name));
        // Random weights have nothing to lose: all layers learn at the head's rate.
        var decay = options.From is null ? 1 : options.LayerDecay;
        _optimizer = new AdamW(
            [.. named.Select(pair => ("backbone." + pair.name, pair.Item2)), .. Head.Module.named_parameters().Select(pair => ("head." + pair.name, (Tensor)pair.parameter))],
            WeightDecay,
            [.. named.Select(pair => LayerRates.Of(pair.name, decay, stages)), .. Head.Module.named_parameters().Select(_ => 1.0)]);
    }

    public Backbone Backbone { get; }

    public LinearHead Head { get; }

    public StratifiedSplit Split { get; }

    /// <summary>Steps of one time through the labels.</summary>
    public int StepsPerEpoch => Math.Max(1, Split.Train.Length / BatchSize);

    private int BatchSize => Math.Min(_options.TuneBatch, Split.Train.Length);

    /// <summary>All tensors that a checkpoint holds, still owned by this.</summary>
    public IEnumerable<(string Name, Tensor Value)> State() => Weights().Concat(_optimizer.State());

    /// <summary>What decides the predictions, still owned by this.</summary>
    public IEnumerable<(string Name, Tensor Value)> Weights() => TensorTable.Of("backbone.", Backbone).Concat(TensorTable.Of("head.", Head.Module));

    /// <summary>Trains the head alone on the features as they are.</summary>
    public ClassScores FitHead()
    {
        using var scope = NewDisposeScope();
        var held = Split.Validation.Length == 0 ? zeros(0, Backbone.Plan.Features) : Features(Split.Validation);
        return Head.Fit(Features(Split.Train), ClassesOf(Split.Train), held, ClassesOf(Split.Validation), _weights, _options.Seed);
    }

    /// <summary>Goes once through the labels with the whole network.</summary>
    /// <param name="epoch">From 0.</param>
    /// <returns>Mean loss.</returns>
    public double Epoch(int epoch, int epochs, CancellationToken cancellationToken)
    {
        var order = Split.Train.ToArray();
        var random = new CounterRandom((ulong)_options.Seed, (ulong)epoch, OrderStream);
        random.Shuffle(order.AsSpan());
        double total = 0;
        for (var step = 0; step < StepsPerEpoch; step++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var number = ((long)epoch * StepsPerEpoch) + step;
            _optimizer.Steps = number;
            total += Step(order.AsSpan(step * BatchSize, BatchSize).ToArray(), number, Schedule.LearningRate(number, (long)epochs * StepsPerEpoch, _options.TuneRate, WarmUp));
        }
        return total / StepsPerEpoch;
    }

    public ClassScores Validate()
    {
        if (Split.Validation.Length == 0) return ClassScores.Unknown;
        using var scope = NewDisposeScope();
        return Head.Score(Features(Split.Validation), ClassesOf(Split.Validation), _weights);
    }

    /// <summary>Accuracy on other pictures; not a number for none.</summary>
    public double Judge(IPixelSource pixels, int[] classes)
    {
        if (classes.Length == 0) return double.NaN;
        using var scope = NewDisposeScope();
        return Head.Score(Features(pixels, [.. Enumerable.Range(0, classes.Length)]), classes, [.. _weights.Select(_ => 1f)]).Accuracy;
    }

    /// <summary>Features in evaluation mode.</summary>
    /// <returns>[N, F]; the caller disposes.</returns>
    public Tensor Features(IReadOnlyList<int> images) => Features(_pixels, images);

    /// <inheritdoc cref="Features(IReadOnlyList{int})"/>
    public Tensor Features(IPixelSource pixels, IReadOnlyList<int> images)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        Backbone.eval();
        var all = new List<Tensor>();
        for (var first = 0; first < images.Count; first += Chunk)
        {
            using var inner = NewDisposeScope();
            var pictures = Pictures(pixels, images, first, Math.Min(Chunk, images.Count - first));
            all.Add(Backbone.forward(_normaliser.Apply(pictures)).MoveToOuterDisposeScope());
        }
        return cat(all, 0).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// How much each pixel matters for the class that is predicted: absolute gradient of its logit by the picture, averaged over noisy copies (Smilkov
    /// et al. 2017, "SmoothGrad") and summed over the channels.
    /// </summary>
    /// <returns>Class, and [S, S] from 0 to 1.</returns>
    public (int Predicted, float[] Map) Saliency(int image)
    {
        const int copies = 16;
        const double noise = 0.1;
        using var scope = NewDisposeScope();
        using var generator = new Generator((ulong)_options.Seed);
        Backbone.eval();
        var picture = Pictures(_pixels, [image], 0, 1); // [1, 3, S, S]
        var input = picture.Plus(randn([copies, .. picture.shape[1..]], generator: generator) * Number.Of(noise)).detach().requires_grad_(true);
        var logits = Head.Module.forward(Backbone.forward(_normaliser.Apply(input))); // [copies, C]
        var predicted = (int)logits.mean([0]).argmax().item<long>();
        logits.select(1, predicted).sum().backward();
        foreach (var (_, parameter) in Backbone.named_parameters()) parameter.grad?.zero_();
        foreach (var (_, parameter) in Head.Module.named_parameters()) parameter.grad?.zero_();
        var map = input.grad!.abs().sum([0, 1], keepdim: true); // [1, 1, S, S]
        map = nn.functional.avg_pool2d(map, 5, 1, 2).flatten();
        return (predicted, (map / map.max().clamp_min(Number.Of(1e-12))).data<float>().ToArray());
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        _normaliser.Dispose();
        Head.Dispose();
        Backbone.Dispose();
    }

    private double Step(int[] images, long step, double rate)
    {
        using var scope = NewDisposeScope();
        var pictures = Pictures(_pixels, images, 0, images.Length);
        var random = new CounterRandom((ulong)_options.Seed, (ulong)step, ViewStream);
        var views = BatchViews.Apply(pictures, ViewParameters.Draw(_views, images.Length, ref random, _pixels.Channels), _device);
        Backbone.train();
        var targets = tensor([.. images.Select(i => (long)_classes[i])]);
        var loss = nn.functional.cross_entropy(Head.Module.forward(Backbone.forward(_normaliser.Apply(views))), targets, weight: tensor(_weights));
        loss.backward();
        _optimizer.Step(rate);
        return loss.item<float>();
    }

    private Tensor Pictures(IPixelSource pixels, IReadOnlyList<int> images, int first, int count)
    {
        var pictureBytes = pixels.PictureBytes;
        var bytes = new byte[count * pictureBytes];
        for (var i = 0; i < count; i++) pixels.Copy(images[first + i], bytes.AsSpan(i * pictureBytes, pictureBytes));
        return BatchViews.FromBytes(bytes, count, pixels.Side, _device, pixels.Channels);
    }

    private int[] ClassesOf(int[] images) => [.. images.Select(i => _classes[i])];
}
