using System.Runtime.Intrinsics;

namespace Curator.Search.Layout;

/// <summary>
/// Discrete Fourier transforms of sixteen sequences at once, interleaved so that element k of all sixteen lies in sixteen neighbouring numbers: every step is a vector operation without
/// shuffles. Stockham's self-sorting form (Van Loan 1992, §1.7) in steps of 4, 2, 3 and 5. Real and imaginary parts lie apart. Immutable, thread-safe.
/// </summary>
internal sealed unsafe class FourierLanes
{
    public const int Lanes = 16;

    private readonly int[] _factors;
    private readonly float[] _cosines;
    private readonly float[] _sines;

    /// <param name="length">With no prime factor above 5: <see cref="Fit"/>.</param>
    public FourierLanes(int length)
    {
        Length = length;
        _factors = Factors(length) ?? throw new ArgumentOutOfRangeException(nameof(length), $"{length} has a prime factor above 5.");
        (_cosines, _sines) = (new float[length], new float[length]);
        for (var k = 0; k < length; k++)
            (_cosines[k], _sines[k]) = ((float)Math.Cos(-2 * Math.PI * k / length), (float)Math.Sin(-2 * Math.PI * k / length));
    }

    public int Length { get; }

    /// <summary>The least even length from <paramref name="atLeast"/> on that has no prime factor above 5.</summary>
    public static int Fit(int atLeast)
    {
        var length = Math.Max(2, atLeast + (atLeast & 1));
        while (Factors(length) is null) length += 2;
        return length;
    }

    /// <summary>Σₗ xₗ exp(−2πi kl/n). The inverse, times n, is the same with real and imaginary parts exchanged, in and out.</summary>
    /// <param name="from">[Length × 16] each; changed.</param>
    /// <param name="other">As much room.</param>
    /// <returns>Where the result lies: one of the two.</returns>
    public LanePlanes Transform(LanePlanes from, LanePlanes other)
    {
        var (n, stride) = (Length, 1);
        foreach (var factor in _factors)
        {
            switch (factor)
            {
                case 4: Four(from.Real, from.Imaginary, other.Real, other.Imaginary, n / 4, stride); break;
                case 2: Two(from.Real, from.Imaginary, other.Real, other.Imaginary, n / 2, stride); break;
                default: Odd(factor, from.Real, from.Imaginary, other.Real, other.Imaginary, n / factor, stride); break;
            }

            n /= factor;
            stride *= factor;
            (from, other) = (other, from);
        }

        return from;
    }

    private static int[]? Factors(int length)
    {
        var factors = new List<int>();
        foreach (var factor in (int[])[4, 2, 3, 5])
        {
            while (length % factor == 0)
            {
                factors.Add(factor);
                length /= factor;
            }
        }

        return length == 1 ? [.. factors] : null;
    }

    private void Two(float* xr, float* xi, float* yr, float* yi, int m, int stride)
    {
        var block = stride * Lanes;
        for (var p = 0; p < m; p++)
        {
            var (wr, wi) = Twiddle(p * stride);
            var from = (long)p * block;
            var to = 2 * from;
            for (var q = 0; q < block; q += 8)
            {
                var ar = Vector256.Load(xr + from + q);
                var ai = Vector256.Load(xi + from + q);
                var br = Vector256.Load(xr + from + q + ((long)m * block));
                var bi = Vector256.Load(xi + from + q + ((long)m * block));
                (ar + br).Store(yr + to + q);
                (ai + bi).Store(yi + to + q);
                StoreTurned(ar - br, ai - bi, wr, wi, yr + to + block + q, yi + to + block + q);
            }
        }
    }

    private void Four(float* xr, float* xi, float* yr, float* yi, int m, int stride)
    {
        var block = stride * Lanes;
        var step = (long)m * block;
        for (var p = 0; p < m; p++)
        {
            var (w1r, w1i) = Twiddle(p * stride);
            var (w2r, w2i) = Twiddle(2 * p * stride);
            var (w3r, w3i) = Twiddle(3 * p * stride);
            var from = (long)p * block;
            var to = 4 * from;
            for (var q = 0; q < block; q += 8)
            {
                float* r = xr + from + q, i = xi + from + q;
                var ar = Vector256.Load(r);
                var ai = Vector256.Load(i);
                var br = Vector256.Load(r + step);
                var bi = Vector256.Load(i + step);
                var cr = Vector256.Load(r + (2 * step));
                var ci = Vector256.Load(i + (2 * step));
                var dr = Vector256.Load(r + (3 * step));
                var di = Vector256.Load(i + (3 * step));
                var (sumR, sumI, differenceR, differenceI) = (ar + cr, ai + ci, ar - cr, ai - ci);
                var (otherR, otherI) = (br + dr, bi + di);
                // −i (b − d)
                var (turnedR, turnedI) = (bi - di, dr - br);
                (sumR + otherR).Store(yr + to + q);
                (sumI + otherI).Store(yi + to + q);
                StoreTurned(differenceR + turnedR, differenceI + turnedI, w1r, w1i, yr + to + block + q, yi + to + block + q);
                StoreTurned(sumR - otherR, sumI - otherI, w2r, w2i, yr + to + (2 * block) + q, yi + to + (2 * block) + q);
                StoreTurned(differenceR - turnedR, differenceI - turnedI, w3r, w3i, yr + to + (3 * block) + q, yi + to + (3 * block) + q);
            }
        }
    }

    /// <summary>A step of 3 or 5 by its definition: few lengths need more than two of them.</summary>
    private void Odd(int factor, float* xr, float* xi, float* yr, float* yi, int m, int stride)
    {
        var block = stride * Lanes;
        var step = (long)m * block;
        for (var p = 0; p < m; p++)
        {
            var from = (long)p * block;
            var to = factor * from;
            for (var k = 0; k < factor; k++)
            {
                var (wr, wi) = Twiddle(p * stride * k);
                for (var q = 0; q < block; q += 8)
                {
                    var sumR = Vector256.Load(xr + from + q);
                    var sumI = Vector256.Load(xi + from + q);
                    for (var j = 1; j < factor; j++)
                    {
                        var (cosine, sine) = Twiddle(j * k % factor * (Length / factor));
                        var r = Vector256.Load(xr + from + q + (j * step));
                        var i = Vector256.Load(xi + from + q + (j * step));
                        sumR += (r * cosine) - (i * sine);
                        sumI += (r * sine) + (i * cosine);
                    }

                    StoreTurned(sumR, sumI, wr, wi, yr + to + (k * block) + q, yi + to + (k * block) + q);
                }
            }
        }
    }

    private (Vector256<float> Cosine, Vector256<float> Sine) Twiddle(int turn) => (Vector256.Create(_cosines[turn]), Vector256.Create(_sines[turn]));

    private static void StoreTurned(Vector256<float> r, Vector256<float> i, Vector256<float> wr, Vector256<float> wi, float* toReal, float* toImaginary)
    {
        ((r * wr) - (i * wi)).Store(toReal);
        ((r * wi) + (i * wr)).Store(toImaginary);
    }
}

/// <summary>Real and imaginary parts of sixteen interleaved sequences. Borrowed memory.</summary>
internal readonly unsafe struct LanePlanes(float* real, float* imaginary)
{
    public float* Real => real;

    public float* Imaginary => imaginary;

    public LanePlanes Exchanged => new(imaginary, real);
}
