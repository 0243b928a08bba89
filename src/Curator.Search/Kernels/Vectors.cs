using System.Numerics.Tensors;

namespace Curator.Search.Kernels;

/// <summary>Small things done to one vector.</summary>
internal static class Vectors
{
    /// <summary>Scales to unit length in place; a vector of zeros stays as it is.</summary>
    /// <returns>The length before.</returns>
    public static float Normalise(Span<float> vector)
    {
        var length = TensorPrimitives.Norm<float>(vector);
        if (length > 0) TensorPrimitives.Divide(vector, length, vector);
        return length;
    }
}
