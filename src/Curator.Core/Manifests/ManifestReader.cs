using Curator.Core.Images;

namespace Curator.Core.Manifests;

/// <summary>Reads a partition's <c>images.parquet</c> as a stream or by row; never holds the whole file. Thread-safe.</summary>
public sealed class ManifestReader : IDisposable
{
    /// <summary>Opens a manifest; an <see cref="ArtefactException"/> tells when it is missing, damaged or of another version.</summary>
    public static ManifestReader Open(string path) => throw new NotImplementedException();

    public long Rows => throw new NotImplementedException();

    /// <summary><see cref="ManifestFingerprint"/> of all rows.</summary>
    public string Fingerprint => throw new NotImplementedException();

    /// <summary>Records of rows [<paramref name="firstRow"/>, <paramref name="firstRow"/> + <paramref name="count"/>), in row order; reads only the row groups touched.</summary>
    public IEnumerable<ImageRecord> Read(long firstRow = 0, long count = long.MaxValue) => throw new NotImplementedException();

    /// <summary>One record; row groups are kept in a small LRU so that nearby rows are cheap.</summary>
    public ImageRecord this[long row] => throw new NotImplementedException();

    public void Dispose() => throw new NotImplementedException();
}

/// <summary>Writes a manifest: temporary name, row groups of 8,192, checksum, fsync, rename, fsync of the folder. Not thread-safe.</summary>
public sealed class ManifestWriter : IDisposable
{
    public static ManifestWriter Create(string path) => throw new NotImplementedException();

    public void Append(ImageRecord record) => throw new NotImplementedException();

    /// <summary>Makes the file visible under its name. Without it, <see cref="Dispose"/> discards what was written.</summary>
    /// <returns>Rows and <see cref="ManifestFingerprint"/>.</returns>
    public (long Rows, string Fingerprint) Commit() => throw new NotImplementedException();

    public void Dispose() => throw new NotImplementedException();
}
