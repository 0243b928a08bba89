using System.Runtime.Intrinsics;

namespace Curator.Search.Indexes;

/// <summary>
/// A seeded orthogonal transformation that spreads every vector evenly over its coordinates, as 1-bit and 8-bit codes want it: three rounds of random
/// signs and a Walsh–Hadamard transform over the leading and, when the dimension is no power of two, the trailing 2^k coordinates (Ailon and Chazelle 2009,
/// and the rotation of RaBitQ's later versions). O(d log d) instead of O(d²), and a seed is all there is to store. Lengths and angles are kept. Immutable,
/// thread-safe.
/// </summary>
internal sealed unsafe class Rotation
{
    private const int Rounds = 3;
    private readonly float[] _signs;
    private readonly int _window;

    public Rotation(int dimension, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(dimension);
        Dimension = dimension;
        Seed = seed;
        _window = 1 << int.Log2(dimension);
        var random = new Random(seed);
        // A transform's 1/√window is folded into the signs before it, that of the trailing window into the signs of the next round.
        var scale = 1 / MathF.Sqrt(_window);
        _signs = new float[Rounds * dimension];
        for (var i = 0; i < _signs.Length; i++)
        {
            var coordinate = i % dimension;
            var factor = coordinate < _window ? scale : 1;
            if (i >= dimension && _window < dimension && coordinate >= dimension - _window) factor *= scale;
            _signs[i] = (random.Next(2) == 0 ? -1 : 1) * factor;
        }
    }

    public int Dimension { get; }

    public int Seed { get; }

    /// <summary>Rotates one vector in place.</summary>
    /// <param name="vector">[Dimension].</param>
    public void Apply(Span<float> vector)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(vector.Length, Dimension);
        fixed (float* x = vector, signs = _signs)
        {
            var trailing = x + (Dimension - _window);
            for (var round = 0; round < Rounds; round++)
            {
                Multiply(x, signs + (round * Dimension), Dimension);
                Hadamard(x, _window);
                if (_window < Dimension) Hadamard(trailing, _window);
            }

            if (_window < Dimension) Scale(trailing, 1 / MathF.Sqrt(_window), _window);
        }
    }

    private static void Multiply(float* x, float* factors, int count)
    {
        var i = 0;
        for (; i + 8 <= count; i += 8) (Vector256.Load(x + i) * Vector256.Load(factors + i)).Store(x + i);
        for (; i < count; i++) x[i] *= factors[i];
    }

    private static void Scale(float* x, float factor, int count)
    {
        var i = 0;
        for (; i + 8 <= count; i += 8) (Vector256.Load(x + i) * factor).Store(x + i);
        for (; i < count; i++) x[i] *= factor;
    }

    /// <summary>Unnormalised Walsh–Hadamard transform of 2^k numbers.</summary>
    private static void Hadamard(float* x, int count)
    {
        if (count < 8)
        {
            for (var half = 1; half < count; half *= 2)
                for (var i = 0; i < count; i++)
                    if ((i & half) == 0)
                        (x[i], x[i + half]) = (x[i] + x[i + half], x[i] - x[i + half]);
            return;
        }

        for (var i = 0; i < count; i += 8)
        {
            var v = Vector256.Load(x + i);
            v = Vector256.Shuffle(v, Vector256.Create(1, 0, 3, 2, 5, 4, 7, 6)) + (v * Vector256.Create(1f, -1, 1, -1, 1, -1, 1, -1));
            v = Vector256.Shuffle(v, Vector256.Create(2, 3, 0, 1, 6, 7, 4, 5)) + (v * Vector256.Create(1f, 1, -1, -1, 1, 1, -1, -1));
            v = Vector256.Shuffle(v, Vector256.Create(4, 5, 6, 7, 0, 1, 2, 3)) + (v * Vector256.Create(1f, 1, 1, 1, -1, -1, -1, -1));
            v.Store(x + i);
        }

        // Two steps a pass, half the loads and stores; one step first when their number is odd.
        var done = 8;
        if (int.Log2(count / 8) % 2 == 1)
        {
            Step(x, done, count);
            done *= 2;
        }

        for (; done < count; done *= 4) TwoSteps(x, done, count);
    }

    private static void Step(float* x, int half, int count)
    {
        for (var start = 0; start < count; start += 2 * half)
        {
            for (var i = start; i < start + half; i += 8)
            {
                var a = Vector256.Load(x + i);
                var b = Vector256.Load(x + i + half);
                (a + b).Store(x + i);
                (a - b).Store(x + i + half);
            }
        }
    }

    private static void TwoSteps(float* x, int quarter, int count)
    {
        for (var start = 0; start < count; start += 4 * quarter)
        {
            for (var i = start; i < start + quarter; i += 8)
            {
                var a = Vector256.Load(x + i);
                var b = Vector256.Load(x + i + quarter);
                var c = Vector256.Load(x + i + (2 * quarter));
                var d = Vector256.Load(x + i + (3 * quarter));
                var (ab, cd, less, further) = (a + b, c + d, a - b, c - d);
                (ab + cd).Store(x + i);
                (less + further).Store(x + i + quarter);
                (ab - cd).Store(x + i + (2 * quarter));
                (less - further).Store(x + i + (3 * quarter));
            }
        }
    }
}
