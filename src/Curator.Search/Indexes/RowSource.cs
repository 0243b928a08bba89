using System.Numerics.Tensors;
using Curator.Core.Embeddings;
using Curator.Search.Kernels;

namespace Curator.Search.Indexes;

/// <summary>Stored rows as an index wants them: unit length, rotated. Thread-safe.</summary>
internal sealed class RowSource(EmbeddingFile embeddings, Rotation rotation)
{
    public long Rows => embeddings.Rows;

    public int Dimension => embeddings.Dimension;

    /// <summary>Reads one row; false, and zeros, when it is absent.</summary>
    /// <param name="destination">[Dimension].</param>
    public bool Read(long row, Span<float> destination)
    {
        if (embeddings.Precision == EmbeddingPrecision.Half) TensorPrimitives.ConvertToSingle(embeddings.HalfRows(row, 1), destination);
        else embeddings.SingleRows(row, 1).CopyTo(destination);
        if (Vectors.Normalise(destination) == 0) return false;
        rotation.Apply(destination);
        return true;
    }
}
