using System.Globalization;
using Curator.Core.Images;

namespace Curator.Imagery.Scenes;

/// <summary>
/// The file name that tells when and where: <c>YYYY-MM-DD_S,W,N,E.ext</c> in degrees, the form of the GIBS downloader, for example
/// <c>2020-08-15_-01.0991,-005.8739,001.2072,-003.5676.jpeg</c>. Numbers are padded with zeros to 8 (latitude) and 9 (longitude) characters at
/// four decimals; more decimals are read and, for pixels under 0.001 degrees, written.
/// </summary>
public static class TileName
{
    /// <summary>The name without its extension.</summary>
    /// <param name="decimals">Digits after the point: 4 is 11 m on the ground, 6 is 11 cm.</param>
    public static string Format(DateOnly date, BoundingBox box, int decimals = 4)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(decimals, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(decimals, 9);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{date:yyyy-MM-dd}_{Degrees(box.South, 3)},{Degrees(box.West, 4)},{Degrees(box.North, 3)},{Degrees(box.East, 4)}");

        string Degrees(double value, int whole)
        {
            value = Math.Round(value, decimals);
            var digits = new string('0', value < 0 ? whole - 1 : whole) + (decimals == 0 ? "" : "." + new string('0', decimals));
            return (value + 0.0).ToString(digits, CultureInfo.InvariantCulture);
        }
    }

    /// <summary>Reads date and box from a path's file name; false when it is not of the form, or its numbers are no place on Earth.</summary>
    public static bool TryParse(string path, out DateOnly date, out BoundingBox box)
    {
        date = default;
        box = default;
        var name = Path.GetFileNameWithoutExtension(path.AsSpan());
        if (name.Length < 18 || name[10] != '_') return false;
        if (!DateOnly.TryParseExact(name[..10], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out date)) return false;
        Span<double> sides = stackalloc double[4];
        var count = 0;
        var rest = name[11..];
        foreach (var part in rest.Split(','))
        {
            if (count == 4
                || !double.TryParse(rest[part], NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out sides[count]))
                return false;
            count++;
        }
        if (count != 4) return false;
        box = new BoundingBox(sides[0], sides[1], sides[2], sides[3]);
        return box is { South: >= -90, North: <= 90, West: >= -180 and <= 180, East: >= -180 and <= 180 } && box.South <= box.North;
    }
}
