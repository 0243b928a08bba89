using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Curator.Core.Images;

namespace Curator.Core.Manifests;

/// <summary>
/// The running fingerprint of a manifest: f(0) = SHA-256 of nothing, f(r+1) = SHA-256(f(r) ‖ c(r)), both as 32 bytes. c(r) is the sha256 of row r, and where the row has a
/// rendering SHA-256(sha256 of row r ‖ the rendering's text ‖ its mask), because other pixels come from the same bytes then. Because rows are only appended, the fingerprint of the first n rows stays valid when more come, and an embedding file of n rows can be continued.
/// A value: a copy goes on by itself.
/// </summary>
public struct ManifestFingerprint
{
    private const int DigestBytes = 32;

    private Digest _digest;
    private bool _begun;

    public void Append(ImageRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        if (record.Rendering.IsPlain)
        {
            Append(record.Sha256);
            return;
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Convert.FromHexString(record.Sha256));
        hash.AppendData(Encoding.UTF8.GetBytes(record.Rendering.ToString()));
        if (record.Gaps is { } gaps) hash.AppendData(gaps.Packed.Span);
        Append(Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    /// <param name="sha256">Of a row without a rendering: 64 hexadecimal digits, as in <see cref="Images.ImageRecord.Sha256"/>.</param>
    public void Append(string sha256)
    {
        ArgumentNullException.ThrowIfNull(sha256);
        Span<byte> both = stackalloc byte[2 * DigestBytes];
        if (sha256.Length != 2 * DigestBytes
            || Convert.FromHexString(sha256, both[DigestBytes..], out _, out var written) != System.Buffers.OperationStatus.Done
            || written != DigestBytes)
            throw new ArgumentException($"A SHA-256 has 64 hexadecimal digits, not '{sha256}'.", nameof(sha256));
        CopyTo(both);
        SHA256.HashData(both, _digest);
        _begun = true;
    }

    /// <summary>64 lower-case hexadecimal digits.</summary>
    public readonly string Value
    {
        get
        {
            Span<byte> digest = stackalloc byte[DigestBytes];
            CopyTo(digest);
            return Convert.ToHexStringLower(digest);
        }
    }

    private readonly void CopyTo(Span<byte> destination)
    {
        if (_begun) ((ReadOnlySpan<byte>)_digest).CopyTo(destination);
        else SHA256.HashData([], destination);
    }

    [InlineArray(DigestBytes)]
    private struct Digest
    {
        private byte _first;
    }
}
