namespace Curator.Search.Kernels;

/// <summary>Splits rows into fixed blocks and runs them on several threads. The split does not depend on the number of threads, nor may the results.</summary>
internal static class RowBlocks
{
    /// <param name="threads">At most this many at once; 0 for one a processor.</param>
    /// <param name="work">First row and count of a block. Called concurrently, each block once; writes only what belongs to its rows.</param>
    public static void Run(int rows, int blockRows, int threads, Action<int, int> work, CancellationToken cancellationToken)
    {
        var blocks = (int)(((long)rows + blockRows - 1) / blockRows);
        if (blocks <= 1 || threads == 1)
        {
            for (var b = 0; b < blocks; b++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                work(b * blockRows, Math.Min(blockRows, rows - (b * blockRows)));
            }

            return;
        }

        var options = new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = threads == 0 ? Environment.ProcessorCount : threads };
        Parallel.For(0, blocks, options, b => work(b * blockRows, Math.Min(blockRows, rows - (b * blockRows))));
    }

    /// <summary>Rows of a row-major matrix, checked.</summary>
    public static int Count(int length, int dimension, string name)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(dimension);
        if (length % dimension != 0)
            throw new ArgumentException($"{length} numbers are not whole rows of {dimension}.", name);
        return length / dimension;
    }
}
