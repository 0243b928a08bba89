using System.IO.Hashing;

namespace Curator.Core.Manifests;

/// <summary>Passes bytes on to a file and hashes those since the last <see cref="TakeChecksum"/>. For writing only. Not thread-safe.</summary>
internal sealed class ChecksummingStream(FileStream file) : Stream
{
    private readonly XxHash3 _hash = new();
    private long _position;

    /// <summary>XxHash3 of the bytes written since the last call.</summary>
    public ulong TakeChecksum()
    {
        var checksum = _hash.GetCurrentHashAsUInt64();
        _hash.Reset();
        return checksum;
    }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => _position;

    public override long Position { get => _position; set => throw new NotSupportedException(); }

    /// <summary>What the operating system refused last, such as a full disk: Parquet's writer hides it in an exception of its own.</summary>
    public IOException? Failure { get; private set; }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        try
        {
            file.Write(buffer);
        }
        catch (IOException e)
        {
            Failure = e;
            throw;
        }
        _hash.Append(buffer);
        _position += buffer.Length;
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush() => file.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
