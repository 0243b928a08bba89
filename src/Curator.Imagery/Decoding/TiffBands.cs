using Curator.Core.Images;
using Curator.Imagery.Geography;

namespace Curator.Imagery.Decoding;

/// <summary>RGB of a TIFF's bands by a <see cref="Rendering"/>: three of them, or one as grey, stretched linearly from two numbers to 0 and 255. Stateless, thread-safe.</summary>
internal static class TiffBands
{
    /// <summary>Samples of a band that are looked at for percentiles; more tell nothing new.</summary>
    private const int MostSamples = 1 << 18;

    /// <summary>Whether the plain decoder cannot do it: a rendering, or planes that lie apart.</summary>
    public static bool AreNeeded(TiffHeader header, Rendering rendering) =>
        rendering.Bands is not null || rendering.Stretch is not null || (header.Planar && header.Samples is > 1 and <= 4 && header.Bits is 8 or 16 && header.SampleFormat is 1 or 4);

    /// <param name="rgb">Filled with <c>[Height, Width, 3]</c>, uint8. Pixels of which all bands are the file's no-data number, or none, are black.</param>
    public static ImageProblem? TryRender(ReadOnlySpan<byte> file, TiffHeader header, Rendering rendering, Span<byte> rgb, out string detail)
    {
        if (Bands(header, rendering, out detail) is not { } bands) return ImageProblem.Unsupported;
        if (Stretch(header, rendering, bands.Length, out detail) is not { } stretch) return ImageProblem.Unsupported;
        using var samples = TiffSamples.Open(file, header, out var problem, out detail);
        if (samples is null) return problem;
        var noData = GeoTags.Read(file).NoData;
        var raw = LargeArrays.Rent((long)samples.RunRows * header.Width * bands.Length * samples.SampleBytes);
        var numbers = new double[header.Width * bands.Length];
        try
        {
            for (var top = 0; top < header.Height; top += samples.RunRows)
            {
                var rows = Math.Min(samples.RunRows, header.Height - top);
                samples.Read(top, bands, raw);
                for (var y = 0; y < rows; y++)
                {
                    samples.ToNumbers(raw.AsSpan(y * numbers.Length * samples.SampleBytes, numbers.Length * samples.SampleBytes), numbers);
                    Row(numbers, bands.Length, stretch, noData, rgb.Slice(3 * header.Width * (top + y), 3 * header.Width));
                }
            }
        }
        catch (InvalidDataException e)
        {
            detail = e.Message;
            return ImageProblem.Corrupt;
        }
        finally
        {
            LargeArrays.Return(raw);
        }

        return null;
    }

    /// <summary>Low and high of each band such that the given share of its samples lies below and above; no-data apart.</summary>
    /// <param name="share">0 to 0.49.</param>
    public static IReadOnlyList<(double Low, double High)>? Percentiles(ReadOnlySpan<byte> file, TiffHeader header, IReadOnlyList<int>? wanted, double share, out ImageProblem problem, out string detail)
    {
        problem = ImageProblem.Unsupported;
        if (Bands(header, new Rendering { Bands = wanted }, out detail) is not { } bands) return null;
        using var samples = TiffSamples.Open(file, header, out problem, out detail);
        if (samples is null) return null;
        var noData = GeoTags.Read(file).NoData;
        var found = Array.ConvertAll(bands, _ => new List<double>());
        var raw = LargeArrays.Rent((long)samples.RunRows * header.Width * bands.Length * samples.SampleBytes);
        var numbers = new double[header.Width * bands.Length];
        var step = Math.Max(1, (int)Math.Min(int.MaxValue, (long)header.Width * header.Height / MostSamples));
        long pixel = 0;
        try
        {
            for (var top = 0; top < header.Height; top += samples.RunRows)
            {
                var rows = Math.Min(samples.RunRows, header.Height - top);
                samples.Read(top, bands, raw);
                for (var y = 0; y < rows; y++)
                {
                    samples.ToNumbers(raw.AsSpan(y * numbers.Length * samples.SampleBytes, numbers.Length * samples.SampleBytes), numbers);
                    for (var x = (int)(-pixel % step + step) % step; x < header.Width; x += step)
                        for (var b = 0; b < bands.Length; b++)
                            if (numbers[x * bands.Length + b] is var number && double.IsFinite(number) && number != noData)
                                found[b].Add(number);
                    pixel += header.Width;
                }
            }
        }
        catch (InvalidDataException e)
        {
            (problem, detail) = (ImageProblem.Corrupt, e.Message);
            return null;
        }
        finally
        {
            LargeArrays.Return(raw);
        }

        return Array.ConvertAll(found, values =>
        {
            if (values.Count == 0) return (0.0, 1.0);
            values.Sort();
            var (low, high) = (values[(int)(share * (values.Count - 1))], values[(int)Math.Ceiling((1 - share) * (values.Count - 1))]);
            return (low, high > low ? high : low + 1);
        });
    }

    private static int[]? Bands(TiffHeader header, Rendering rendering, out string detail)
    {
        detail = "";
        if (rendering.Bands is null)
        {
            if (header.Samples <= 4) return header.Samples >= 3 ? [0, 1, 2] : [0];
            detail = $"{header.Samples} bands: say which three are to be seen, for example --bands 4,3,2";
            return null;
        }

        if (rendering.Bands.Count is 1 or 3 && rendering.Bands.All(band => band >= 1 && band <= header.Samples)) return [.. rendering.Bands.Select(band => band - 1)];
        detail = $"bands {string.Join(',', rendering.Bands)} of a picture with {header.Samples}";
        return null;
    }

    private static (double Low, double High)[]? Stretch(TiffHeader header, Rendering rendering, int bands, out string detail)
    {
        detail = "";
        if (rendering.Stretch is { } stretch)
        {
            if (stretch.Count == 1 || stretch.Count == bands) return [.. Enumerable.Range(0, bands).Select(b => stretch[stretch.Count == 1 ? 0 : b])];
            detail = $"{stretch.Count} stretches for {bands} bands";
            return null;
        }

        if (header.SampleFormat is 1 or 4 && header.Bits is 8 or 16) return [.. Enumerable.Repeat((0.0, header.Bits == 8 ? 255.0 : 65_535.0), bands)];
        detail = $"samples of {header.Bits} bits, format {header.SampleFormat}: say which numbers become black and white, for example --stretch 2%";
        return null;
    }

    private static void Row(ReadOnlySpan<double> numbers, int bands, ReadOnlySpan<(double Low, double High)> stretch, double? noData, Span<byte> rgb)
    {
        for (int x = 0, at = 0; at < numbers.Length; x += 3, at += bands)
        {
            var missing = true;
            for (var b = 0; b < bands; b++) missing &= double.IsNaN(numbers[at + b]) || numbers[at + b] == noData;
            for (var c = 0; c < 3; c++)
            {
                var b = bands == 1 ? 0 : c;
                var level = (numbers[at + b] - stretch[b].Low) / (stretch[b].High - stretch[b].Low) * 255;
                rgb[x + c] = missing || !(level > 0) ? (byte)0 : level >= 255 ? byte.MaxValue : (byte)(level + 0.5);
            }
        }
    }
}
