using Curator.Learning.Methods;
using Curator.Learning.Views;
using static TorchSharp.torch;

namespace Curator.Learning.Training;

/// <summary>
/// Judges a network during training on pictures kept back: can the two views of a picture be told from all others by their features? The same number for all methods, on the same
/// views at every step. Not thread-safe.
/// </summary>
internal sealed class Validation
{
    private const int FirstViewStream = 31, SecondViewStream = 32, MostImages = 256, LeastPool = 400;
    private const double Temperature = 0.2;

    private readonly IPixelSource _pixels;
    private readonly int[] _images;
    private readonly ViewParameters _views;

    private readonly NeighbourCheck? _neighbours;

    private Validation(IPixelSource pixels, int[] images, TrainOptions options, IReadOnlyList<int>? classes)
    {
        (_pixels, _images) = (pixels, images);
        _neighbours = classes is null ? null : NeighbourCheck.Of(pixels, images, classes);
        var first = new CounterRandom((ulong)options.Seed, 0, FirstViewStream);
        var second = new CounterRandom((ulong)options.Seed, 0, SecondViewStream);
        _views = ViewParameters.Concat(
            ViewParameters.Draw(options.Views(), images.Length, ref first, pixels.Channels), ViewParameters.Draw(options.Views(), images.Length, ref second, pixels.Channels));
    }

    /// <summary>Keeps a twentieth back, at most 256, evenly spaced; nothing of a small pool.</summary>
    /// <param name="classes">Class of each picture, below 0 for none; null where there are none.</param>
    /// <returns>Null when nothing is kept back, and what is learned from.</returns>
    public static (Validation? Validation, IPixelSource Train) Split(IPixelSource pixels, TrainOptions options, IReadOnlyList<int>? classes = null)
    {
        if (pixels.Count < LeastPool) return (null, pixels);
        var count = Math.Min(MostImages, pixels.Count / 20);
        int[] held = [.. Enumerable.Range(0, count).Select(i => (int)((long)i * pixels.Count / count))];
        var kept = held.ToHashSet();
        return (new Validation(pixels, held, options, classes), new SubsetPixels(pixels, [.. Enumerable.Range(0, pixels.Count).Where(i => !kept.Contains(i))]));
    }

    /// <summary>5-NN accuracy of the pictures kept back; null without class folders.</summary>
    public double? Neighbours(Trainer trainer, CancellationToken cancellationToken) => _neighbours?.Accuracy(trainer, cancellationToken);

    /// <summary><see cref="NtXent"/> on the centred features of both views, in evaluation mode.</summary>
    public double Loss(Trainer trainer)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var features = trainer.ViewFeatures(_pixels, _images, _views); // [2B, F]
        return NtXent.Loss(features - features.mean([0], keepdim: true), Temperature).item<float>();
    }
}

/// <summary>Some pictures of a source.</summary>
/// <param name="images">Their numbers there.</param>
internal sealed class SubsetPixels(IPixelSource pixels, int[] images) : IPixelSource
{
    public int Count => images.Length;

    public int Side => pixels.Side;

    public int Channels => pixels.Channels;

    public bool HasPartners => pixels.HasPartners;

    public void Copy(int image, Span<byte> destination) => pixels.Copy(images[image], destination);

    public void CopyPartner(int image, ref CounterRandom random, Span<byte> destination) => pixels.CopyPartner(images[image], ref random, destination);
}
