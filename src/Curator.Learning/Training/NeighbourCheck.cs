using Curator.Learning.Evaluation;
using static TorchSharp.torch;

namespace Curator.Learning.Training;

/// <summary>
/// How often the nearest pictures are of the same class, during a training on class folders: a curve to look at, which decides nothing. 5 neighbours by cosine between centred features, of pictures that
/// are kept back among some that are learned from; both are few, so the number is lower than that of <see cref="EncoderEvaluation"/> and comparable within a training only. Not thread-safe.
/// </summary>
internal sealed class NeighbourCheck
{
    private const int Neighbours = 5, MostKnown = 256;

    private readonly IPixelSource _pixels;
    private readonly int[] _images;
    private readonly int[] _classes;
    private readonly bool[] _asked;
    private readonly int _classCount;

    private NeighbourCheck(IPixelSource pixels, int[] images, int[] classes, bool[] asked, int classCount) =>
        (_pixels, _images, _classes, _asked, _classCount) = (pixels, images, classes, asked, classCount);

    /// <param name="held">Pictures that are kept back, ascending.</param>
    /// <param name="classes">Class of each picture of <paramref name="pixels"/>; below 0 for none.</param>
    /// <returns>Null where no two classes are among those asked about, or among the others.</returns>
    public static NeighbourCheck? Of(IPixelSource pixels, int[] held, IReadOnlyList<int> classes)
    {
        var kept = held.ToHashSet();
        int[] asked = [.. held.Where(i => classes[i] >= 0)], others = [.. Enumerable.Range(0, pixels.Count).Where(i => classes[i] >= 0 && !kept.Contains(i))];
        var taken = Math.Min(MostKnown, others.Length);
        int[] known = [.. Enumerable.Range(0, taken).Select(i => others[(int)((long)i * others.Length / taken)])];
        if (asked.Select(i => classes[i]).Distinct().Count() < 2 || known.Select(i => classes[i]).Distinct().Count() < 2) return null;
        int[] images = [.. asked, .. known];
        return new NeighbourCheck(pixels, images, [.. images.Select(i => classes[i])], [.. images.Select((_, place) => place < asked.Length)], images.Max(i => classes[i]) + 1);
    }

    /// <returns>0 to 1.</returns>
    public double Accuracy(Trainer trainer, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var features = trainer.Features(_pixels, _images); // [N, F]
        var rows = nn.functional.normalize(features - features.mean([0], keepdim: true), dim: 1).data<float>().ToArray();
        return NearestVotes.Of(rows, (int)features.shape[1], _classes, _asked, _classCount, Neighbours, trainer.Threads, cancellationToken).Accuracy;
    }
}
