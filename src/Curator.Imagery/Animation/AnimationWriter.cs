using System.Diagnostics;
using System.Globalization;
using System.IO.MemoryMappedFiles;
using Curator.Core.Files;
using Curator.Imagery.Decoding;
using Curator.Imagery.Drawing;
using NetVips;
using SkiaSharp;

namespace Curator.Imagery.Animation;

/// <summary>
/// Takes frames one after the other and writes them as an animation at the end. Frames wait in a raw file beside the target, so that memory does not grow with their number. The target appears whole
/// or not at all. Not thread-safe.
/// </summary>
public sealed class AnimationWriter : IDisposable
{
    private readonly string _path;
    private readonly string _rawPath;
    private readonly AnimationFormat _format;
    private readonly AnimationOptions _options;
    private readonly FileStream _raw;
    private int _width;
    private int _height;

    /// <exception cref="AnimationException">The extension is none of an animation, or ffmpeg is missing.</exception>
    public AnimationWriter(string path, AnimationOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _path = Path.GetFullPath(path);
        _format = AnimationFile.FormatOf(path);
        _options = options;
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        _rawPath = AtomicFile.TemporaryName(_path);
        _raw = new FileStream(_rawPath, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read);
    }

    public int Frames { get; private set; }

    /// <summary>The first frame decides the size; others are cut or filled with black to it. Videos have even sides.</summary>
    /// <param name="caption">Written into the lower left corner; null for none.</param>
    public void Add(RgbImage frame, string? caption)
    {
        ArgumentNullException.ThrowIfNull(frame);
        frame.Check(nameof(frame));
        if (Frames == 0) (_width, _height) = _format is AnimationFormat.Mp4 or AnimationFormat.WebM ? (Even(frame.Width), Even(frame.Height)) : (frame.Width, frame.Height);
        var pixels = new byte[3 * _width * _height];
        var (width, height) = (Math.Min(_width, frame.Width), Math.Min(_height, frame.Height));
        for (var row = 0; row < height; row++) frame.Rgb.Span.Slice(3 * row * frame.Width, 3 * width).CopyTo(pixels.AsSpan(3 * row * _width));
        if (caption is not null) Write(pixels, caption);
        _raw.Write(pixels);
        Frames++;
    }

    /// <exception cref="AnimationException">No frame was added, or the encoder failed.</exception>
    public async Task FinishAsync(CancellationToken cancellationToken)
    {
        if (Frames == 0) throw new AnimationException("There is no frame to animate.", "Choose days and a region with imagery.");
        _raw.Flush();
        var temporary = AtomicFile.TemporaryName(_path);
        try
        {
            if (_format is AnimationFormat.WebP or AnimationFormat.Gif) Encode(temporary);
            else await RunFfmpegAsync(temporary, cancellationToken);
            AtomicFile.Publish(temporary, _path);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    public void Dispose()
    {
        _raw.Dispose();
        File.Delete(_rawPath);
    }

    private static int Even(int side) => Math.Max(2, side & ~1);

    private unsafe void Encode(string temporary)
    {
        TiffDecoder.Prepare();
        using var map = MemoryMappedFile.CreateFromFile(_raw, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        using var view = map.CreateViewAccessor(0, _raw.Length, MemoryMappedFileAccess.Read);
        byte* start = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        try
        {
            using var tall = Image.NewFromMemory((nint)start, (ulong)_raw.Length, _width, _height * Frames, 3, Enums.BandFormat.Uchar);
            using var image = tall.Copy(interpretation: Enums.Interpretation.Srgb).Mutate(animation =>
            {
                animation.Set(GValue.GIntType, "page-height", _height);
                animation.Set(GValue.ArrayIntType, "delay", Enumerable.Repeat((int)Math.Round(1000 / _options.Fps), Frames).ToArray());
                animation.Set(GValue.GIntType, "loop", 0);
            });
            if (_format == AnimationFormat.WebP) image.Webpsave(temporary, q: 80, effort: 2);
            else image.Gifsave(temporary, effort: 4);
        }
        catch (VipsException error)
        {
            throw new AnimationException($"The animation could not be encoded: {SourceFile.OneLine(error.Message)}", "Try fewer days, or a smaller --frame-side.", error);
        }
        finally
        {
            view.SafeMemoryMappedViewHandle.ReleasePointer();
        }
    }

    private async Task RunFfmpegAsync(string temporary, CancellationToken cancellationToken)
    {
        var rate = _options.Fps.ToString("0.###", CultureInfo.InvariantCulture);
        string[] codec = _format == AnimationFormat.Mp4
            ? ["-c:v", "libx264", "-preset", "medium", "-crf", "20", "-movflags", "+faststart", "-f", "mp4"]
            : ["-c:v", "libvpx-vp9", "-crf", "32", "-b:v", "0", "-f", "webm"];
        var start = new ProcessStartInfo(AnimationFile.FindFfmpeg()!) { RedirectStandardError = true };
        foreach (var argument in (string[])
            ["-hide_banner", "-loglevel", "error", "-nostdin", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", $"{_width}x{_height}", "-r", rate, "-i", _rawPath, "-pix_fmt", "yuv420p", .. codec, temporary])
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start) ?? throw new UnreachableException("ffmpeg did not start");
        try
        {
            var said = await process.StandardError.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            if (process.ExitCode != 0)
                throw new AnimationException($"ffmpeg ended with {process.ExitCode}: {SourceFile.OneLine(said)}", "Name a file that ends in .webp, which needs no ffmpeg.");
        }
        finally
        {
            if (!process.HasExited) process.Kill();
        }
    }

    private unsafe void Write(byte[] pixels, string caption)
    {
        var rgbx = new byte[4 * _width * _height];
        ImageEncoder.Expand(pixels, rgbx);
        fixed (byte* start = rgbx)
        {
            using var surface = SKSurface.Create(new SKImageInfo(_width, _height, SKColorType.Rgba8888, SKAlphaType.Opaque), (nint)start);
            using var font = Typefaces.Bold(Math.Clamp(_height / 20f, 10, 48));
            using var shadow = new SKPaint { Color = SKColors.Black, IsAntialias = true, Style = SKPaintStyle.Stroke, StrokeWidth = font.Size / 5, StrokeJoin = SKStrokeJoin.Round };
            using var ink = new SKPaint { Color = SKColors.White, IsAntialias = true };
            var text = Typefaces.Fit(caption, font, _width - font.Size);
            surface.Canvas.DrawText(text, font.Size / 2, _height - font.Size / 2, SKTextAlign.Left, font, shadow);
            surface.Canvas.DrawText(text, font.Size / 2, _height - font.Size / 2, SKTextAlign.Left, font, ink);
            surface.Canvas.Flush();
        }
        for (int i = 0, to = 0; i + 4 <= rgbx.Length; i += 4, to += 3) (pixels[to], pixels[to + 1], pixels[to + 2]) = (rgbx[i], rgbx[i + 1], rgbx[i + 2]);
    }
}
