using System.Runtime.Intrinsics;
using Curator.Search.Kernels;

namespace Curator.Search.Neighbours;

/// <summary>
/// What turns a dot product x·q into a score that orders rows x as their distance from q does: factor·(x·q) + addend.
/// Euclidean: |x|²/2 − x·q. Cosine: −(x·q)/|x|, and 0 for a row of zeros.
/// </summary>
/// <param name="Factors">One a row.</param>
/// <param name="Addends">One a row.</param>
internal readonly record struct RowScales(float[] Factors, float[] Addends)
{
    public static unsafe RowScales Of(ReadOnlyMemory<float> rows, int dimension, VectorMetric metric, int threads, CancellationToken cancellationToken)
    {
        var n = rows.Length / dimension;
        var padded = PanelKernel.Count(n) * PanelKernel.Width;
        var factors = new float[padded];
        var addends = new float[padded];
        RowBlocks.Run(n, 8192, threads, (first, count) =>
        {
            fixed (float* x = rows.Span)
            {
                for (var i = first; i < first + count; i++)
                {
                    var row = x + ((long)i * dimension);
                    var square = RowKernels.Dot(row, row, dimension);
                    factors[i] = metric == VectorMetric.Euclidean ? -1 : square > 0 ? -1 / MathF.Sqrt(square) : 0;
                    addends[i] = metric == VectorMetric.Euclidean ? square / 2 : 0;
                }
            }
        }, cancellationToken);
        return new RowScales(factors, addends);
    }
}

/// <summary>Takes sixteen scores, or fewer at the end of the rows, of one query.</summary>
/// <param name="query">Number of the query in its block.</param>
/// <param name="firstRow">Row of the first score.</param>
internal delegate void TakeScores(int query, int firstRow, ReadOnlySpan<float> scores);

/// <summary>Scores of a block of queries against all rows, tile by tile.</summary>
internal static unsafe class TiledScores
{
    private const int TileRows = 256;

    public static void Scan(
        ReadOnlyMemory<float> queries, ReadOnlyMemory<float> rows, int dimension, RowScales scales, TakeScores take, CancellationToken cancellationToken)
    {
        const int Width = PanelKernel.Width;
        const int Group = PanelKernel.MaxQueries;
        var count = queries.Length / dimension;
        var n = rows.Length / dimension;
        var tile = new float[TileRows * dimension];
        var products = stackalloc float[Group * Width];
        fixed (float* q = queries.Span, packed = tile, factors = scales.Factors, addends = scales.Addends)
        {
            for (var firstRow = 0; firstRow < n; firstRow += TileRows)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var inTile = Math.Min(TileRows, n - firstRow);
                PanelKernel.Pack(rows.Span.Slice(firstRow * dimension, inTile * dimension), dimension, tile);
                for (var first = 0; first < count; first += Group)
                {
                    var group = Math.Min(Group, count - first);
                    for (var offset = 0; offset < inTile; offset += Width)
                    {
                        PanelKernel.Dot(packed + (offset * dimension), q + ((long)first * dimension), group, dimension, products);
                        var row = firstRow + offset;
                        for (var i = 0; i < group * Width; i += 8)
                        {
                            var lane = row + (i % Width);
                            (Vector256.Load(products + i) * Vector256.Load(factors + lane) + Vector256.Load(addends + lane)).Store(products + i);
                        }

                        for (var g = 0; g < group; g++)
                            take(first + g, row, new ReadOnlySpan<float>(products + (g * Width), Math.Min(Width, n - row)));
                    }
                }
            }
        }
    }

    /// <summary>Whether any score is at or below the threshold; nearly always false, so it is asked before the scores are looked at one by one.</summary>
    public static bool AnyWithin(ReadOnlySpan<float> scores, float threshold)
    {
        if (scores.Length < PanelKernel.Width) return true;
        var limit = Vector256.Create(threshold);
        return Vector256.LessThanOrEqualAny(Vector256.Create(scores), limit) || Vector256.LessThanOrEqualAny(Vector256.Create(scores[8..]), limit);
    }
}
