using Curator.Core.Images;
using Curator.Imagery.Containers;

namespace Curator.Imagery.Decoding;

/// <summary>Reads a whole source file once, into a buffer that is used again. Says in our terms why it could not. One per thread.</summary>
internal sealed class SourceFile
{
    private byte[] _buffer = [];

    /// <summary>The bytes of the last successful read; valid until the next.</summary>
    public ReadOnlySpan<byte> Bytes => _buffer.AsSpan(0, Length);

    public int Length { get; private set; }

    /// <summary>Bytes by the file system, also when reading failed (0 when unknown).</summary>
    public long SizeBytes { get; private set; }

    /// <summary>Last write, nanoseconds since 1970-01-01 UTC (0 when unknown).</summary>
    public long ModifiedNanoseconds { get; private set; }

    /// <summary>Reads a file, or a run of bytes inside one; null when <see cref="Bytes"/> are there.</summary>
    /// <param name="uri">As <see cref="SourceAddress"/> reads it.</param>
    public ImageProblem? Read(string uri, long limitBytes, out string detail)
    {
        var (path, offset, length) = SourceAddress.Parse(uri);
        if (length is not null && File.Exists(uri)) (path, offset, length) = (uri, 0, null); // A file that is named like an address.
        Length = 0;
        SizeBytes = 0;
        ModifiedNanoseconds = 0;
        if (PictureList.IsWebAddress(path))
        {
            detail = "a web address, which is not fetched: download it and list the file instead";
            return ImageProblem.Missing;
        }

        detail = "";
        try
        {
            if (!TryState(path, out var size, out var modified, out detail)) return ImageProblem.Missing;
            SizeBytes = size;
            ModifiedNanoseconds = modified;
            if (Directory.Exists(path))
            {
                detail = "a folder, not a file";
                return ImageProblem.Unreadable;
            }
            // Pipes and devices have no size either: they are not opened, because opening could wait for ever.
            if (size == 0)
            {
                detail = "the file has no bytes";
                return ImageProblem.Empty;
            }
            using var handle = File.OpenHandle(
                path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.SequentialScan);
            var whole = RandomAccess.GetLength(handle);
            SizeBytes = length ?? whole;
            ModifiedNanoseconds = Nanoseconds(File.GetLastWriteTimeUtc(handle));
            if (SizeBytes > limitBytes)
            {
                detail = $"the file has {SizeBytes} bytes; the limit is {limitBytes}";
                return ImageProblem.TooLarge;
            }
            if (offset + SizeBytes > whole)
            {
                detail = $"{path} has {whole} bytes and the picture would end at {offset + SizeBytes}";
                return ImageProblem.Truncated;
            }
            if (_buffer.Length < SizeBytes || (_buffer.Length > 64 << 20 && SizeBytes < _buffer.Length / 4))
                _buffer = GC.AllocateUninitializedArray<byte>((int)SizeBytes + 4096);
            while (Length < SizeBytes)
            {
                var read = RandomAccess.Read(handle, _buffer.AsSpan(Length, (int)SizeBytes - Length), offset + Length);
                if (read == 0) break;
                Length += read;
            }
            if (Length > 0) return null;
            detail = "the file has no bytes";
            return ImageProblem.Empty;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            detail = "the file is not there any more";
            return ImageProblem.Missing;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            detail = OneLine(e.Message);
            return ImageProblem.Unreadable;
        }
    }

    /// <summary>Size and time of last write of what the path leads to; false, with a reason, when nothing is there.</summary>
    public static bool TryState(string path, out long size, out long modifiedNanoseconds, out string detail)
    {
        size = 0;
        modifiedNanoseconds = 0;
        detail = "";
        FileSystemInfo file = new FileInfo(path);
        if (file.LinkTarget is { } target)
        {
            file = file.ResolveLinkTarget(returnFinalTarget: true)!;
            if (!file.Exists && !Directory.Exists(file.FullName))
            {
                detail = $"a link to {OneLine(target)}, which is not there";
                return false;
            }
        }
        else if (!file.Exists && !Directory.Exists(path))
        {
            detail = "the file is not there";
            return false;
        }
        size = file is FileInfo { Exists: true } plain ? plain.Length : 0;
        modifiedNanoseconds = Nanoseconds(file.LastWriteTimeUtc);
        return true;
    }

    private static long Nanoseconds(DateTime utc) => (utc - DateTime.UnixEpoch).Ticks * 100;

    internal static string OneLine(string text) => text.ReplaceLineEndings(" ").Trim();
}
