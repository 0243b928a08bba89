using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Curator.Core.Embeddings;
using Curator.Search.Kernels;

namespace Curator.Search.Partitions;

/// <summary>Distances of stored rows to a unit-length query, one after the other: the exact search. Stateless.</summary>
internal static unsafe class ExactScan
{
    /// <summary>Rows mapped at a time; bounds the span, not the result.</summary>
    private const int ChunkRows = 4096;

    /// <summary>Rows asked for at a time.</summary>
    private const int Batch = 32;

    /// <summary>
    /// Below this distance 1 − cos is a difference of two nearly equal numbers, whose rounding (about 10⁻⁷) would decide the order of look-alikes; |q − r|²/2 is the same number without
    /// that, and is computed instead.
    /// </summary>
    private const float Near = 0.02f;

    /// <summary>Adds every row of the range that is present and admitted.</summary>
    /// <param name="direction">[dimension], unit length.</param>
    /// <param name="admission">Null for all rows.</param>
    public static void Run(
        EmbeddingFile embeddings, ReadOnlySpan<float> direction, long firstRow, long count, RowAdmission? admission, NearestReservoir nearest, CancellationToken cancellationToken)
    {
        var dimension = embeddings.Dimension;
        fixed (float* query = direction)
        {
            for (var start = firstRow; start < firstRow + count; start += ChunkRows)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var size = (int)Math.Min(ChunkRows, firstRow + count - start);
                if (embeddings.Precision == EmbeddingPrecision.Half)
                {
                    fixed (Half* rows = embeddings.HalfRows(start, size))
                        for (var i = 0; i < size; i++)
                            Take(Distance(rows + ((long)i * dimension), query, dimension), start + i, admission, nearest);
                }
                else
                {
                    fixed (float* rows = embeddings.SingleRows(start, size))
                        for (var i = 0; i < size; i++)
                            Take(Distance(rows + ((long)i * dimension), query, dimension), start + i, admission, nearest);
                }
            }
        }
    }

    /// <summary>
    /// Adds some stored rows that lie anywhere, with the very distances that <see cref="Run"/> gives them. All are asked for from memory before the first is read: a row is a few cache lines, and waiting for them one after the other would be
    /// most of the time.
    /// </summary>
    public static void Take(EmbeddingFile embeddings, float[] direction, ReadOnlySpan<uint> rows, NearestReservoir nearest)
    {
        var dimension = embeddings.Dimension;
        var bytes = dimension * (embeddings.Precision == EmbeddingPrecision.Half ? sizeof(ushort) : sizeof(float));
        var places = stackalloc byte*[Batch];
        fixed (float* query = direction)
        {
            for (var first = 0; first < rows.Length; first += Batch)
            {
                var size = Math.Min(Batch, rows.Length - first);
                for (var i = 0; i < size; i++)
                {
                    places[i] = embeddings.Precision == EmbeddingPrecision.Half
                        ? (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(embeddings.HalfRows(rows[first + i], 1)))
                        : (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(embeddings.SingleRows(rows[first + i], 1)));
                    if (Sse.IsSupported)
                        for (var b = 0; b < bytes; b += 64)
                            Sse.Prefetch0(places[i] + b);
                }

                for (var i = 0; i < size; i++)
                {
                    var distance = embeddings.Precision == EmbeddingPrecision.Half ? Distance((Half*)places[i], query, dimension) : Distance((float*)places[i], query, dimension);
                    nearest.Add(distance, rows[first + i]);
                }
            }
        }
    }

    private static void Take(float distance, long row, RowAdmission? admission, NearestReservoir nearest)
    {
        if (!(distance <= nearest.Threshold) || admission?.Admits(row) == false) return;
        nearest.Add(distance, checked((uint)row));
    }

    /// <summary>1 − cos of a stored row and a unit-length query, NaN for a row of zeros, which is no embedding.</summary>
    private static float Distance(Half* row, float* query, int dimension)
    {
        var (dot, squaredLength) = RowKernels.DotAndSquare(row, query, dimension);
        var distance = FromDot(dot, squaredLength);
        return distance < Near ? RowKernels.ScaledSquaredDistance(row, 1 / MathF.Sqrt(squaredLength), query, dimension) / 2 : distance;
    }

    /// <inheritdoc cref="Distance(Half*, float*, int)"/>
    private static float Distance(float* row, float* query, int dimension)
    {
        var (dot, squaredLength) = RowKernels.DotAndSquare(row, query, dimension);
        var distance = FromDot(dot, squaredLength);
        return distance < Near ? RowKernels.ScaledSquaredDistance(row, 1 / MathF.Sqrt(squaredLength), query, dimension) / 2 : distance;
    }

    private static float FromDot(float dot, float squaredLength) => squaredLength == 0 ? float.NaN : Math.Clamp(1 - (dot / MathF.Sqrt(squaredLength)), 0, 2);
}
