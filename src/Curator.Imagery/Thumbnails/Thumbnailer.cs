using System.Collections.Concurrent;
using Curator.Core.Images;
using Curator.Imagery.Decoding;
using Curator.Imagery.Drawing;
using Curator.Imagery.Resizing;

namespace Curator.Imagery.Thumbnails;

/// <summary>
/// Small copies of pictures for pages and reports: decoded and encoded anew, so that no byte of a user's file, and nothing hidden in it, is ever
/// served. Shapes are kept, pictures never enlarged. Thread-safe.
/// </summary>
public sealed class Thumbnailer(DecodeOptions? options = null)
{
    private readonly DecodeOptions _options = options ?? DecodeOptions.Default;
    private readonly ConcurrentBag<Worker> _idle = [];

    /// <param name="maxSide">Longest side of the copy, pixels.</param>
    /// <param name="quality">1 to 100.</param>
    /// <exception cref="ImageDecodeException">The file is missing or no picture that can be read.</exception>
    public byte[] Jpeg(string path, int maxSide, int quality = 85) => Make(path, maxSide, EncodedFormat.Jpeg, quality);

    /// <inheritdoc cref="Jpeg(string, int, int)"/>
    public byte[] WebP(string path, int maxSide, int quality = 80) => Make(path, maxSide, EncodedFormat.WebP, quality);

    /// <summary>A row's picture by its bands and stretch; gaps are shown as they are, for people to see.</summary>
    /// <inheritdoc cref="Jpeg(string, int, int)"/>
    public byte[] WebP(ImageRecord record, int maxSide, int quality = 80)
    {
        ArgumentNullException.ThrowIfNull(record);
        var small = Shrink(record.Uri, maxSide, record.Rendering);
        return ImageEncoder.Encode(small.Rgb.Span, small.Width, small.Height, EncodedFormat.WebP, quality);
    }

    /// <inheritdoc cref="Jpeg(string, int, int)"/>
    public byte[] Jpeg(RgbImage image, int maxSide, int quality = 85) => Make(image, maxSide, EncodedFormat.Jpeg, quality);

    /// <inheritdoc cref="Jpeg(string, int, int)"/>
    public byte[] WebP(RgbImage image, int maxSide, int quality = 80) => Make(image, maxSide, EncodedFormat.WebP, quality);

    /// <summary>Without loss.</summary>
    /// <inheritdoc cref="Jpeg(string, int, int)"/>
    public byte[] Png(RgbImage image, int maxSide) => Make(image, maxSide, EncodedFormat.Png, 100);

    /// <summary>Pixels of the small copy. The result is the caller's.</summary>
    /// <exception cref="ImageDecodeException">The file is missing or no picture that can be read.</exception>
    public RgbImage Shrink(string path, int maxSide, Rendering? rendering = null)
    {
        var worker = Rent();
        try
        {
            return worker.Shrink(Decode(worker, path, rendering), maxSide);
        }
        finally
        {
            _idle.Add(worker);
        }
    }

    private byte[] Make(string path, int maxSide, EncodedFormat format, int quality)
    {
        var small = Shrink(path, maxSide);
        return ImageEncoder.Encode(small.Rgb.Span, small.Width, small.Height, format, quality);
    }

    private byte[] Make(RgbImage image, int maxSide, EncodedFormat format, int quality)
    {
        ArgumentNullException.ThrowIfNull(image);
        image.Check(nameof(image));
        var worker = Rent();
        try
        {
            var small = worker.Shrink(image, maxSide);
            return ImageEncoder.Encode(small.Rgb.Span, small.Width, small.Height, format, quality);
        }
        finally
        {
            _idle.Add(worker);
        }
    }

    private RgbImage Decode(Worker worker, string path, Rendering? rendering)
    {
        var result = worker.Decoder.DecodeFile(path, rendering is null ? _options : _options with { Rendering = rendering });
        return result.Succeeded
            ? new RgbImage(result.Image.Width, result.Image.Height, result.Image.Pixels)
            : throw new ImageDecodeException(path, result.Problem.Value, result.Detail);
    }

    private Worker Rent() => _idle.TryTake(out var worker) ? worker : new Worker();

    private sealed class Worker
    {
        private readonly Resizer _resizer = new();

        public ImageDecoder Decoder { get; } = new();

        public RgbImage Shrink(RgbImage image, int maxSide)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(maxSide, 1);
            var longest = Math.Max(image.Width, image.Height);
            if (longest <= maxSide) return image with { Rgb = image.Rgb.ToArray() };
            var width = Math.Max(1, (int)Math.Round((double)image.Width * maxSide / longest));
            var height = Math.Max(1, (int)Math.Round((double)image.Height * maxSide / longest));
            var small = new byte[3 * width * height];
            _resizer.Resize(image.Rgb.Span, image.Width, image.Height, small, width, height);
            return new RgbImage(width, height, small);
        }
    }
}
