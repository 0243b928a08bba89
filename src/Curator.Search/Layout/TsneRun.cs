using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Curator.Search.Kernels;

namespace Curator.Search.Layout;

/// <summary>
/// t-SNE (van der Maaten and Hinton 2008): gradient descent on KL(P‖Q), with attraction along the edges of a k-NN graph and repulsion from a <see cref="RepulsionField"/>. Settings as the field
/// found them best: 250 steps in which attraction counts twelvefold, learning rate n / exaggeration (Belkina et al. 2019), momentum 0.5 then 0.8, a gain for each coordinate (Jacobs 1988), no step longer
/// than 5 (Poličar et al. 2024), and a start from the two principal components (Kobak and Berens 2019). The result does not depend on the number of threads.
/// </summary>
internal sealed class TsneRun : ILayoutRun
{
    public const int ExaggeratedSteps = 250;
    private const float Exaggeration = 12;
    private const float MaxStep = 5;
    private const int Block = 4096;

    private readonly NeighbourGraph _graph;
    private readonly RepulsionField _field;
    private readonly int _threads;
    private readonly float[] _velocities;
    private readonly float[] _gains;
    private readonly float[] _pulls;
    private readonly float[] _pushes;
    private readonly double[] _sums;

    /// <param name="graph">Weights pᵢⱼ, which sum to 1: <see cref="TsneAffinities"/>.</param>
    /// <param name="start">[n × 2], of any scale; owned from here on.</param>
    /// <param name="steps">In all, at least <see cref="ExaggeratedSteps"/> for a good result.</param>
    public TsneRun(NeighbourGraph graph, float[] start, int steps, int threads)
    {
        (_graph, Positions, Steps, _threads) = (graph, start, steps, threads);
        _field = new RepulsionField(threads);
        (_velocities, _gains, _pulls, _pushes) = (new float[start.Length], new float[start.Length], new float[start.Length], new float[start.Length]);
        _gains.AsSpan().Fill(1);
        _sums = new double[(graph.Count + Block - 1) / Block];
        PrincipalComponents.Scale(start, 1e-4f);
    }

    public int Step { get; private set; }

    public int Steps { get; }

    public float[] Positions { get; }

    public IReadOnlyList<float[]> State => [Positions, _velocities, _gains];

    public void Resume(int step) => Step = step;

    public void Advance(CancellationToken cancellationToken)
    {
        var exaggeration = Step < ExaggeratedSteps ? Exaggeration : 1;
        var momentum = Step < ExaggeratedSteps ? 0.5f : 0.8f;
        var rate = Math.Max(_graph.Count / exaggeration, 1);
        var normaliser = Forces(exaggeration, cancellationToken);
        RowBlocks.Run(_graph.Count, Block, _threads, (first, count) => Move(first, count, normaliser, rate, momentum), cancellationToken);
        Step++;
    }

    /// <summary>Attraction and repulsion of every point, the latter still to be multiplied by 1 / Z, which is returned.</summary>
    private float Forces(float exaggeration, CancellationToken cancellationToken)
    {
        _field.Fill(Positions, cancellationToken);
        RowBlocks.Run(_graph.Count, Block, _threads, (first, count) =>
        {
            double sum = 0;
            for (var i = first; i < first + count; i++)
            {
                float x = Positions[2 * i], y = Positions[(2 * i) + 1];
                var (potential, pushX, pushY) = _field.At(x, y);
                var (pullX, pullY) = Attraction(_graph, Positions, i, x, y);
                sum += potential - 1;
                (_pulls[2 * i], _pulls[(2 * i) + 1]) = (exaggeration * pullX, exaggeration * pullY);
                (_pushes[2 * i], _pushes[(2 * i) + 1]) = (pushX, pushY);
            }

            _sums[first / Block] = sum;
        }, cancellationToken);
        double total = 0;
        foreach (var sum in _sums) total += sum;
        return (float)(1 / Math.Max(total, 1e-12));
    }

