using Curator.Core.Images;
using Curator.Search.Kernels;
using Curator.Search.Partitions;

namespace Curator.Search.Layout;

/// <summary>Rows read on demand, scaled to unit length; a row of zeros stays as it is. Thread-safe.</summary>
internal abstract class VectorRows
{
    public abstract int Count { get; }

    public abstract int Dimension { get; }

    /// <param name="destination">[Dimension].</param>
    public abstract void Read(int row, Span<float> destination);

    /// <summary>Several rows, one after the other: [rows × Dimension].</summary>
    public void Read(ReadOnlySpan<int> rows, Span<float> destination)
    {
        for (var i = 0; i < rows.Length; i++) Read(rows[i], destination.Slice(i * Dimension, Dimension));
    }
}

/// <summary>Rows of a matrix in memory.</summary>
/// <param name="rows">[n × dimension], row-major, finite.</param>
internal sealed class MatrixRows(ReadOnlyMemory<float> rows, int dimension) : VectorRows
{
    public override int Count { get; } = RowBlocks.Count(rows.Length, dimension, nameof(rows));

    public override int Dimension => dimension;

    public override void Read(int row, Span<float> destination)
    {
        rows.Span.Slice(row * dimension, dimension).CopyTo(destination);
        Vectors.Normalise(destination);
    }
}

/// <summary>Stored embeddings of chosen images, in place: no row is held. Valid as long as the plan.</summary>
internal sealed class ArchiveRows(SearchPlan plan, int dimension, ReadOnlyMemory<ImageId> images) : VectorRows
{
    public override int Count => images.Length;

    public override int Dimension => dimension;

    public override void Read(int row, Span<float> destination)
    {
        var image = images.Span[row];
        plan.Open[image.Partition].Embeddings.Read(image.Row, destination);
        Vectors.Normalise(destination);
    }
}

/// <summary>Some of other rows, in a given order.</summary>
internal sealed class ChosenRows(VectorRows rows, int[] chosen) : VectorRows
{
    public override int Count => chosen.Length;

    public override int Dimension => rows.Dimension;

    public override void Read(int row, Span<float> destination) => rows.Read(chosen[row], destination);
}
