using System.Buffers.Binary;
using System.Text;

namespace Curator.Core.Files;

/// <summary>
/// A memory-mapped artefact file. Header, lengths and header checksum are checked on opening, before anything is allocated; each
/// block's checksum on first touch (once, however often the file is opened). Thread-safe for reading. A file must not be cut short while it is mapped: artefacts are
/// replaced by renaming, never rewritten in place.
/// </summary>
public sealed unsafe class ArtefactFile : IDisposable
{
    private readonly string _path;
    private readonly string _rebuildCommand;
    private readonly ArtefactMapping _mapping;
    private readonly byte* _payload;
    private readonly ulong _seed;
    private readonly long _blocks;
    private int _disposed;

    private ArtefactFile(string path, string rebuildCommand, FileStream stream, ArtefactHeader header, int headerLength, ulong seed)
    {
        _path = path;
        _rebuildCommand = rebuildCommand;
        Header = header;
        _seed = seed;
        _blocks = ArtefactHeader.BlocksFor(header.PayloadLength);
        _mapping = ArtefactMapping.Of(path, stream, seed, _blocks);
        _payload = _mapping.Start + headerLength;
    }

    /// <param name="version">The one version of the kind that the caller reads.</param>
    /// <param name="rebuildCommand">What a person runs to make the file again, for the error: <c>curator embed --encoder NAME</c>.</param>
    /// <param name="expectedFingerprint">Refused with an <see cref="ArtefactException"/> when the file was made from something else; null skips the check.</param>
    /// <exception cref="ArtefactException">Missing, cut, damaged, of another kind or version, or made from something else.</exception>
    public static ArtefactFile Open(string path, string kind, int version, string rebuildCommand, string? expectedFingerprint = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentException.ThrowIfNullOrEmpty(rebuildCommand);
        var stream = OpenStream(path, rebuildCommand);
        try
        {
            var header = ReadHeader(stream, path, kind, version, rebuildCommand, out var headerLength, out var seed);
            if (expectedFingerprint is not null && !header.Fingerprint.Equals(expectedFingerprint, StringComparison.OrdinalIgnoreCase))
                throw Problem(path, $"was made from other inputs: its fingerprint is {Short(header.Fingerprint)}, {Short(expectedFingerprint)} is expected", rebuildCommand);
            return new ArtefactFile(path, rebuildCommand, stream, header, headerLength, seed);
        }
        catch (IOException error)
        {
            stream.Dispose();
            throw Problem(path, $"could not be read ({error.Message.TrimEnd('.')})", rebuildCommand, error);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    public ArtefactHeader Header { get; }

    /// <summary>
    /// A view of payload bytes, valid until <see cref="Dispose"/>; at most 2 GiB a call. Verifies the blocks it touches that were not verified before and
    /// throws an <see cref="ArtefactException"/> on a damaged one.
    /// </summary>
    public ReadOnlySpan<byte> Payload(long offset, int length)
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if (offset > Header.PayloadLength || length > Header.PayloadLength - offset)
            throw new ArgumentOutOfRangeException(nameof(offset), $"Bytes {offset} to {offset + length} were asked of a payload of {Header.PayloadLength}.");
        if (length == 0) return [];
        EnsureVerified(offset / ArtefactWriter.BlockBytes, (offset + length - 1) / ArtefactWriter.BlockBytes);
        return new ReadOnlySpan<byte>(_payload + offset, length);
    }

    /// <summary>Verified start of the payload for kernels that address the whole mapping; verifies every block first. Valid until <see cref="Dispose"/>.</summary>
    public byte* VerifiedPayload()
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        EnsureVerified(0, _blocks - 1);
        return _payload;
    }

