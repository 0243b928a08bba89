using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Curator.Search.Kernels;

namespace Curator.Search.Layout;

/// <summary>
/// The repulsion between all points of a t-SNE layout in O(n + N² log N) instead of O(n²): with φ(y) = Σⱼ 1/(1 + |y − yⱼ|²), the normaliser is Z = Σᵢ φ(yᵢ) − n and
/// Σⱼ (yᵢ − yⱼ)/(1 + |yᵢ − yⱼ|²)² = −½ ∇φ(yᵢ), so one potential tells both. It is interpolated on a grid of N × N nodes as in FIt-SNE (Linderman et al. 2019), here with B-splines of the fifth degree, whose
/// derivative is the force, and whose smoothing is taken out again in the transform (particle-mesh Ewald sums: Essmann et al. 1995). At the spacing of ½ the kernel, whose spectrum falls as e^−k, is off by at most 0.012 of its height, at ¼ by less than 0.0002; where points
/// are few the spacing is finer. The grid follows from the points alone, not from earlier ones. Does not depend on the number of threads. Not thread-safe.
/// </summary>
/// <param name="exactBelow">Among fewer points than this all pairs are summed, which is then cheaper than a transform.</param>
internal sealed class RepulsionField(int threads, int exactBelow = 1500)
{
    /// <summary>Distance of nodes; doubled as often as more than <see cref="MaxNodes"/> would be needed.</summary>
    private const float Spacing = 0.5f;
    private const int MaxNodes = 1200;

    /// <summary>Lowered by √2 as long as no more nodes are needed than this.</summary>
    private const int CheapNodes = 256;
    private const float FinestSpacing = 0.125f;

    /// <summary>Sides of grids rise by this factor, so that a growing layout makes a new grid once in a while only.</summary>
    private const double Growth = 1.12;

    /// <summary>Nodes beyond the points: the splines' reach, and room for the filter's tails.</summary>
    private const int Margin = 8;

    /// <summary>Points are spread in so many parts, each on its own grid, added up in order: sums of floats depend on their order.</summary>
    private const int Parts = 8;

    /// <summary>Splines that are not zero at a place.</summary>
    private const int Reach = 6;

    /// <summary>Their values in a cell, as polynomials of the place in it.</summary>
    private static readonly float[] s_weights = Over120(
        -1, 5, -10, 10, -5, 1, 0, 0,
        5, -20, 30, -20, 5, 0, 0, 0,
        -10, 20, 0, -20, 10, 0, 0, 0,
        10, 20, -60, 20, 10, 0, 0, 0,
        -5, -50, 0, 50, 5, 0, 0, 0,
        1, 26, 66, 26, 1, 0, 0, 0);

    /// <summary>Their derivatives.</summary>
    private static readonly float[] s_slopes = Over120(
        0, 0, 0, 0, 0, 0, 0, 0,
        -5, 25, -50, 50, -25, 5, 0, 0,
        20, -80, 120, -80, 20, 0, 0, 0,
        -30, 60, 0, -60, 30, 0, 0, 0,
        20, 40, -120, 40, 20, 0, 0, 0,
        -5, -50, 0, 50, 5, 0, 0, 0);

    private readonly float[][] _grids = new float[Parts][];
    private (float[] X, float[] Y)? _points;
    private GridConvolution? _convolution;
    private float _spacing;
    private float _left;
    private float _top;

    /// <summary>Makes the field of these points.</summary>
    /// <param name="positions">[n × 2].</param>
    public void Fill(ReadOnlyMemory<float> positions, CancellationToken cancellationToken)
    {
        _points = positions.Length / 2 < exactBelow ? Columns(positions.Span) : null;
        if (_points is not null) return;
        Fit(positions.Span, cancellationToken);
        var nodes = _convolution!.Nodes;
        var n = positions.Length / 2;
        RowBlocks.Run(Parts, 1, threads, (part, _) =>
        {
            var grid = _grids[part];
            Array.Clear(grid);
            Span<float> down = stackalloc float[8];
            var points = positions.Span;
            var end = (int)((part + 1L) * n / Parts);
            for (var i = (int)((long)part * n / Parts); i < end; i++)
            {
                var column = Cell((points[2 * i] - _left) / _spacing, out var tx);
                var row = Cell((points[(2 * i) + 1] - _top) / _spacing, out var ty);
                var along = Polynomial(s_weights, tx);
                Polynomial(s_weights, ty).CopyTo(down);
                ref var first = ref grid[(row * nodes) + column];
                for (var r = 0; r < Reach; r++, first = ref Unsafe.Add(ref first, nodes))
                    Vector256.FusedMultiplyAdd(along, Vector256.Create(down[r]), Vector256.LoadUnsafe(ref first)).StoreUnsafe(ref first);
            }
        }, cancellationToken);
        var total = _grids[0];
        RowBlocks.Run(total.Length, 1 << 14, threads, (first, count) =>
        {
            for (var part = 1; part < Parts; part++)
                System.Numerics.Tensors.TensorPrimitives.Add(total.AsSpan(first, count), _grids[part].AsSpan(first, count), total.AsSpan(first, count));
        }, cancellationToken);
        _convolution.Apply(total, cancellationToken);
    }

