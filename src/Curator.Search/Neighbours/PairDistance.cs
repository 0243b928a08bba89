using Curator.Search.Kernels;

namespace Curator.Search.Neighbours;

/// <summary>The distance of two rows, computed the careful way.</summary>
internal static unsafe class PairDistance
{
    public static float Of(float* a, float* b, int dimension, VectorMetric metric)
    {
        if (metric == VectorMetric.Euclidean) return MathF.Sqrt(RowKernels.SquaredDistance(a, b, dimension));
        var (dot, squareA) = RowKernels.DotAndSquare(a, b, dimension);
        var squareB = RowKernels.Dot(b, b, dimension);
        return squareA > 0 && squareB > 0 ? Math.Clamp(1 - (dot / (MathF.Sqrt(squareA) * MathF.Sqrt(squareB))), 0, 2) : 1;
    }
}
