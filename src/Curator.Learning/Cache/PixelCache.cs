using Curator.Core.Images;
using Curator.Learning.Encoders;

namespace Curator.Learning.Cache;

/// <summary>
/// Pictures decoded and resized once, in parts of <see cref="PixelPart.Rows"/>, memory-mapped: training reads them at random and again
/// and again. Building it is resumable by part; parts made from other pictures are made anew. Thread-safe for reading.
/// </summary>
internal sealed class PixelCache : IDisposable
{
    private readonly IReadOnlyList<PixelPart> _parts;

    private PixelCache(IReadOnlyList<PixelPart> parts, int side, int channels)
    {
        _parts = parts;
        Side = side;
        Channels = channels;
        Count = parts.Sum(part => part.Count);
    }

    public int Count { get; }

    /// <summary>S, pixels.</summary>
    public int Side { get; }

    /// <summary>C: 3 for RGB.</summary>
    public int Channels { get; }

    /// <summary>[S, S, C].</summary>
    public ReadOnlySpan<byte> Pixels(int image) => _parts[image / PixelPart.Rows].Pixels(image % PixelPart.Rows);

    /// <summary>Whether the picture's file could not be read.</summary>
    public bool IsAbsent(int image) => _parts[image / PixelPart.Rows].IsAbsent(image % PixelPart.Rows);

    /// <summary>Where part <paramref name="part"/> of a list lies; the list's folder is made by the caller.</summary>
    public static string PartPath(string directory, int side, int part, string preprocessing = EncoderCard.Stretch) =>
        Path.Combine(directory, FormattableString.Invariant($"{side}{Preparation.Of(preprocessing).FileSuffix}-{part:D5}.pixels"));

    /// <summary>Opens the parts of a list, making those that are missing.</summary>
    /// <param name="decoded">Pictures ready so far, those found ready included.</param>
    public static PixelCache Build(string directory, IReadOnlyList<ImageRecord> images, int side, int threads, IProgress<long>? decoded, CancellationToken cancellationToken,
        string preprocessing = EncoderCard.Stretch)
    {
        var parts = new List<PixelPart>();
        try
        {
            for (var first = 0; first < images.Count; first += PixelPart.Rows)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var slice = images.Skip(first).Take(PixelPart.Rows).ToArray();
                var path = PartPath(directory, side, first / PixelPart.Rows, preprocessing);
                var part = PixelPart.TryOpen(path, slice, side, preprocessing);
                if (part is null)
                {
                    var before = first;
                    var progress = decoded is null ? null : new Offset(decoded, before);
                    PixelPart.Make(path, slice, side, threads, progress, cancellationToken, preprocessing);
                    part = PixelPart.TryOpen(path, slice, side, preprocessing)
                        ?? throw new Curator.Core.ArtefactException($"'{path}' was written and cannot be read back.", "Check the disk with 'curator doctor'.");
                }
                parts.Add(part);
                decoded?.Report(first + slice.Length);
            }
            return new PixelCache(parts, side, Preparation.Of(preprocessing).Channels);
        }
        catch
        {
            foreach (var part in parts) part.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        foreach (var part in _parts) part.Dispose();
    }

    private sealed class Offset(IProgress<long> inner, long before) : IProgress<long>
    {
        public void Report(long value) => inner.Report(before + value);
    }
}
