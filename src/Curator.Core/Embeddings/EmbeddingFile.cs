namespace Curator.Core.Embeddings;

/// <summary>How a number of an embedding is stored.</summary>
public enum EmbeddingPrecision
{
    /// <summary>IEEE 754 half precision: 2 bytes, the default.</summary>
    Half,

    /// <summary>IEEE 754 single precision: 4 bytes.</summary>
    Single,
}

/// <summary>
/// The n × d matrix of one partition and one encoder (<c>&lt;encoder&gt;.embeddings</c>), memory-mapped, row r belonging to image row r.
/// A row of zeros is an image without an embedding (its file had vanished). Score files are the same with d = 1. Thread-safe.
/// </summary>
public sealed class EmbeddingFile : IDisposable
{
    /// <param name="rebuildCommand">Named in errors.</param>
    /// <param name="expectedFingerprint"><see cref="EmbeddingFingerprint"/> that the caller holds; null skips the check.</param>
    /// <exception cref="EmbeddingStoreException">Missing, damaged, or made from other images or another encoder.</exception>
    public static EmbeddingFile Open(string path, string rebuildCommand = "curator embed", string? expectedFingerprint = null) =>
        throw new NotImplementedException();

    public long Rows => throw new NotImplementedException();

    public int Dimension => throw new NotImplementedException();

    public EmbeddingPrecision Precision => throw new NotImplementedException();

    public string Fingerprint => throw new NotImplementedException();

    /// <summary>Copies rows as single precision. <paramref name="destination"/>: [count × Dimension], row-major; count is its length / Dimension.</summary>
    public void Read(long firstRow, Span<float> destination) => throw new NotImplementedException();

    /// <summary>The stored rows in place, when <see cref="Precision"/> is <see cref="EmbeddingPrecision.Half"/>: [count × Dimension].</summary>
    public ReadOnlySpan<Half> HalfRows(long firstRow, int count) => throw new NotImplementedException();

    /// <summary>The stored rows in place, when <see cref="Precision"/> is <see cref="EmbeddingPrecision.Single"/>: [count × Dimension].</summary>
    public ReadOnlySpan<float> SingleRows(long firstRow, int count) => throw new NotImplementedException();

    /// <summary>Whether the row is all zeros: its image could not be embedded.</summary>
    public bool IsAbsent(long row) => throw new NotImplementedException();

    public IReadOnlyList<long> Verify() => throw new NotImplementedException();

    public void Dispose() => throw new NotImplementedException();
}

/// <summary>Writes an embedding file row by row in order; it appears whole or not at all. Not thread-safe.</summary>
public sealed class EmbeddingWriter : IDisposable
{
    public static EmbeddingWriter Create(string path, long rows, int dimension, EmbeddingPrecision precision, string fingerprint) =>
        throw new NotImplementedException();

    /// <param name="values">Whole rows, row-major. Values must be finite.</param>
    public void Append(ReadOnlySpan<float> values) => throw new NotImplementedException();

    public void Commit() => throw new NotImplementedException();

    public void Dispose() => throw new NotImplementedException();
}

/// <summary>What an embedding file was made from: SHA-256 over encoder fingerprint, manifest fingerprint of its rows, and precision.</summary>
public static class EmbeddingFingerprint
{
    public static string Of(string encoderFingerprint, string manifestFingerprint, EmbeddingPrecision precision) =>
        throw new NotImplementedException();
}
