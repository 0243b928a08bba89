using System.Globalization;
using Curator.Core;
using Curator.Core.Images;
using Curator.Imagery.Decoding;

namespace Curator.Imagery.Ingest;

/// <summary>What <c>--bands</c> and <c>--stretch</c> ask for, worked out for each TIFF: percentiles become the picture's own numbers, which its row keeps. Thread-safe.</summary>
internal sealed class IngestRendering
{
    private readonly IReadOnlyList<int>? _bands;
    private readonly IReadOnlyList<(double Low, double High)>? _stretch;
    private readonly double? _percent;

    /// <exception cref="WorkspaceException">Names what cannot be read.</exception>
    public IngestRendering(string? bands, string? stretch)
    {
        try
        {
            if (!string.IsNullOrWhiteSpace(bands)) _bands = Rendering.Parse($"bands={bands.Replace(" ", "", StringComparison.Ordinal)}").Bands;
            if (!string.IsNullOrWhiteSpace(stretch))
            {
                if (stretch.TrimEnd().EndsWith('%')) _percent = double.Parse(stretch.TrimEnd()[..^1], NumberStyles.Float, CultureInfo.InvariantCulture);
                else _stretch = Rendering.Parse($"stretch={stretch.Replace(" ", "", StringComparison.Ordinal)}").Stretch;
            }
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            throw new WorkspaceException($"--bands '{bands}' or --stretch '{stretch}' cannot be read.", "Write --bands 4,3,2 (or one band), and --stretch 2% or 0:3000 or 0:3000,0:2500,0:2000.", e);
        }

        if (_bands is not (null or { Count: 1 or 3 }) || _bands?.Any(band => band < 1) == true)
            throw new WorkspaceException($"--bands '{bands}' are {_bands.Count}.", "Name three for red, green and blue, or one for grey; the first band is 1.");
        if (_percent is not (null or (>= 0 and < 50)) || _stretch?.Any(pair => !(pair.High > pair.Low)) == true)
            throw new WorkspaceException($"--stretch '{stretch}' has no range.", "Write 2% (0 to 49), or LOW:HIGH with the larger number last.");
    }

    private bool IsPlain => _bands is null && _stretch is null && _percent is null;

    /// <summary>How the pixels of a file are made; plain for what is no TIFF or cannot be read, which decoding then says.</summary>
    public Rendering For(ReadOnlySpan<byte> file)
    {
        if (IsPlain || !TiffHeader.IsTiff(file)) return Rendering.Plain;
        var stretch = _stretch;
        if (_percent is { } percent && TiffHeader.TryRead(file, out var header, out _) is null)
            stretch = TiffBands.Percentiles(file, header, _bands, percent / 100, out _, out _);
        return new Rendering { Bands = _bands, Stretch = stretch };
    }
}
