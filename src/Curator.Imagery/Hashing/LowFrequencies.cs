namespace Curator.Imagery.Hashing;

/// <summary>
/// The lowest frequencies of a small square picture: orthonormal DCT-II, first along rows, then along columns. Not thread-safe: use one per thread.
/// </summary>
/// <param name="side">Side S of the square.</param>
/// <param name="first">Lowest frequency wanted: 0 with the mean, 1 without.</param>
/// <param name="count">Frequencies each way, L.</param>
internal sealed class LowFrequencies(int side, int first, int count)
{
    private readonly double[] _cosines = MakeCosines(side, first, count);
    private readonly double[] _half = new double[count * side];

    /// <param name="luma"><c>[S, S]</c>, row-major.</param>
    /// <param name="result"><c>[L, L]</c>: element L·v + u belongs to frequency <c>first + u</c> across and <c>first + v</c> down.</param>
    public void Transform(ReadOnlySpan<double> luma, Span<double> result)
    {
        for (var y = 0; y < side; y++)
            for (var u = 0; u < count; u++)
            {
                double sum = 0;
                for (var x = 0; x < side; x++) sum += luma[y * side + x] * _cosines[u * side + x];
                _half[u * side + y] = sum;
            }
        for (var v = 0; v < count; v++)
            for (var u = 0; u < count; u++)
            {
                double sum = 0;
                for (var y = 0; y < side; y++) sum += _half[u * side + y] * _cosines[v * side + y];
                result[v * count + u] = sum;
            }
    }

    /// <summary>Number of mirrored and turned forms of a picture, the picture itself included.</summary>
    public const int Forms = 8;

    /// <summary>
    /// The frequencies of a mirrored or turned form, without another transform: mirroring changes the sign of the odd frequencies in its direction, transposing
    /// exchanges across and down. Bit 0 of the form mirrors left-right, bit 1 upside-down, bit 2 transposes after that.
    /// </summary>
    public void Turn(ReadOnlySpan<double> low, int form, Span<double> result)
    {
        for (var v = 0; v < count; v++)
            for (var u = 0; u < count; u++)
            {
                var negative = ((form & 1) != 0 && ((first + u) & 1) != 0) ^ ((form & 2) != 0 && ((first + v) & 1) != 0);
                result[(form & 4) != 0 ? u * count + v : v * count + u] = negative ? -low[v * count + u] : low[v * count + u];
            }
    }

    /// <summary>Luma of an RGB picture, ITU-R BT.601, 0 to 255.</summary>
    public static void Luma(ReadOnlySpan<byte> rgb, Span<double> luma)
    {
        for (var i = 0; i < luma.Length; i++)
            luma[i] = (299 * rgb[3 * i] + 587 * rgb[3 * i + 1] + 114 * rgb[3 * i + 2]) / 1000.0;
    }

    private static double[] MakeCosines(int side, int first, int count)
    {
        var table = new double[count * side];
        for (var u = 0; u < count; u++)
            for (var x = 0; x < side; x++)
                table[u * side + x] = Math.Sqrt((first + u == 0 ? 1.0 : 2.0) / side) * Math.Cos(Math.PI * (first + u) * (2 * x + 1) / (2 * side));
        return table;
    }
}
