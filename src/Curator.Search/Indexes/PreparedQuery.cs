using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Curator.Search.Indexes;

/// <summary>
/// All that partitions need of a query, computed once: the rotated direction, the tables of the 1-bit scan and 16-bit levels for the 8-bit rows. Every partition of a workspace
/// has the same rotation, so one serves all. Immutable, thread-safe.
/// </summary>
internal sealed class PreparedQuery
{
    /// <param name="direction">[dimension], unit length, as stored embeddings are oriented.</param>
    public PreparedQuery(float[] direction, Rotation rotation)
    {
        Direction = direction;
        RotationSeed = rotation.Seed;
        var groups = BitCodes.Groups(direction.Length);
        Rotated = new float[groups * 4];
        direction.CopyTo(Rotated, 0);
        rotation.Apply(Rotated.AsSpan(0, direction.Length));
        Tables = new byte[groups * 16];
        (TableStep, TableBias) = FillTables(Rotated, Tables);
        Levels = new short[ByteRows.Stride(direction.Length)];
        (LevelStep, LevelError) = FillLevels(Rotated.AsSpan(0, direction.Length), Levels);
    }

    /// <summary>[dimension], unit length, not rotated.</summary>
    public float[] Direction { get; }

    public int RotationSeed { get; }

    /// <summary>[groups × 4] rotated, zeros past the dimension.</summary>
    public float[] Rotated { get; }

    /// <summary>[groups × 16]: for each pattern of four sign bits the signed sum of the group's coordinates, less the group's minimum, in steps.</summary>
    public byte[] Tables { get; }

    /// <summary>s·q = TableStep × (sum of table entries) + TableBias, but for rounding.</summary>
    public float TableStep { get; }

    /// <inheritdoc cref="TableStep"/>
    public float TableBias { get; }

    /// <summary>[stride] rotated coordinates in steps of <see cref="LevelStep"/>.</summary>
    public short[] Levels { get; }

    public float LevelStep { get; }

    /// <summary>The greatest length that rounding to levels can take away: bounds the error of any dot product with a unit vector.</summary>
    public float LevelError { get; }

    private static (float Step, float Bias) FillTables(float[] rotated, byte[] tables)
    {
        float widest = 0, absolute = 0;
        for (var g = 0; g < rotated.Length; g += 4)
        {
            var range = Math.Abs(rotated[g]) + Math.Abs(rotated[g + 1]) + Math.Abs(rotated[g + 2]) + Math.Abs(rotated[g + 3]);
            widest = range > widest ? range : widest;
            absolute += range;
        }

        // An entry fits a byte, and the sum of the largest entries a 16-bit accumulator, rounding up included.
        var step = Math.Max(2 * widest / 255, 2 * absolute / (ushort.MaxValue - (rotated.Length / 4)));
        if (step == 0) return (0, 0);
        if (Avx512F.IsSupported) FillTables512(rotated, 1 / step, tables);
        else FillTables256(rotated, 1 / step, tables);
        return (step, -absolute);
    }

    /// <summary>Entries of all groups in whole steps, rounded: bit j of a pattern is the sign of coordinate j.</summary>
    internal static void FillTables512(ReadOnlySpan<float> rotated, float inverse, Span<byte> tables)
    {
        for (var g = 0; g + 4 <= rotated.Length; g += 4)
        {
            var (least, a, b, c, d) = InSteps(rotated.Slice(g, 4), inverse);
            var sums = Vector512.Create(least)
                + (Vector512.Create(0f, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1) * a)
                + (Vector512.Create(0f, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1) * b)
                + (Vector512.Create(0f, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1, 1) * c)
                + (Vector512.Create(0f, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1) * d);
            Avx512F.ConvertToVector128Byte(Avx512F.ConvertToVector512Int32WithTruncation(sums)).CopyTo(tables.Slice(g * 4, 16));
        }
    }

    /// <inheritdoc cref="FillTables512"/>
    internal static void FillTables256(ReadOnlySpan<float> rotated, float inverse, Span<byte> tables)
    {
        for (var g = 0; g + 4 <= rotated.Length; g += 4)
        {
            var (least, a, b, c, d) = InSteps(rotated.Slice(g, 4), inverse);
            var low = Vector256.Create(least)
                + (Vector256.Create(0f, 1, 0, 1, 0, 1, 0, 1) * a)
                + (Vector256.Create(0f, 0, 1, 1, 0, 0, 1, 1) * b)
                + (Vector256.Create(0f, 0, 0, 0, 1, 1, 1, 1) * c);
            var shorts = Vector256.Narrow(Vector256.ConvertToInt32(low), Vector256.ConvertToInt32(low + Vector256.Create(d))).AsUInt16();
            Vector128.Narrow(shorts.GetLower(), shorts.GetUpper()).CopyTo(tables.Slice(g * 4, 16));
        }
    }

    /// <summary>The entry of pattern 0 and what each set bit adds, in steps; half a step more, so that cutting off the fraction rounds. Entries lie in [0.5, 255.5] but for rounding.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (float Least, float A, float B, float C, float D) InSteps(ReadOnlySpan<float> group, float inverse)
    {
        float a = group[0] * inverse, b = group[1] * inverse, c = group[2] * inverse, d = group[3] * inverse;
        return (Math.Abs(a) + Math.Abs(b) + Math.Abs(c) + Math.Abs(d) - a - b - c - d + 0.5f, 2 * a, 2 * b, 2 * c, 2 * d);
    }

    private static (float Step, float Error) FillLevels(ReadOnlySpan<float> rotated, short[] levels)
    {
        var greatest = Math.Abs(TensorPrimitives.MaxMagnitude(rotated));
        var absolute = TensorPrimitives.SumOfMagnitudes(rotated);

        // A level fits 16 bits, and a dot product with bytes of at most 127 fits 32.
        var step = Math.Max(greatest / short.MaxValue, 127 * absolute / (1 << 30));
        if (step == 0) return (1, 0);

        // Rounding takes at most half a step from any coordinate: a bound, and a hair more for the rounding of the division.
        var error = step * 0.5001f * MathF.Sqrt(rotated.Length);
        var inverse = Vector256.Create(1 / step);
        var j = 0;
        for (; j + 16 <= rotated.Length; j += 16)
        {
            var low = Vector256.ConvertToInt32(Vector256.Round(Vector256.Create(rotated.Slice(j, 8)) * inverse));
            var high = Vector256.ConvertToInt32(Vector256.Round(Vector256.Create(rotated.Slice(j + 8, 8)) * inverse));
            Vector256.Narrow(low, high).CopyTo(levels, j);
        }

        for (; j < rotated.Length; j++) levels[j] = (short)MathF.Round(rotated[j] / step);
        return (step, error);
    }
}