    /// <summary>Reads and checks every block, also those that were verified before; returns the numbers of damaged ones.</summary>
    public IReadOnlyList<long> Verify()
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        var damaged = new List<long>();
        for (long block = 0; block < _blocks; block++)
            if (!IsIntact(block))
                damaged.Add(block);
        return damaged;
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        _mapping.Dispose();
    }

    private static FileStream OpenStream(string path, string rebuildCommand)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw Problem(path, "is not there", rebuildCommand, error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Problem(path, $"could not be opened ({error.Message.TrimEnd('.')})", rebuildCommand, error);
        }
    }

    private static ArtefactHeader ReadHeader(
        FileStream stream, string path, string kind, int version, string rebuildCommand, out int headerLength, out ulong seed)
    {
        Span<byte> start = stackalloc byte[ArtefactHeader.FixedBytes];
        var fileLength = stream.Length;
        if (fileLength < ArtefactHeader.LengthFor(0)) throw Problem(path, $"has {fileLength} bytes and no room for a header", rebuildCommand);
        stream.ReadExactly(start);
        if (!start[..8].SequenceEqual(ArtefactHeader.Magic)) throw Problem(path, "is no Curator artefact: it does not begin with CURATOR", rebuildCommand);
        var actualKind = Encoding.ASCII.GetString(start.Slice(12, 4));
        if (actualKind != kind) throw Problem(path, $"is of kind '{actualKind}', '{kind}' is expected", rebuildCommand);
        var actualVersion = BinaryPrimitives.ReadInt32LittleEndian(start[8..]);
        if (actualVersion != version) throw Problem(path, $"has format version {actualVersion}, this program reads {version}", rebuildCommand);

        var metadataLength = BinaryPrimitives.ReadInt32LittleEndian(start[16..]);
        var blockBytes = BinaryPrimitives.ReadInt32LittleEndian(start[20..]);
        var payloadLength = BinaryPrimitives.ReadInt64LittleEndian(start[24..]);
        if (metadataLength is < 0 or > ArtefactHeader.MaxMetadataBytes || blockBytes != ArtefactWriter.BlockBytes || payloadLength < 0)
            throw Problem(path, $"has a damaged header (metadata {metadataLength}, block {blockBytes}, payload {payloadLength} bytes)", rebuildCommand);
        headerLength = ArtefactHeader.LengthFor(metadataLength);
        // In 128 bits, so that a damaged length cannot overflow into a plausible one.
        var expectedLength = (Int128)headerLength + payloadLength + ((Int128)ArtefactHeader.BlocksFor(payloadLength) * sizeof(ulong));
        if (expectedLength != fileLength) throw Problem(path, $"has {fileLength} bytes where its header asks for {expectedLength}", rebuildCommand);

        var header = new byte[headerLength];
        start.CopyTo(header);
        stream.ReadExactly(header.AsSpan(ArtefactHeader.FixedBytes));
        seed = ArtefactHeader.ChecksumOf(header);
        if (seed != BinaryPrimitives.ReadUInt64LittleEndian(header.AsSpan(headerLength - ArtefactHeader.ChecksumBytes)))
            throw Problem(path, "has a damaged header: its checksum does not fit", rebuildCommand);
        return new ArtefactHeader(
            actualKind, actualVersion, Encoding.ASCII.GetString(header, 32, 64), Encoding.UTF8.GetString(header, ArtefactHeader.FixedBytes, metadataLength), payloadLength);
    }

    private void EnsureVerified(long firstBlock, long lastBlock)
    {
        for (var block = firstBlock; block <= lastBlock; block++)
        {
            if (_mapping.IsVerified(block)) continue;
            if (!IsIntact(block))
                throw Problem(_path, $"is damaged: the checksum of block {block} of {_blocks} does not fit", _rebuildCommand);
            _mapping.SetVerified(block);
        }
    }

    private bool IsIntact(long block)
    {
        var offset = block * ArtefactWriter.BlockBytes;
        var length = (int)Math.Min(ArtefactWriter.BlockBytes, Header.PayloadLength - offset);
        var stored = BinaryPrimitives.ReadUInt64LittleEndian(
            new ReadOnlySpan<byte>(_payload + Header.PayloadLength + (block * sizeof(ulong)), sizeof(ulong)));
        return ArtefactHeader.BlockChecksum(new ReadOnlySpan<byte>(_payload + offset, length), _seed, block) == stored;
    }

    private static string Short(string fingerprint) => fingerprint.Length > 12 ? fingerprint[..12] + "…" : fingerprint;

    private static ArtefactException Problem(string path, string what, string rebuildCommand, Exception? cause = null) =>
        new($"'{path}' {what}.", $"Make it again with `{rebuildCommand}`.", cause);
}
