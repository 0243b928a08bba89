using System.Security.Cryptography;
using System.Text;
using Curator.Core.Files;
using Curator.Core.Images;
using Curator.Learning.Encoders;

namespace Curator.Learning.Cache;

/// <summary>
/// Up to 4,096 pictures, decoded and resized once: an artefact of kind <c>PIXL</c> with [n, S, S, C] bytes, then n bytes that are 1 where
/// the file could not be read. Its fingerprint is made of the pictures' content hashes, so a part serves any list that has just these
/// pictures in this order. Thread-safe for reading.
/// </summary>
internal sealed class PixelPart : IDisposable
{
    /// <summary>Pictures in a full part; a shard of embedding has as many.</summary>
    public const int Rows = 4096;

    private const string Kind = "PIXL";
    private const int Version = 1;

    // Decoded at once before it is written: bounds the memory whatever the pictures' size.
    private const int BufferBytes = 16 << 20;

    private readonly ArtefactFile _file;
    private readonly int _pictureBytes;

    private PixelPart(ArtefactFile file, int count, int pictureBytes)
    {
        _file = file;
        Count = count;
        _pictureBytes = pictureBytes;
    }

    public int Count { get; }

    public ReadOnlySpan<byte> Pixels(int row) => _file.Payload((long)row * _pictureBytes, _pictureBytes);

    public bool IsAbsent(int row) => _file.Payload(((long)Count * _pictureBytes) + row, 1)[0] != 0;

    public void Dispose() => _file.Dispose();

    /// <summary>Opens a part that was made from just these pictures; null when there is none or it is damaged.</summary>
    public static PixelPart? TryOpen(string path, IReadOnlyList<ImageRecord> images, int side, string preprocessing = EncoderCard.Stretch)
    {
        if (!File.Exists(path)) return null;
        try
        {
            var file = ArtefactFile.Open(path, Kind, Version, "curator train", Fingerprint(images, side, preprocessing));
            var pictureBytes = PictureBytes(side, preprocessing);
            if (file.Header.PayloadLength == images.Count * ((long)pictureBytes + 1)) return new PixelPart(file, images.Count, pictureBytes);
            file.Dispose();
        }
        catch (Curator.Core.ArtefactException)
        {
            // Made from other pictures, or damaged: it is only a cache, and is made anew.
        }
        return null;
    }

    /// <summary>Decodes the pictures on <paramref name="threads"/> threads and writes the part.</summary>
    /// <exception cref="Curator.Core.CheckpointException">Disk full, or no permission.</exception>
    public static void Make(string path, IReadOnlyList<ImageRecord> images, int side, int threads, IProgress<long>? decoded, CancellationToken cancellationToken, string preprocessing = EncoderCard.Stretch)
    {
        try
        {
            Write(path, images, side, preprocessing, threads, decoded, cancellationToken);
        }
        catch (Exception e) when (WriteProblem.Is(e))
        {
            throw WriteProblem.Of($"The decoded pictures '{path}'", e);
        }
    }

    private static void Write(string path, IReadOnlyList<ImageRecord> images, int side, string preprocessing, int threads, IProgress<long>? decoded, CancellationToken cancellationToken)
    {
        var pictureBytes = PictureBytes(side, preprocessing);
        var absent = new byte[images.Count];
        var buffer = new byte[Math.Min(images.Count, Math.Max(1, BufferBytes / pictureBytes)) * pictureBytes];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellationToken };
        using var writer = ArtefactWriter.Create(
            path, Kind, Version, Fingerprint(images, side, preprocessing), $$"""{"count":{{images.Count}},"side":{{side}}}""", images.Count * ((long)pictureBytes + 1));
        for (var first = 0; first < images.Count; first += buffer.Length / pictureBytes)
        {
            var (start, count) = (first, Math.Min(buffer.Length / pictureBytes, images.Count - first));
            Parallel.For(0, count, parallel, () => new PictureLoader(preprocessing), (i, _, loader) =>
            {
                if (loader.Load(images[start + i], side, buffer.AsSpan(i * pictureBytes, pictureBytes)) is not null) absent[start + i] = 1;
                return loader;
            }, _ => { });
            writer.Write(buffer.AsSpan(0, count * pictureBytes));
            decoded?.Report(start + count);
        }
        writer.Write(absent);
        writer.Commit();
    }

    private static int PictureBytes(int side, string preprocessing) => side * side * Preparation.Of(preprocessing).Channels;

    private static string Fingerprint(IReadOnlyList<ImageRecord> images, int side, string preprocessing)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.ASCII.GetBytes($"pixels {Version}|{preprocessing}|{side}"));
        foreach (var image in images) hash.AppendData(Encoding.ASCII.GetBytes(image.Sha256));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
