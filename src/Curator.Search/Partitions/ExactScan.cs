using Curator.Core.Embeddings;
using Curator.Search.Kernels;

namespace Curator.Search.Partitions;

/// <summary>Distances of stored rows to a unit-length query, one after the other: the exact search. Stateless.</summary>
internal static unsafe class ExactScan
{
    /// <summary>Rows mapped at a time; bounds the span, not the result.</summary>
    private const int ChunkRows = 4096;

    /// <summary>Adds every row of the range that is present and admitted.</summary>
    /// <param name="direction">[dimension], unit length.</param>
    /// <param name="admits">Null for all rows.</param>
    public static void Run(
        EmbeddingFile embeddings, ReadOnlySpan<float> direction, long firstRow, long count, Func<long, bool>? admits, NearestReservoir nearest, CancellationToken cancellationToken)
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
                            Take(RowKernels.DotAndSquare(rows + ((long)i * dimension), query, dimension), start + i, admits, nearest);
                }
                else
                {
                    fixed (float* rows = embeddings.SingleRows(start, size))
                        for (var i = 0; i < size; i++)
                            Take(RowKernels.DotAndSquare(rows + ((long)i * dimension), query, dimension), start + i, admits, nearest);
                }
            }
        }
    }

    /// <summary>1 − cos of a row; null for an absent row.</summary>
    private static void Take((float Dot, float SquaredLength) sums, long row, Func<long, bool>? admits, NearestReservoir nearest)
    {
        if (sums.SquaredLength == 0) return;
        var distance = Math.Clamp(1 - (sums.Dot / MathF.Sqrt(sums.SquaredLength)), 0, 2);
        if (distance > nearest.Threshold || (admits is not null && !admits(row))) return;
        nearest.Add(distance, checked((uint)row));
    }
}
