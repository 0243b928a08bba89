using System.Runtime.CompilerServices;
using Curator.Search.Kernels;

namespace Curator.Search.Layout;

/// <summary>
/// UMAP (McInnes et al. 2018): edges of a fuzzy graph pull as often as their weight says, and for each pull five points drawn at random push. All points move together at the end of a step, by Adam's
/// rule (as the batch mode of uwot does): so the result does not depend on the number of threads, which the usual updates in place do. Starts from the two principal components.
/// </summary>
internal sealed class UmapRun : ILayoutRun
{
    private const int Negatives = 5;
    private const float Clip = 4;
    private const float FirstMoment = 0.5f;
    private const float SecondMoment = 0.9f;
    private const int Block = 2048;

    private readonly NeighbourGraph _graph;
    private readonly UmapCurve _curve;
    private readonly int _threads;
    private readonly ulong _seed;
    private readonly float _strongest;
    private readonly float[] _firsts;
    private readonly float[] _seconds;
    private readonly float[] _forces;

    /// <param name="start">[n × 2], of any scale; owned from here on.</param>
    public UmapRun(NeighbourGraph graph, float[] start, double minDistance, int steps, int seed, int threads)
    {
        (_graph, Positions, Steps, _threads, _seed) = (graph, start, steps, threads, (ulong)(uint)seed);
        _curve = new UmapCurve(minDistance);
        (_firsts, _seconds, _forces) = (new float[start.Length], new float[start.Length], new float[start.Length]);
        foreach (var weight in graph.Weights) _strongest = Math.Max(_strongest, weight);
        PrincipalComponents.Scale(start, 5);
    }

    public int Step { get; private set; }

    public int Steps { get; }

    public float[] Positions { get; }

    public IReadOnlyList<float[]> State => [Positions, _firsts, _seconds];

    public void Resume(int step) => Step = step;

    public void Advance(CancellationToken cancellationToken)
    {
        RowBlocks.Run(_graph.Count, Block, _threads, (first, count) =>
        {
            for (var i = first; i < first + count; i++) (_forces[2 * i], _forces[(2 * i) + 1]) = Force(i);
        }, cancellationToken);
        var rate = 1 - ((float)Step / Steps);
        var (firstBias, secondBias) = (1 - MathF.Pow(FirstMoment, Step + 1), 1 - MathF.Pow(SecondMoment, Step + 1));
        RowBlocks.Run(_graph.Count, Block, _threads, (first, count) =>
        {
            for (var c = 2 * first; c < 2 * (first + count); c++)
            {
                _firsts[c] += (1 - FirstMoment) * (_forces[c] - _firsts[c]);
                _seconds[c] += (1 - SecondMoment) * ((_forces[c] * _forces[c]) - _seconds[c]);
                Positions[c] += rate * (_firsts[c] / firstBias) / (MathF.Sqrt(_seconds[c] / secondBias) + 1e-7f);
            }
        }, cancellationToken);
        Step++;
    }

    private (float X, float Y) Force(int i)
    {
        var random = Mix(_seed ^ ((ulong)Step << 32) ^ (ulong)(uint)i);
        float x = Positions[2 * i], y = Positions[(2 * i) + 1], forceX = 0, forceY = 0;
        for (var e = _graph.Starts[i]; e < _graph.Starts[i + 1]; e++)
        {
            // As many times as the weight's share of the strongest, spread evenly over the steps.
            var share = _graph.Weights[e] / _strongest;
            if ((int)((Step + 1) * share) == (int)(Step * share)) continue;
            var j = _graph.Points[e];
            var (dx, dy) = (x - Positions[2 * j], y - Positions[(2 * j) + 1]);
            var pull = _curve.Pull((dx * dx) + (dy * dy));
            // The edge is seen from both ends, and moves both each time.
            forceX -= 2 * Math.Clamp(pull * dx, -Clip, Clip);
            forceY -= 2 * Math.Clamp(pull * dy, -Clip, Clip);
            for (var negative = 0; negative < Negatives; negative++)
            {
                random = Mix(random);
                j = (int)(((random >> 32) * (ulong)(uint)_graph.Count) >> 32);
                if (j == i) continue;
                (dx, dy) = (x - Positions[2 * j], y - Positions[(2 * j) + 1]);
                var push = _curve.Push((dx * dx) + (dy * dy));
                forceX += Math.Clamp(push * dx, -Clip, Clip);
                forceY += Math.Clamp(push * dy, -Clip, Clip);
            }
        }

        return (forceX, forceY);
    }

    /// <summary>SplitMix64's step (Steele et al. 2014).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Mix(ulong value)
    {
        value += 0x9e3779b97f4a7c15;
        value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
        value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
        return value ^ (value >> 31);
    }
}