    /// <summary>φ at a point and −½ ∇φ: what all points of the field, one at the very place included, do to it.</summary>
    public (float Potential, float X, float Y) At(float x, float y)
    {
        if (_points is var (xs, ys)) return Sum(xs, ys, x, y);
        var grid = _grids[0];
        var nodes = _convolution!.Nodes;
        Span<float> down = stackalloc float[8], slopesDown = stackalloc float[8];
        // A point outside, which only those placed later can be, feels what the border's does.
        var column = Cell(Math.Clamp((x - _left) / _spacing, 2, nodes - 4.001f), out var tx);
        var row = Cell(Math.Clamp((y - _top) / _spacing, 2, nodes - 4.001f), out var ty);
        Polynomial(s_weights, ty).CopyTo(down);
        Polynomial(s_slopes, ty).CopyTo(slopesDown);
        var (sum, slopes) = (Vector256<float>.Zero, Vector256<float>.Zero);
        ref var first = ref grid[(row * nodes) + column];
        for (var r = 0; r < Reach; r++, first = ref Unsafe.Add(ref first, nodes))
        {
            var cells = Vector256.LoadUnsafe(ref first);
            sum = Vector256.FusedMultiplyAdd(cells, Vector256.Create(down[r]), sum);
            slopes = Vector256.FusedMultiplyAdd(cells, Vector256.Create(slopesDown[r]), slopes);
        }

        var weights = Polynomial(s_weights, tx);
        return (Vector256.Dot(sum, weights), -0.5f * Vector256.Dot(sum, Polynomial(s_slopes, tx)) / _spacing, -0.5f * Vector256.Dot(slopes, weights) / _spacing);
    }

    /// <summary>Coordinates apart, filled up to whole vectors with points that are too far away to count.</summary>
    private static (float[] X, float[] Y) Columns(ReadOnlySpan<float> positions)
    {
        var padded = ((positions.Length / 2) + 7) / 8 * 8;
        var (xs, ys) = (new float[padded], new float[padded]);
        Array.Fill(xs, 1e18f);
        for (var i = 0; i < positions.Length / 2; i++) (xs[i], ys[i]) = (positions[2 * i], positions[(2 * i) + 1]);
        return (xs, ys);
    }

    private static (float Potential, float X, float Y) Sum(float[] xs, float[] ys, float x, float y)
    {
        var (potential, forceX, forceY) = (Vector256<float>.Zero, Vector256<float>.Zero, Vector256<float>.Zero);
        for (var i = 0; i < xs.Length; i += 8)
        {
            var (dx, dy) = (Vector256.Create(x) - Vector256.LoadUnsafe(ref xs[i]), Vector256.Create(y) - Vector256.LoadUnsafe(ref ys[i]));
            var similarity = Vector256<float>.One / (Vector256<float>.One + (dx * dx) + (dy * dy));
            potential += similarity;
            forceX += similarity * similarity * dx;
            forceY += similarity * similarity * dy;
        }

        return (Vector256.Sum(potential), Vector256.Sum(forceX), Vector256.Sum(forceY));
    }

    /// <summary>Chooses the grid; a new one only when the points outgrow it or need much less.</summary>
    private void Fit(ReadOnlySpan<float> positions, CancellationToken cancellationToken)
    {
        float left = float.PositiveInfinity, right = float.NegativeInfinity, top = left, bottom = right;
        for (var i = 0; i < positions.Length; i += 2)
        {
            (left, right) = (Math.Min(left, positions[i]), Math.Max(right, positions[i]));
            (top, bottom) = (Math.Min(top, positions[i + 1]), Math.Max(bottom, positions[i + 1]));
        }

        var span = Math.Max(right - left, bottom - top);
        if (!float.IsFinite(span)) throw new System.Diagnostics.UnreachableException("A bug: a layout has run away to infinity.");
        var spacing = Spacing;
        while (Needed(spacing) > MaxNodes) spacing *= 2;
        while (spacing > FinestSpacing && Needed(spacing / MathF.Sqrt(2)) <= CheapNodes) spacing /= MathF.Sqrt(2);
        var step = Math.Ceiling(Math.Log(Needed(spacing) / 16.0) / Math.Log(Growth));
        var nodes = FourierLanes.Fit((int)Math.Ceiling(16 * Math.Pow(Growth, step)));
        if (_convolution is null || spacing != _spacing || nodes != _convolution.Nodes)
        {
            _spacing = spacing;
            _convolution = new GridConvolution(
                nodes, (x, y) => 1 / (1 + ((double)spacing * spacing * (((double)x * x) + ((double)y * y)))), Smoothing, threads, cancellationToken);
            for (var part = 0; part < Parts; part++) _grids[part] = new float[(nodes * nodes) + 8];
        }

        _left = ((left + right) / 2) - (_spacing * (_convolution.Nodes - 1) / 2);
        _top = ((top + bottom) / 2) - (_spacing * (_convolution.Nodes - 1) / 2);

        int Needed(float distance) => (int)MathF.Ceiling(span / distance) + (2 * Margin);
    }

    /// <summary>The splines sampled at the nodes and transformed, squared: once for spreading, once for reading.</summary>
    private static double Smoothing(double frequency)
    {
        var once = (66 + (52 * Math.Cos(frequency)) + (2 * Math.Cos(2 * frequency))) / 120;
        return once * once;
    }

    /// <summary>The node of the first spline that is not zero at a place, and the place in its cell.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Cell(float place, out float within)
    {
        var cell = (int)place;
        within = place - cell;
        return cell - 2;
    }

    /// <summary>Six polynomials of the fifth degree at once.</summary>
    /// <param name="coefficients">By falling power, eight lanes each.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Polynomial(float[] coefficients, float t)
    {
        ref var start = ref MemoryMarshal.GetArrayDataReference(coefficients);
        var value = Vector256.LoadUnsafe(ref start);
        for (nuint power = 8; power < 48; power += 8) value = Vector256.FusedMultiplyAdd(value, Vector256.Create(t), Vector256.LoadUnsafe(ref start, power));
        return value;
    }

    private static float[] Over120(params float[] numerators) => [.. numerators.Select(numerator => numerator / 120)];
}
