using System.Globalization;

namespace Curator.Core.Images;

/// <summary>
/// How the pixels that are learnt, searched and shown are made of a file's samples, where that is not simply decoding it; written beside the row, so that every later stage
/// makes the same pixels. Its text is part of what an embedding is of (<see cref="Manifests.ManifestFingerprint"/>).
/// </summary>
public sealed record Rendering
{
    /// <summary>Decoding as it is.</summary>
    public static Rendering Plain { get; } = new();

    /// <summary>Bands for red, green and blue, from 1; one band for grey; null for the first ones.</summary>
    public IReadOnlyList<int>? Bands { get; init; }

    /// <summary>Samples that become 0 and 255, one pair for all bands or one a band; null for the whole range of the samples.</summary>
    public IReadOnlyList<(double Low, double High)>? Stretch { get; init; }

    /// <summary>How pixels that were never seen are filled: <c>color</c>, <c>pixel</c>, <c>neighbor</c> or <c>smooth</c>; null for not at all.</summary>
    public string? Fill { get; init; }

    /// <summary>Whether nothing but decoding is done.</summary>
    public bool IsPlain => Bands is null && Stretch is null && Fill is null;

    /// <summary>The text of a manifest: <c>bands=4,3,2;stretch=0:3000;fill=neighbor</c>; empty when plain.</summary>
    public override string ToString()
    {
        var parts = new List<string>(3);
        if (Bands is not null) parts.Add($"bands={string.Join(',', Bands)}");
        if (Stretch is not null) parts.Add($"stretch={string.Join(',', Stretch.Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Low:R}:{pair.High:R}")))}");
        if (Fill is not null) parts.Add($"fill={Fill}");
        return string.Join(';', parts);
    }

    /// <exception cref="FormatException">The text is of none, or of a later version's.</exception>
    public static Rendering Parse(string? text)
    {
        if (string.IsNullOrEmpty(text)) return Plain;
        var rendering = Plain;
        foreach (var part in text.Split(';'))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            var value = part[(equals + 1)..];
            rendering = (equals < 0 ? "" : part[..equals]) switch
            {
                "bands" => rendering with { Bands = [.. value.Split(',').Select(band => int.Parse(band, NumberStyles.None, CultureInfo.InvariantCulture))] },
                "stretch" => rendering with { Stretch = [.. value.Split(',').Select(Pair)] },
                "fill" => rendering with { Fill = value },
                _ => throw new FormatException($"'{part}' is no part of a rendering."),
            };
        }

        return rendering;

        static (double Low, double High) Pair(string pair)
        {
            var colon = pair.IndexOf(':', StringComparison.Ordinal);
            return colon > 0
                ? (double.Parse(pair.AsSpan(0, colon), NumberStyles.Float, CultureInfo.InvariantCulture), double.Parse(pair.AsSpan(colon + 1), NumberStyles.Float, CultureInfo.InvariantCulture))
                : throw new FormatException($"'{pair}' is no stretch such as 0:3000.");
        }
    }

    public bool Equals(Rendering? other) => other is not null && ToString() == other.ToString();

    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);
}
