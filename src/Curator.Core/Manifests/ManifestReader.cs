using System.Globalization;
using System.IO.Hashing;
using Curator.Core.Images;
using ParquetSharp;

namespace Curator.Core.Manifests;

/// <summary>
/// Reads a partition's <c>images.parquet</c> as a stream or by row; never holds the whole file. The footer is checked on opening and each row group
/// on first touch, before the native reader sees a byte of it. Thread-safe.
/// </summary>
public sealed class ManifestReader : IDisposable
{
    /// <summary>Decoded row groups kept for <see cref="this[long]"/>: about 4 MB each.</summary>
    private const int CachedGroups = 16;

    private readonly string _path;
    private readonly FileStream _file;
    private readonly ParquetFileReader _reader;
    private readonly List<(long End, ulong Checksum)> _ranges = [];
    private readonly long[] _firstRows;
    private readonly int _version;
    private readonly LinkedList<(int Group, ManifestColumns Columns)> _cache = new();
    private readonly Lock _lock = new();
    private bool _disposed;

    private ManifestReader(string path, FileStream file)
    {
        _path = path;
        _file = file;
        // One handle for both, so that a manifest renamed into place meanwhile cannot mix with this one; RandomAccess moves no position.
        _reader = new ParquetFileReader(file, leaveOpen: true);
        try
        {
            var footer = _reader.FileMetaData;
            var metadata = footer.KeyValueMetadata;
            var version = metadata.GetValueOrDefault(ManifestSchema.VersionKey, "none");
            if (!int.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out _version) || _version is < ManifestSchema.OldestVersion or > ManifestSchema.Version)
                throw Problem(path, $"has format version {version}, this program reads {ManifestSchema.OldestVersion} to {ManifestSchema.Version}");
            FreeColumns = ManifestSchema.ParseFree(metadata.GetValueOrDefault(ManifestSchema.FreeColumnsKey, ""));
            Fingerprint = metadata[ManifestSchema.FingerprintKey];
            Rows = footer.NumRows;
            ParseRanges(metadata[ManifestSchema.RowGroupsKey]);
            if (_ranges.Count != footer.NumRowGroups) throw Problem(path, $"names {_ranges.Count} row groups and has {footer.NumRowGroups}");
            _firstRows = new long[_ranges.Count + 1];
            for (var group = 0; group < _ranges.Count; group++)
            {
                using var reader = _reader.RowGroup(group);
                _firstRows[group + 1] = _firstRows[group] + reader.MetaData.NumRows;
            }
        }
        catch
        {
            _reader.Dispose();
            throw;
        }
    }

    /// <summary>Opens a manifest; an <see cref="ArtefactException"/> tells when it is missing, damaged or of another version.</summary>
    public static ManifestReader Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        FileStream? file = null;
        try
        {
            file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (ManifestTail.Check(file) is { } problem) throw Problem(path, problem);
            return new ManifestReader(path, file);
        }
        catch (Exception error) when (error is not ArtefactException)
        {
            file?.Dispose();
            if (error is OutOfMemoryException) throw;
            throw Problem(path, error is FileNotFoundException or DirectoryNotFoundException ? "is not there" : $"could not be read ({error.Message.TrimEnd('.')})", error);
        }
        catch
        {
            file?.Dispose();
            throw;
        }
    }

    public long Rows { get; }

    /// <summary>The columns that people's lists and containers gave, by name.</summary>
    public IReadOnlyList<MetadataColumn> FreeColumns { get; }

    /// <summary><see cref="ManifestFingerprint"/> of all rows.</summary>
    public string Fingerprint { get; }

    /// <summary>Records of rows [<paramref name="firstRow"/>, <paramref name="firstRow"/> + <paramref name="count"/>), in row order; reads only the row groups touched.</summary>
    /// <exception cref="ArtefactException">A row group is damaged.</exception>
    public IEnumerable<ImageRecord> Read(long firstRow = 0, long count = long.MaxValue)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(firstRow);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return Stream(firstRow, count > Rows - firstRow ? Rows : firstRow + count);
    }

    /// <summary>One record; row groups are kept in a small LRU so that nearby rows are cheap.</summary>
    /// <exception cref="ArtefactException">The row group is damaged.</exception>
    public ImageRecord this[long row]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(row);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, Rows);
            var group = GroupOf(row);
            return Load(group)[(int)(row - _firstRows[group])];
        }
    }

    /// <summary>Reads and decodes everything and recomputes the fingerprint; null when intact, else what is wrong. For <c>doctor</c>.</summary>
    public string? Verify()
    {
        try
        {
            var fingerprint = default(ManifestFingerprint);
            foreach (var record in Read()) fingerprint.Append(record);
            return fingerprint.Value == Fingerprint ? null : $"The rows of '{_path}' have the fingerprint {fingerprint.Value}, its metadata say {Fingerprint}.";
        }
        catch (ArtefactException error)
        {
            return error.WhatHappened;
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            if (_disposed) return;
            _disposed = true;
            _cache.Clear();
            _reader.Dispose();
            _file.Dispose();
        }
    }

    private IEnumerable<ImageRecord> Stream(long firstRow, long endRow)
    {
        for (var row = firstRow; row < endRow;)
        {
            var group = GroupOf(row);
            var columns = Load(group);
            var end = Math.Min(endRow, _firstRows[group + 1]);
            for (; row < end; row++) yield return columns[(int)(row - _firstRows[group])];
        }
    }

    private int GroupOf(long row)
    {
        var found = Array.BinarySearch(_firstRows, row);
        return found >= 0 ? found : ~found - 1;
    }

    private ManifestColumns Load(int group)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            for (var node = _cache.First; node is not null; node = node.Next)
            {
                if (node.Value.Group != group) continue;
                _cache.Remove(node);
                _cache.AddFirst(node);
                return node.Value.Columns;
            }

            var columns = Decode(group);
            _cache.AddFirst((group, columns));
            if (_cache.Count > CachedGroups) _cache.RemoveLast();
            return columns;
        }
    }

    private ManifestColumns Decode(int group)
    {
        try
        {
            VerifyRange(group);
            using var reader = _reader.RowGroup(group);
            var columns = new ManifestColumns(checked((int)(_firstRows[group + 1] - _firstRows[group])), _version, FreeColumns);
            columns.Read(reader);
            return columns;
        }
        catch (Exception error) when (error is not (ArtefactException or OutOfMemoryException))
        {
            throw Problem(_path, $"could not be read in row group {group} ({error.Message.TrimEnd('.')})", error);
        }
    }

    private void VerifyRange(int group)
    {
        var start = group == 0 ? 0 : _ranges[group - 1].End;
        var (end, checksum) = _ranges[group];
        var hash = new XxHash3();
        var buffer = new byte[1 << 16];
        for (var at = start; at < end;)
        {
            var read = RandomAccess.Read(_file.SafeFileHandle, buffer.AsSpan(0, (int)Math.Min(buffer.Length, end - at)), at);
            if (read == 0) throw Problem(_path, $"ends inside row group {group}");
            hash.Append(buffer.AsSpan(0, read));
            at += read;
        }

        if (hash.GetCurrentHashAsUInt64() != checksum) throw Problem(_path, $"is damaged: the checksum of row group {group} of {_ranges.Count} does not fit");
    }

    private void ParseRanges(string text)
    {
        foreach (var part in text.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var colon = part.IndexOf(':', StringComparison.Ordinal);
            _ranges.Add((
                long.Parse(part.AsSpan(0, colon), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture),
                ulong.Parse(part.AsSpan(colon + 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)));
        }
    }

    private static ArtefactException Problem(string path, string what, Exception? cause = null) =>
        new($"Manifest '{path}' {what}.", "Restore it from a backup, or begin a new project with `curator init` and `curator add PATH`; `curator doctor` tells what else is damaged.", cause);
}
