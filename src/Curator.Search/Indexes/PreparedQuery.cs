using System.Numerics.Tensors;
using System.Runtime.Intrinsics;

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
            widest = Math.Max(widest, 2 * range);
            absolute += range;
        }

        // An entry fits a byte, and the sum of the largest entries a 16-bit accumulator, rounding up included.
        var step = Math.Max(widest / 255, 2 * absolute / (ushort.MaxValue - (rotated.Length / 4)));
        if (step == 0) return (0, 0);
        for (var g = 0; g < rotated.Length; g += 4)
        {
            // Bit j of a pattern is the sign of coordinate j; entries of patterns 0 to 7 and 8 to 15.
            var least = Math.Abs(rotated[g]) + Math.Abs(rotated[g + 1]) + Math.Abs(rotated[g + 2]) + Math.Abs(rotated[g + 3]);
            var low = Vector256.Create(least - rotated[g] - rotated[g + 1] - rotated[g + 2] - rotated[g + 3])
                + (Vector256.Create(0f, 1, 0, 1, 0, 1, 0, 1) * (2 * rotated[g]))
                + (Vector256.Create(0f, 0, 1, 1, 0, 0, 1, 1) * (2 * rotated[g + 1]))
                + (Vector256.Create(0f, 0, 0, 0, 1, 1, 1, 1) * (2 * rotated[g + 2]));
            var high = low + Vector256.Create(2 * rotated[g + 3]);
            var shorts = Vector256.Narrow(ToSteps(low, step), ToSteps(high, step));
            Vector128.Narrow(shorts.GetLower(), shorts.GetUpper()).CopyTo(tables, g * 4);
        }

        return (step, -absolute);
    }

    /// <summary>Rounded to whole steps, 0 to 255.</summary>
    private static Vector256<uint> ToSteps(Vector256<float> sums, float step)
    {
        var steps = (sums / Vector256.Create(step)) + Vector256.Create(0.5f);
        return Vector256.ConvertToInt32(Vector256.Clamp(steps, Vector256.Create(0f), Vector256.Create(255f))).AsUInt32();
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
