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
                            Take(RowKernels.DotAndSquare(rows + ((long)i * dimension), query, dimension), start + i, admission, nearest);
                }
                else
                {
                    fixed (float* rows = embeddings.SingleRows(start, size))
                        for (var i = 0; i < size; i++)
                            Take(RowKernels.DotAndSquare(rows + ((long)i * dimension), query, dimension), start + i, admission, nearest);
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
                    var sums = embeddings.Precision == EmbeddingPrecision.Half
                        ? RowKernels.DotAndSquare((Half*)places[i], query, dimension)
                        : RowKernels.DotAndSquare((float*)places[i], query, dimension);
                    if (ToDistance(sums) is { } distance) nearest.Add(distance, rows[first + i]);
                }
            }
        }
    }

    private static void Take((float Dot, float SquaredLength) sums, long row, RowAdmission? admission, NearestReservoir nearest)
    {
        if (ToDistance(sums) is not { } distance || distance > nearest.Threshold || admission?.Admits(row) == false) return;
        nearest.Add(distance, checked((uint)row));
    }

    private static float? ToDistance((float Dot, float SquaredLength) sums) =>
        sums.SquaredLength == 0 ? null : Math.Clamp(1 - (sums.Dot / MathF.Sqrt(sums.SquaredLength)), 0, 2);
}
