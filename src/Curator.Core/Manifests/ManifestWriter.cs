using System.Globalization;
using System.Text;
using Curator.Core.Files;
using Curator.Core.Images;
using ParquetSharp;

namespace Curator.Core.Manifests;

/// <summary>
/// Writes a manifest: temporary name, row groups of 8,192, checksums, fsync, rename, fsync of the folder. Holds one row group. Not thread-safe.
/// Times are kept to the microsecond.
/// </summary>
public sealed class ManifestWriter : IDisposable
{
    private readonly string _path;
    private readonly string _temporary;
    private readonly FileStream _file;
    private readonly ChecksummingStream _stream;
    private readonly ParquetFileWriter _writer;
    private readonly Dictionary<string, string> _metadata = new() { [ManifestSchema.VersionKey] = ManifestSchema.Version.ToString(CultureInfo.InvariantCulture) };
    private readonly ManifestColumns _columns;
    private readonly StringBuilder _groups = new();
    private ManifestFingerprint _fingerprint;
    private long _rows;
    private long _groupEnd;
    private bool _closed;
    private bool _published;

    private ManifestWriter(string path, IReadOnlyList<MetadataColumn> free)
    {
        _path = path;
        free = MetadataColumn.Union(free, []);
        _columns = new ManifestColumns(ManifestSchema.RowsPerGroup, ManifestSchema.Version, free);
        if (free.Count > 0) _metadata[ManifestSchema.FreeColumnsKey] = ManifestSchema.FormatFree(free);
        _temporary = AtomicFile.TemporaryName(path);
        _file = new FileStream(_temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
        _stream = new ChecksummingStream(_file);
        using var builder = new WriterPropertiesBuilder();
        using var properties = builder
            .Compression(Compression.Zstd)
            .CreatedBy("curator")
            // Paths and hashes differ in every row: a dictionary would only be given up half-way, and their bounds bloat the footer.
            .DisableDictionary("uri").DisableDictionary("sha256").DisableStatistics("sha256").DisableStatistics("gap_mask")
            .EnablePageChecksum()
            .Build();
        _writer = new ParquetFileWriter(_stream, ManifestSchema.CreateColumns(free), null, properties, _metadata, leaveOpen: true);
    }

    /// <param name="freeColumns">The only ones that <see cref="ImageRecord.Metadata"/> may have values of; none when left out.</param>
    /// <exception cref="IOException">The folder is missing, full or not writable.</exception>
    public static ManifestWriter Create(string path, IReadOnlyList<MetadataColumn>? freeColumns = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new ManifestWriter(path, freeColumns ?? []);
    }

    /// <exception cref="ArgumentException">A value of a free column that the manifest does not have, or a text in a column of numbers.</exception>
    public void Append(ImageRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        foreach (var (name, value) in record.Metadata.Present)
            if (!_columns.Takes(name, value))
                throw new ArgumentException($"The manifest has no free column '{name}' for '{value}'.", nameof(record));
        _fingerprint.Append(record);
        _columns.Add(record);
        _rows++;
        if (_columns.IsFull) WriteGroup();
    }

    /// <summary>Appends all records of another manifest, one row group at a time: how rows are added to a manifest, which is never changed in place.</summary>
    /// <exception cref="ArtefactException">A row group of <paramref name="manifest"/> is damaged.</exception>
    public void AppendAll(ManifestReader manifest)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        foreach (var record in manifest.Read()) Append(record);
    }

    /// <summary>Makes the file visible under its name. Without it, <see cref="Dispose"/> discards what was written.</summary>
    /// <returns>Rows and <see cref="ManifestFingerprint"/>.</returns>
    public (long Rows, string Fingerprint) Commit()
    {
        if (_columns.Count > 0) WriteGroup();
        _metadata[ManifestSchema.RowsKey] = _rows.ToString(CultureInfo.InvariantCulture);
        _metadata[ManifestSchema.FingerprintKey] = _fingerprint.Value;
        _metadata[ManifestSchema.RowGroupsKey] = _groups.ToString();
        _metadata[ManifestSchema.TailKey] = ManifestTail.Placeholder(_groupEnd);
        Unwrapped(CloseWriter);
        _file.Flush();
        ManifestTail.Seal(_file, _groupEnd);
        _file.Flush(flushToDisk: true);
        _file.Dispose();
        AtomicFile.Publish(_temporary, _path);
        _published = true;
        return (_rows, _fingerprint.Value);
    }

    public void Dispose()
    {
        try
        {
            CloseWriter();
        }
        catch (Exception error) when (!_published && error is IOException or ParquetException)
        {
            // The disk is full or gone, and what was written is discarded anyway.
        }

        _writer.Dispose();
        _stream.Dispose();
        _file.Dispose();
        if (!_published) AtomicFile.TryDelete(_temporary);
    }

    /// <summary>Runs a step of Parquet's writer; what the file refused comes out as the <see cref="IOException"/> that it was.</summary>
    private void Unwrapped(Action step)
    {
        try
        {
            step();
        }
        catch (ParquetException) when (_stream.Failure is { } failure)
        {
            throw new IOException(failure.Message, failure);
        }
    }

    private void CloseWriter()
    {
        if (_closed) return;
        _closed = true;
        _writer.Close();
    }

    private void WriteGroup()
    {
        Unwrapped(() =>
        {
            using var group = _writer.AppendRowGroup();
            _columns.Write(group);
        });
        _columns.Clear();
        _groupEnd = _stream.Position;
        if (_groups.Length > 0) _groups.Append(',');
        _groups.Append(CultureInfo.InvariantCulture, $"{_groupEnd:x}:{_stream.TakeChecksum():x16}");
    }
}
