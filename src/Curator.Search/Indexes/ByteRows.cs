using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Curator.Search.Indexes;

/// <summary>
/// Rotated vectors in signed bytes, and their dot products with a query's 16-bit levels. In an index with lists a row is what is left of the vector when its list's centroid is taken away,
/// in steps that grow with its length (<see cref="BitCodes.Slope(ReadOnlySpan{float}, ReadOnlySpan{float})"/>): look-alikes that all lie close together, as real embeddings do, are
/// told apart by what differs between them. Without lists it is the unit vector, in one step for the file.
/// </summary>
internal static unsafe class ByteRows
{
    /// <summary>Bytes of a row: the dimension padded to whole 256-bit loads, with zeros.</summary>
    public static int Stride(int dimension) => (dimension + 31) / 32 * 32;

    /// <summary>Quantises a row; values beyond ±127 steps are cut.</summary>
    /// <param name="step">0 for a row of zeros.</param>
    /// <returns>Squared length of what was lost.</returns>
    public static float Encode(ReadOnlySpan<float> vector, float step, Span<sbyte> row)
    {
        row.Clear();
        if (step == 0) return 0;
        float lost = 0;
        for (var j = 0; j < vector.Length; j++)
        {
            var level = Math.Clamp(MathF.Round(vector[j] / step), -127, 127);
            row[j] = (sbyte)level;
            var error = vector[j] - (level * step);
            lost += error * error;
        }

        return lost;
    }

    /// <summary>Σ rowⱼ·levelsⱼ by the widest path that the processor has; exact, so all paths agree to the bit.</summary>
    public static int Dot(sbyte* row, short* levels, int stride)
    {
        if (Avx512BW.IsSupported) return Dot512(row, levels, stride);
        return Avx2.IsSupported ? Dot256(row, levels, stride) : DotPortable(row, levels, stride);
    }

    public static int Dot512(sbyte* row, short* levels, int stride)
    {
        var sum = Vector512<int>.Zero;
        for (var j = 0; j < stride; j += 32)
            sum += Avx512BW.MultiplyAddAdjacent(Avx512BW.ConvertToVector512Int16(Vector256.Load(row + j)), Vector512.Load(levels + j));
        return Vector512.Sum(sum);
    }

    public static int Dot256(sbyte* row, short* levels, int stride)
    {
        var low = Vector256<int>.Zero;
        var high = low;
        for (var j = 0; j < stride; j += 32)
        {
            low += Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(row + j), Vector256.Load(levels + j));
            high += Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(row + j + 16), Vector256.Load(levels + j + 16));
        }

        return Vector256.Sum(low + high);
    }

    public static int DotPortable(sbyte* row, short* levels, int stride)
    {
        var sum = 0;
        for (var j = 0; j < stride; j++) sum += row[j] * levels[j];
        return sum;
    }
}
