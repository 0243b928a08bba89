namespace Curator.Search.Neighbours;

/// <summary>The k nearest rows of each query row, ascending by distance, ties by row number. Two flat arrays; no object a row.</summary>
/// <param name="Count">Query rows.</param>
/// <param name="K">Neighbours of each.</param>
/// <param name="Rows">[Count × K] row numbers.</param>
/// <param name="Distances">[Count × K] distances in the metric asked for.</param>
public sealed record NeighbourTable(int Count, int K, int[] Rows, float[] Distances)
{
    public ReadOnlySpan<int> RowsOf(int query) => Rows.AsSpan(query * K, K);

    public ReadOnlySpan<float> DistancesOf(int query) => Distances.AsSpan(query * K, K);
}

/// <summary>All rows within a radius of each query row, in compressed form: those of query q are entries Starts[q] to Starts[q + 1].</summary>
/// <param name="Starts">Count + 1 offsets.</param>
/// <param name="Rows">Row numbers, ascending within a query.</param>
/// <param name="Distances">Beside <paramref name="Rows"/>.</param>
public sealed record RadiusTable(long[] Starts, int[] Rows, float[] Distances)
{
    public int Count => Starts.Length - 1;

    public ReadOnlySpan<int> RowsOf(int query) => Rows.AsSpan((int)Starts[query], (int)(Starts[query + 1] - Starts[query]));

    public ReadOnlySpan<float> DistancesOf(int query) => Distances.AsSpan((int)Starts[query], (int)(Starts[query + 1] - Starts[query]));
}
