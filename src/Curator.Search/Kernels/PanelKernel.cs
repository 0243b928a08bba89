using System.Runtime.Intrinsics;

namespace Curator.Search.Kernels;

/// <summary>
/// Dot products of a few queries with sixteen rows at once, the work of every batched step (k-means assignment, k-NN, coarse quantiser).
/// Rows are packed into panels: sixteen rows transposed to [dimension × 16], so that one vector load feeds every query and no horizontal sum is needed.
/// </summary>
internal static unsafe class PanelKernel
{
    /// <summary>Rows in a panel.</summary>
    public const int Width = 16;

    /// <summary>Queries that a call takes at most: 6 × 2 accumulators, two loads and a broadcast fill the sixteen registers of AVX2.</summary>
    public const int MaxQueries = 6;

    /// <summary>Panels that hold <paramref name="rows"/> rows.</summary>
    public static int Count(int rows) => (rows + Width - 1) / Width;

    /// <summary>Packs rows into panels; lanes past the last row are zero.</summary>
    /// <param name="rows">[count × dimension], row-major.</param>
    /// <param name="panels">[Count(count) × dimension × 16].</param>
    public static void Pack(ReadOnlySpan<float> rows, int dimension, Span<float> panels)
    {
        var count = rows.Length / dimension;
        var size = dimension * Width;
        for (var p = 0; p * Width < count; p++)
        {
            var panel = panels.Slice(p * size, size);
            var filled = Math.Min(Width, count - (p * Width));
            if (filled < Width) panel.Clear();
            for (var lane = 0; lane < filled; lane++)
            {
                var row = rows.Slice(((p * Width) + lane) * dimension, dimension);
                for (var j = 0; j < row.Length; j++) panel[(j * Width) + lane] = row[j];
            }
        }
    }

    /// <summary>products[q × 16 + lane] = query q · row lane, by the widest path that the processor has.</summary>
    /// <param name="queries">[count × dimension], 1 to <see cref="MaxQueries"/> rows.</param>
    public static void Dot(float* panel, float* queries, int count, int dimension, float* products)
    {
        if (Vector512.IsHardwareAccelerated) Dot512(panel, queries, count, dimension, products);
        else Dot256(panel, queries, count, dimension, products);
    }

    /// <summary>The AVX-512 path.</summary>
    public static void Dot512(float* panel, float* queries, int count, int dimension, float* products)
    {
        if (count == MaxQueries)
        {
            float* q1 = queries + dimension, q2 = q1 + dimension, q3 = q2 + dimension, q4 = q3 + dimension, q5 = q4 + dimension;
            var a0 = Vector512<float>.Zero;
            Vector512<float> a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0;
            for (var j = 0; j < dimension; j++)
            {
                var rows = Vector512.Load(panel + (j * Width));
                a0 = Vector512.FusedMultiplyAdd(rows, Vector512.Create(queries[j]), a0);
                a1 = Vector512.FusedMultiplyAdd(rows, Vector512.Create(q1[j]), a1);
                a2 = Vector512.FusedMultiplyAdd(rows, Vector512.Create(q2[j]), a2);
                a3 = Vector512.FusedMultiplyAdd(rows, Vector512.Create(q3[j]), a3);
                a4 = Vector512.FusedMultiplyAdd(rows, Vector512.Create(q4[j]), a4);
                a5 = Vector512.FusedMultiplyAdd(rows, Vector512.Create(q5[j]), a5);
            }

            a0.Store(products);
            a1.Store(products + Width);
            a2.Store(products + (2 * Width));
            a3.Store(products + (3 * Width));
            a4.Store(products + (4 * Width));
            a5.Store(products + (5 * Width));
            return;
        }

        for (var q = 0; q < count; q++, queries += dimension, products += Width)
        {
            var sum = Vector512<float>.Zero;
            for (var j = 0; j < dimension; j++)
                sum = Vector512.FusedMultiplyAdd(Vector512.Load(panel + (j * Width)), Vector512.Create(queries[j]), sum);
            sum.Store(products);
        }
    }