    /// <summary>A quarter of ∂KL/∂y: [n × 2]. The fast one, against which the test holds the literal sum.</summary>
    internal float[] Gradient(float exaggeration, CancellationToken cancellationToken)
    {
        var normaliser = Forces(exaggeration, cancellationToken);
        var gradient = new float[Positions.Length];
        for (var c = 0; c < gradient.Length; c++) gradient[c] = _pulls[c] - (normaliser * _pushes[c]);
        return gradient;
    }

    private void Move(int first, int count, float normaliser, float rate, float momentum)
    {
        for (var i = first; i < first + count; i++)
        {
            var stepX = Velocity(2 * i, _pulls[2 * i] - (normaliser * _pushes[2 * i]), rate, momentum);
            var stepY = Velocity((2 * i) + 1, _pulls[(2 * i) + 1] - (normaliser * _pushes[(2 * i) + 1]), rate, momentum);
            var length = MathF.Sqrt((stepX * stepX) + (stepY * stepY));
            if (length > MaxStep)
            {
                stepX *= MaxStep / length;
                stepY *= MaxStep / length;
            }

            (_velocities[2 * i], _velocities[(2 * i) + 1]) = (stepX, stepY);
        }

        for (var c = 2 * first; c < 2 * (first + count); c++) Positions[c] += _velocities[c];
    }

    private float Velocity(int coordinate, float gradient, float rate, float momentum)
    {
        ref var gain = ref _gains[coordinate];
        gain = gradient * _velocities[coordinate] < 0 ? gain + 0.2f : Math.Max(gain * 0.8f, 0.01f);
        return (momentum * _velocities[coordinate]) - (rate * gain * gradient);
    }

    /// <summary>Σⱼ pᵢⱼ (yᵢ − yⱼ) / (1 + |yᵢ − yⱼ|²) over the edges of a point.</summary>
    /// <param name="positions">Of the points at the other ends.</param>
    internal static unsafe (float X, float Y) Attraction(NeighbourGraph graph, float[] positions, int i, float x, float y)
    {
        int e = graph.Starts[i], end = graph.Starts[i + 1];
        float forceX = 0, forceY = 0;
        fixed (float* p = positions, weights = graph.Weights)
        fixed (int* points = graph.Points)
        {
            if (Avx2.IsSupported)
            {
                var (sumX, sumY) = (Vector256<float>.Zero, Vector256<float>.Zero);
                var (vx, vy) = (Vector256.Create(x), Vector256.Create(y));
                for (; e + 8 <= end; e += 8)
                {
                    var (px, py) = Gather(p, points + e);
                    var (dx, dy) = (vx - px, vy - py);
                    var force = Vector256.Load(weights + e) / (Vector256<float>.One + (dx * dx) + (dy * dy));
                    sumX += force * dx;
                    sumY += force * dy;
                }

                (forceX, forceY) = (Vector256.Sum(sumX), Vector256.Sum(sumY));
            }

            for (; e < end; e++)
            {
                var (dx, dy) = (x - p[2 * points[e]], y - p[(2 * points[e]) + 1]);
                var force = weights[e] / (1 + (dx * dx) + (dy * dy));
                forceX += force * dx;
                forceY += force * dy;
            }
        }

        return (forceX, forceY);
    }

    /// <summary>Eight points' coordinates; a pair is one load.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe (Vector256<float> X, Vector256<float> Y) Gather(float* positions, int* points)
    {
        var low = Avx2.GatherVector256((long*)positions, Vector128.Load(points), 8).AsSingle();
        var high = Avx2.GatherVector256((long*)positions, Vector128.Load(points + 4), 8).AsSingle();
        // x and y of 0 1 | 2 3 with those of 4 5 | 6 7; put in order so that each meets its own weight.
        var x = Avx2.Permute4x64(Avx.Shuffle(low, high, 0b10_00_10_00).AsDouble(), 0b11_01_10_00).AsSingle();
        var y = Avx2.Permute4x64(Avx.Shuffle(low, high, 0b11_01_11_01).AsDouble(), 0b11_01_10_00).AsSingle();
        return (x, y);
    }
}
