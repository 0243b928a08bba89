namespace Curator.Search.Indexes;

/// <summary>
/// One bit a coordinate, after RaBitQ (Gao and Long 2024). With x a rotated vector of a list, c the list's rotated centroid and r = x − c, the code is
/// s = sign(r), and with F = |r|²/|r|₁ the inner product of r and any y is estimated, without bias over the random rotation, by F·(s·y). Hence, with y = q − c,
/// |q − x|² = |q − c|² + |r|² − 2 r·(q − c) ≈ |q − c|² + (|r|² + 2F s·c) − 2F (s·q).
/// The bracket is the vector's constant and −2F its slope, so that s·q is all a query has to compute, from one table that serves every list.
/// <para>
/// A block holds 32 vectors: for each group of four coordinates 16 bytes, whose low halves are the sign bits of vectors 0 to 15 and whose high halves those of 16 to 31;
/// then 32 constants and 32 slopes (float). Groups are padded to a multiple of four, with coordinates that no query has.
/// </para>
/// </summary>
internal static unsafe class BitCodes
{
    /// <summary>Vectors in a block.</summary>
    public const int BlockVectors = 32;

    /// <summary>Bytes of a block's constants and slopes.</summary>
    public const int FactorBytes = 2 * BlockVectors * sizeof(float);

    /// <summary>Groups of four coordinates, padded to whole 512-bit loads.</summary>
    public static int Groups(int dimension) => (dimension + 15) / 16 * 4;

    public static int BlockBytes(int dimension) => (Groups(dimension) * 16) + FactorBytes;

    /// <summary>Makes a block that no query matches: constants too great for any threshold.</summary>
    public static void Clear(Span<byte> block, int dimension)
    {
        block.Clear();
        fixed (byte* p = block)
        {
            var constants = (float*)(p + (Groups(dimension) * 16));
            for (var v = 0; v < BlockVectors; v++) constants[v] = float.PositiveInfinity;
        }
    }

    /// <summary>Writes one vector into a cleared block.</summary>
    /// <param name="lane">0 to 31.</param>
    /// <param name="vector">[dimension] rotated.</param>
    /// <param name="centroid">[dimension] rotated centroid of the vector's list.</param>
    public static void Encode(Span<byte> block, int lane, ReadOnlySpan<float> vector, ReadOnlySpan<float> centroid)
    {
        var groups = Groups(vector.Length);
        var (square, f) = Factor(vector, centroid);
        double signedCentroid = 0;
        for (var j = 0; j < vector.Length; j++)
        {
            var positive = vector[j] - centroid[j] >= 0;
            signedCentroid += positive ? centroid[j] : -centroid[j];
            if (positive) block[(j / 4 * 16) + (lane & 15)] |= (byte)(1 << ((j & 3) + (lane >= 16 ? 4 : 0)));
        }

        fixed (byte* p = block)
        {
            var factors = (float*)(p + (groups * 16));
            factors[lane] = (float)(square + (2 * f * signedCentroid));
            factors[BlockVectors + lane] = Slope(f);
        }
    }

    /// <summary>The slope that <see cref="Encode"/> writes for a vector: −2F, which grows with the length of r = x − c. 0 where r is 0.</summary>
    public static float Slope(ReadOnlySpan<float> vector, ReadOnlySpan<float> centroid) => Slope(Factor(vector, centroid).F);

    private static float Slope(double f) => (float)(-2 * f);

    private static (double Square, double F) Factor(ReadOnlySpan<float> vector, ReadOnlySpan<float> centroid)
    {
        double square = 0, absolute = 0;
        for (var j = 0; j < vector.Length; j++)
        {
            var residual = vector[j] - centroid[j];
            square += (double)residual * residual;
            absolute += Math.Abs(residual);
        }

        return (square, absolute > 0 ? square / absolute : 0);
    }
}