    /// <summary>The AVX2 path, and the portable one: without AVX2 each 256-bit operation is two of 128 bits. Same sums, same order, same bits as <see cref="Dot512"/>.</summary>
    public static void Dot256(float* panel, float* queries, int count, int dimension, float* products)
    {
        if (count == MaxQueries)
        {
            float* q1 = queries + dimension, q2 = q1 + dimension, q3 = q2 + dimension, q4 = q3 + dimension, q5 = q4 + dimension;
            var a0 = Vector256<float>.Zero;
            Vector256<float> a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0;
            Vector256<float> b0 = a0, b1 = a0, b2 = a0, b3 = a0, b4 = a0, b5 = a0;
            for (var j = 0; j < dimension; j++)
            {
                var low = Vector256.Load(panel + (j * Width));
                var high = Vector256.Load(panel + (j * Width) + 8);
                var query = Vector256.Create(queries[j]);
                a0 = Vector256.FusedMultiplyAdd(low, query, a0);
                b0 = Vector256.FusedMultiplyAdd(high, query, b0);
                query = Vector256.Create(q1[j]);
                a1 = Vector256.FusedMultiplyAdd(low, query, a1);
                b1 = Vector256.FusedMultiplyAdd(high, query, b1);
                query = Vector256.Create(q2[j]);
                a2 = Vector256.FusedMultiplyAdd(low, query, a2);
                b2 = Vector256.FusedMultiplyAdd(high, query, b2);
                query = Vector256.Create(q3[j]);
                a3 = Vector256.FusedMultiplyAdd(low, query, a3);
                b3 = Vector256.FusedMultiplyAdd(high, query, b3);
                query = Vector256.Create(q4[j]);
                a4 = Vector256.FusedMultiplyAdd(low, query, a4);
                b4 = Vector256.FusedMultiplyAdd(high, query, b4);
                query = Vector256.Create(q5[j]);
                a5 = Vector256.FusedMultiplyAdd(low, query, a5);
                b5 = Vector256.FusedMultiplyAdd(high, query, b5);
            }

            Store(products, a0, b0);
            Store(products + Width, a1, b1);
            Store(products + (2 * Width), a2, b2);
            Store(products + (3 * Width), a3, b3);
            Store(products + (4 * Width), a4, b4);
            Store(products + (5 * Width), a5, b5);
            return;
        }

        for (var q = 0; q < count; q++, queries += dimension, products += Width)
        {
            var low = Vector256<float>.Zero;
            var high = low;
            for (var j = 0; j < dimension; j++)
            {
                var query = Vector256.Create(queries[j]);
                low = Vector256.FusedMultiplyAdd(Vector256.Load(panel + (j * Width)), query, low);
                high = Vector256.FusedMultiplyAdd(Vector256.Load(panel + (j * Width) + 8), query, high);
            }

            Store(products, low, high);
        }
    }

    /// <summary>One query against four panels that follow each other: enough independent sums to hide the latency of a fused multiply-add.</summary>
    /// <param name="products">[64].</param>
    public static void DotFour(float* panels, float* query, int dimension, float* products)
    {
        if (Vector512.IsHardwareAccelerated) DotFour512(panels, query, dimension, products);
        else DotFour256(panels, query, dimension, products);
    }

    public static void DotFour512(float* panels, float* query, int dimension, float* products)
    {
        var size = dimension * Width;
        float* p1 = panels + size, p2 = p1 + size, p3 = p2 + size;
        var a0 = Vector512<float>.Zero;
        Vector512<float> a1 = a0, a2 = a0, a3 = a0;
        for (var j = 0; j < dimension; j++)
        {
            var q = Vector512.Create(query[j]);
            a0 = Vector512.FusedMultiplyAdd(Vector512.Load(panels + (j * Width)), q, a0);
            a1 = Vector512.FusedMultiplyAdd(Vector512.Load(p1 + (j * Width)), q, a1);
            a2 = Vector512.FusedMultiplyAdd(Vector512.Load(p2 + (j * Width)), q, a2);
            a3 = Vector512.FusedMultiplyAdd(Vector512.Load(p3 + (j * Width)), q, a3);
        }

        a0.Store(products);
        a1.Store(products + Width);
        a2.Store(products + (2 * Width));
        a3.Store(products + (3 * Width));
    }

    public static void DotFour256(float* panels, float* query, int dimension, float* products)
    {
        var size = dimension * Width;
        float* p1 = panels + size, p2 = p1 + size, p3 = p2 + size;
        var a0 = Vector256<float>.Zero;
        Vector256<float> a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
        for (var j = 0; j < dimension; j++)
        {
            var q = Vector256.Create(query[j]);
            a0 = Vector256.FusedMultiplyAdd(Vector256.Load(panels + (j * Width)), q, a0);
            b0 = Vector256.FusedMultiplyAdd(Vector256.Load(panels + (j * Width) + 8), q, b0);
            a1 = Vector256.FusedMultiplyAdd(Vector256.Load(p1 + (j * Width)), q, a1);
            b1 = Vector256.FusedMultiplyAdd(Vector256.Load(p1 + (j * Width) + 8), q, b1);
            a2 = Vector256.FusedMultiplyAdd(Vector256.Load(p2 + (j * Width)), q, a2);
            b2 = Vector256.FusedMultiplyAdd(Vector256.Load(p2 + (j * Width) + 8), q, b2);
            a3 = Vector256.FusedMultiplyAdd(Vector256.Load(p3 + (j * Width)), q, a3);
            b3 = Vector256.FusedMultiplyAdd(Vector256.Load(p3 + (j * Width) + 8), q, b3);
        }

        Store(products, a0, b0);
        Store(products + Width, a1, b1);
        Store(products + (2 * Width), a2, b2);
        Store(products + (3 * Width), a3, b3);
    }

    private static void Store(float* products, Vector256<float> low, Vector256<float> high)
    {
        low.Store(products);
        high.Store(products + 8);
    }
}
