using System.Buffers.Binary;

namespace Curator.Core.Files;

/// <summary>Streams a payload into an artefact file, which appears whole or not at all. Not thread-safe.</summary>
public sealed class ArtefactWriter : IDisposable
{
    /// <summary>Payload bytes per checksum.</summary>
    public const int BlockBytes = 1 << 16;

    private readonly string _path;
    private readonly string _temporary;
    private readonly FileStream _stream;
    private readonly ArtefactHeader _header;
    private readonly ulong _seed;
    private readonly byte[] _block = new byte[BlockBytes];
    private readonly List<ulong> _checksums = [];
    private int _blockLength;
    private long _written;
    private bool _published;

    private ArtefactWriter(string path, ArtefactHeader header)
    {
        _path = path;
        _header = header;
        _temporary = AtomicFile.TemporaryName(path);
        var bytes = header.ToBytes();
        _seed = ArtefactHeader.ChecksumOf(bytes);
        _stream = new FileStream(_temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        _stream.Write(bytes);
    }

    /// <param name="path">Final name; the bytes go to a temporary one until <see cref="Commit"/>.</param>
    /// <param name="kind">Four ASCII letters.</param>
    /// <param name="version">Of the kind's own layout, from 1.</param>
    /// <param name="fingerprint">64 hexadecimal digits.</param>
    /// <param name="payloadLength">Exact number of payload bytes that will follow.</param>
    /// <exception cref="IOException">The folder is missing, full or not writable.</exception>
    public static ArtefactWriter Create(string path, string kind, int version, string fingerprint, string metadata, long payloadLength)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(kind);
        ArgumentNullException.ThrowIfNull(fingerprint);
        ArgumentNullException.ThrowIfNull(metadata);
        ArgumentOutOfRangeException.ThrowIfLessThan(version, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(payloadLength);
        if (kind.Length != 4 || !kind.All(char.IsAsciiLetterOrDigit)) throw new ArgumentException($"A kind has four letters, not '{kind}'.", nameof(kind));
        if (!ArtefactHeader.IsFingerprint(fingerprint)) throw new ArgumentException($"A fingerprint has 64 hexadecimal digits, not '{fingerprint}'.", nameof(fingerprint));
        return new ArtefactWriter(path, new ArtefactHeader(kind, version, fingerprint, metadata, payloadLength));
    }

    /// <summary>Appends payload bytes.</summary>
    /// <exception cref="ArgumentException">More bytes than announced.</exception>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > _header.PayloadLength - _written)
            throw new ArgumentException($"{_written + bytes.Length} payload bytes were given where {_header.PayloadLength} were announced.", nameof(bytes));
        _written += bytes.Length;
        while (!bytes.IsEmpty)
        {
            if (_blockLength == 0 && bytes.Length >= BlockBytes)
            {
                WriteBlock(bytes[..BlockBytes]);
                bytes = bytes[BlockBytes..];
                continue;
            }

            var count = Math.Min(bytes.Length, BlockBytes - _blockLength);
            bytes[..count].CopyTo(_block.AsSpan(_blockLength));
            _blockLength += count;
            bytes = bytes[count..];
            if (_blockLength == BlockBytes) FlushBlock();
        }
    }

    /// <summary>Writes the block checksums, fsyncs, and makes the file visible under its name.</summary>
    /// <exception cref="InvalidOperationException">Fewer bytes were written than announced.</exception>
    public void Commit()
    {
        if (_written != _header.PayloadLength)
            throw new InvalidOperationException($"{_written} payload bytes were written where {_header.PayloadLength} were announced.");
        if (_blockLength > 0) FlushBlock();
        WriteChecksums();
        _stream.Flush(flushToDisk: true);
        _stream.Dispose();
        AtomicFile.Publish(_temporary, _path);
        _published = true;
    }

    /// <summary>Discards what was written unless <see cref="Commit"/> was called.</summary>
    public void Dispose()
    {
        _stream.Dispose();
        if (!_published) AtomicFile.TryDelete(_temporary);
    }

    private void FlushBlock()
    {
        WriteBlock(_block.AsSpan(0, _blockLength));
        _blockLength = 0;
    }

    private void WriteBlock(ReadOnlySpan<byte> block)
    {
        _checksums.Add(ArtefactHeader.BlockChecksum(block, _seed, _checksums.Count));
        _stream.Write(block);
    }

    private void WriteChecksums()
    {
        const int PerWrite = BlockBytes / sizeof(ulong);
        for (var first = 0; first < _checksums.Count; first += PerWrite)
        {
            var count = Math.Min(PerWrite, _checksums.Count - first);
            for (var i = 0; i < count; i++)
                BinaryPrimitives.WriteUInt64LittleEndian(_block.AsSpan(i * sizeof(ulong)), _checksums[first + i]);
            _stream.Write(_block.AsSpan(0, count * sizeof(ulong)));
        }
    }
}
