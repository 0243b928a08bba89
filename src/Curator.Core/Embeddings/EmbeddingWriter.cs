using System.Buffers;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Curator.Core.Files;

namespace Curator.Core.Embeddings;

/// <summary>Writes an embedding file row by row in order; it appears whole or not at all. Not thread-safe.</summary>
public sealed class EmbeddingWriter : IDisposable
{
    private const int NumbersPerStep = 1 << 14;

    private readonly ArtefactWriter _writer;
    private readonly EmbeddingLayout _layout;
    private long _rowsWritten;

    private EmbeddingWriter(ArtefactWriter writer, EmbeddingLayout layout)
    {
        _writer = writer;
        _layout = layout;
    }

    /// <param name="rows">Exact number of rows that will follow, as many as the manifest has.</param>
    /// <param name="dimension">Numbers a row.</param>
    /// <param name="fingerprint"><see cref="EmbeddingFingerprint"/>.</param>
    /// <param name="computation"><see cref="EmbeddingFile.Computation"/>: small letters, digits and dashes, at most 64.</param>
    public static EmbeddingWriter Create(string path, long rows, int dimension, EmbeddingPrecision precision, string fingerprint, string computation = "")
    {
        ArgumentNullException.ThrowIfNull(computation);
        if (!EmbeddingLayout.IsComputation(computation)) throw new ArgumentException($"'{computation}' is no name of a computation.", nameof(computation));
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(dimension);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(dimension, EmbeddingLayout.MaxDimension);
        var layout = new EmbeddingLayout(rows, dimension, precision, computation);
        var writer = ArtefactWriter.Create(
            path, EmbeddingLayout.Kind, EmbeddingLayout.Version, fingerprint, layout.ToJson(), checked(rows * layout.BytesPerRow));
        return new EmbeddingWriter(writer, layout);
    }

    /// <param name="values">Whole rows, row-major. Values must be finite in the file's precision; an image without an embedding is a row of zeros.</param>
    /// <exception cref="EmbeddingStoreException">A value is NaN, infinite, or too large for half precision (over 65,504); nothing of the call was written.</exception>
    public void Append(ReadOnlySpan<float> values)
    {
        if (values.Length % _layout.Dimension != 0)
            throw new ArgumentException($"{values.Length} values are no whole rows of {_layout.Dimension}.", nameof(values));
        var rows = values.Length / _layout.Dimension;
        if (rows > _layout.Rows - _rowsWritten)
            throw new ArgumentException($"{_rowsWritten + rows} rows were given where {_layout.Rows} were announced.", nameof(values));
        RefuseNonFinite(values);
        if (_layout.Precision == EmbeddingPrecision.Single) _writer.Write(MemoryMarshal.AsBytes(values));
        else WriteHalf(values);
        _rowsWritten += rows;
    }

    /// <summary>Makes the file visible under its name; all announced rows must have been appended.</summary>
    public void Commit() => _writer.Commit();

    /// <summary>Discards what was written unless <see cref="Commit"/> was called.</summary>
    public void Dispose() => _writer.Dispose();

    private void WriteHalf(ReadOnlySpan<float> values)
    {
        var buffer = ArrayPool<Half>.Shared.Rent(Math.Min(NumbersPerStep, Math.Max(1, values.Length)));
        while (!values.IsEmpty)
        {
            var count = Math.Min(values.Length, buffer.Length);
            TensorPrimitives.ConvertToHalf(values[..count], buffer);
            _writer.Write(MemoryMarshal.AsBytes(buffer.AsSpan(0, count)));
            values = values[count..];
        }

        ArrayPool<Half>.Shared.Return(buffer);
    }

    private void RefuseNonFinite(ReadOnlySpan<float> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            var finite = _layout.Precision == EmbeddingPrecision.Half ? Half.IsFinite((Half)values[i]) : float.IsFinite(values[i]);
            if (finite) continue;
            throw new EmbeddingStoreException(
                $"Number {i % _layout.Dimension} of row {_rowsWritten + (i / _layout.Dimension)} is {values[i]}, which {_layout.Precision} precision cannot hold.",
                "Train the encoder again with a smaller `--learning-rate`, or embed with `--precision single`.");
        }
    }
}
