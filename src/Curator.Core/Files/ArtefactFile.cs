namespace Curator.Core.Files;

/// <summary>
/// What stands at the start of every binary artefact (docs/design/files.md has the bytes): magic <c>CURATOR\n</c>, format version, kind,
/// JSON metadata, fingerprint of what made it, payload length, block size; then the payload in blocks, then one XxHash3 (64 bit) a block
/// and a checksum of the header itself.
/// </summary>
/// <param name="Kind">Four letters: <c>EMBD</c>, <c>INDX</c>, <c>PIXL</c>, <c>CKPT</c>.</param>
/// <param name="Fingerprint">64 hexadecimal digits: what made the file (encoder, preprocessing, inputs, settings, seed).</param>
/// <param name="Metadata">JSON object with the kind's own fields.</param>
/// <param name="PayloadLength">Bytes.</param>
public sealed record ArtefactHeader(string Kind, int Version, string Fingerprint, string Metadata, long PayloadLength);

/// <summary>Streams a payload into an artefact file, which appears whole or not at all. Not thread-safe.</summary>
public sealed class ArtefactWriter : IDisposable
{
    /// <summary>Payload bytes per checksum.</summary>
    public const int BlockBytes = 1 << 16;

    /// <param name="path">Final name; the bytes go to a temporary one until <see cref="Commit"/>.</param>
    /// <param name="payloadLength">Exact number of payload bytes that will follow.</param>
    public static ArtefactWriter Create(string path, string kind, int version, string fingerprint, string metadata, long payloadLength) =>
        throw new NotImplementedException();

    public void Write(ReadOnlySpan<byte> bytes) => throw new NotImplementedException();

    public void Commit() => throw new NotImplementedException();

    public void Dispose() => throw new NotImplementedException();
}

/// <summary>
/// A memory-mapped artefact file. Header, lengths and header checksum are checked on opening, before anything is allocated; each
/// block's checksum on first touch (once). Thread-safe for reading.
/// </summary>
public sealed unsafe class ArtefactFile : IDisposable
{
    /// <param name="rebuildCommand">What a person runs to make the file again, for the error: <c>curator embed --encoder NAME</c>.</param>
    /// <param name="expectedFingerprint">Refused with an <see cref="ArtefactException"/> when the file was made from something else; null skips the check.</param>
    public static ArtefactFile Open(string path, string kind, int version, string rebuildCommand, string? expectedFingerprint = null) =>
        throw new NotImplementedException();

    public ArtefactHeader Header => throw new NotImplementedException();

    /// <summary>
    /// A view of payload bytes, valid until <see cref="Dispose"/>; at most 2 GiB a call. Verifies the blocks it touches that were not verified before and
    /// throws an <see cref="ArtefactException"/> on a damaged one.
    /// </summary>
    public ReadOnlySpan<byte> Payload(long offset, int length) => throw new NotImplementedException();

    /// <summary>Verified start of the payload for kernels that address the whole mapping; verifies every block first.</summary>
    public byte* VerifiedPayload() => throw new NotImplementedException();

    /// <summary>Reads and checks every block; returns the numbers of damaged ones.</summary>
    public IReadOnlyList<long> Verify() => throw new NotImplementedException();

    public void Dispose() => throw new NotImplementedException();
}
