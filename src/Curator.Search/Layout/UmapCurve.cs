namespace Curator.Search.Layout;

/// <summary>
/// The low-dimensional similarity of UMAP, 1/(1 + a d^2b) (McInnes et al. 2018, §4.2), with a and b fitted to a curve that is 1 up to a distance and then falls as exp(−(d − that distance)). Immutable.
/// Powers come from a table by the number's exponent and leading digits, with a relative error below 10⁻⁵.
/// </summary>
internal sealed class UmapCurve
{
    private const int FirstOctave = -40;
    private const int Octaves = 80;
    private const int StepBits = 8;

    private readonly float[] _powers;

    /// <param name="minDistance">0 to 1: how near points may come.</param>
    public UmapCurve(double minDistance)
    {
        (A, B) = Fit(minDistance);
        _powers = new float[(Octaves << StepBits) + 2];
        for (var i = 0; i < _powers.Length; i++)
        {
            var place = Math.ScaleB(1 + ((i & ((1 << StepBits) - 1)) / (double)(1 << StepBits)), FirstOctave + (i >> StepBits));
            _powers[i] = (float)Math.Pow(place, B);
        }
    }

    public double A { get; }

    public double B { get; }

    /// <summary>Factor of (yᵢ − yⱼ) with which an edge pulls: 2ab d^(2b−2) / (1 + a d^2b).</summary>
    public float Pull(float square)
    {
        if (square <= 0) return 0;
        var power = Power(square);
        return (float)(2 * A * B) * power / (square * (1 + ((float)A * power)));
    }

    /// <summary>Factor of (yᵢ − yⱼ) with which a point pushes: 2b / ((0.001 + d²)(1 + a d^2b)).</summary>
    public float Push(float square) => (float)(2 * B) / ((0.001f + square) * (1 + ((float)A * Power(square))));

    /// <summary>square^b.</summary>
    internal float Power(float square)
    {
        var bits = BitConverter.SingleToInt32Bits(square);
        var place = bits - ((127 + FirstOctave) << 23);
        if (place < 0) return 0;
        var step = Math.Min(place >> (23 - StepBits), (Octaves << StepBits) - 1);
        var within = (place & ((1 << (23 - StepBits)) - 1)) * (1f / (1 << (23 - StepBits)));
        return _powers[step] + (within * (_powers[step + 1] - _powers[step]));
    }

    /// <summary>Least squares on 300 distances up to 3, by Gauss and Newton's steps with Levenberg's damping.</summary>
    private static (double A, double B) Fit(double minDistance)
    {
        double a = 1.5, b = 1, damping = 1e-3, error = Error(a, b);
        for (var step = 0; step < 200; step++)
        {
            double aa = damping, ab = 0, bb = damping, ra = 0, rb = 0;
            for (var i = 1; i <= 300; i++)
            {
                var d = i / 100.0;
                var power = Math.Pow(d, 2 * b);
                var value = 1 / (1 + (a * power));
                var (byA, byB) = (-value * value * power, -value * value * a * power * 2 * Math.Log(d));
                var residual = Wanted(d) - value;
                (aa, ab, bb) = (aa + (byA * byA), ab + (byA * byB), bb + (byB * byB));
                (ra, rb) = (ra + (byA * residual), rb + (byB * residual));
            }

            var determinant = (aa * bb) - (ab * ab);
            var (nextA, nextB) = (a + (((bb * ra) - (ab * rb)) / determinant), b + (((aa * rb) - (ab * ra)) / determinant));
            if (nextA > 0 && nextB > 0 && Error(nextA, nextB) is var next && next <= error)
            {
                var done = error - next < 1e-14;
                (a, b, error, damping) = (nextA, nextB, next, damping / 4);
                if (done) break;
            }
            else
            {
                damping *= 8;
            }
        }

        return (a, b);

        double Wanted(double d) => d <= minDistance ? 1 : Math.Exp(minDistance - d);

        double Error(double tryA, double tryB)
        {
            double sum = 0;
            for (var i = 1; i <= 300; i++)
            {
                var residual = Wanted(i / 100.0) - (1 / (1 + (tryA * Math.Pow(i / 100.0, 2 * tryB))));
                sum += residual * residual;
            }

            return sum;
        }
    }
}
