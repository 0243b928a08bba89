using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Curator.Core;

namespace Curator.Search.Exchange;

/// <summary>Reads matrices from <c>.npy</c> and writes them, streaming.</summary>
internal sealed class NpyFile : IDisposable
{
    private readonly FileStream _stream;
    private readonly string _path;

    private NpyFile(FileStream stream, NpyHeader header, string path) => (_stream, Header, _path) = (stream, header, path);

    public NpyHeader Header { get; }

    /// <exception cref="EmbeddingStoreException">Missing, or not such a matrix.</exception>
    public static NpyFile Open(string path)
    {
        FileStream stream;
        try
        {
            stream = File.OpenRead(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new EmbeddingStoreException($"'{path}' could not be opened ({error.Message.TrimEnd('.')}).", "Give the path of a matrix saved by numpy.save.", error);
        }

        try
        {
            return new NpyFile(stream, NpyHeader.Read(stream, path), path);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Reads the next rows.</summary>
    /// <param name="destination">[count × Dimension].</param>
    /// <exception cref="EmbeddingStoreException">A number is infinite or not a number.</exception>
    public void Read(Span<float> destination)
    {
        var bytes = new byte[destination.Length * Header.BytesPerNumber];
        _stream.ReadExactly(bytes);
        for (var i = 0; i < destination.Length; i++)
        {
            destination[i] = Header.Type switch
            {
                "f2" => (float)BinaryPrimitives.ReadHalfLittleEndian(bytes.AsSpan(2 * i)),
                "f4" => BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(4 * i)),
                _ => (float)BinaryPrimitives.ReadDoubleLittleEndian(bytes.AsSpan(8 * i)),
            };
            if (!float.IsFinite(destination[i])) throw new EmbeddingStoreException($"'{_path}' holds a number that is infinite or not a number.", "Remove such rows, or set them to zeros: a row of zeros is an image without an embedding.");
        }
    }

    /// <summary>Writes rows as single precision.</summary>
    public static void WriteRows(Stream stream, ReadOnlySpan<float> rows)
    {
        if (BitConverter.IsLittleEndian)
        {
            stream.Write(MemoryMarshal.AsBytes(rows));
            return;
        }

        Span<byte> number = stackalloc byte[4];
        foreach (var value in rows)
        {
            BinaryPrimitives.WriteSingleLittleEndian(number, value);
            stream.Write(number);
        }
    }

    public void Dispose() => _stream.Dispose();
}
