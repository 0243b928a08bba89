using System.Globalization;
using Curator.Core.Images;

namespace Curator.Imagery.Scenes;

/// <summary>
/// The file name that tells when and where: <c>YYYY-MM-DD_S,W,N,E.ext</c> in degrees, the form of the GIBS downloader, for example
/// <c>2020-08-15_-01.0991,-005.8739,001.2072,-003.5676.jpeg</c>. Numbers are padded with zeros to 8 (latitude) and 9 (longitude) characters at
/// four decimals; more decimals are read and, for pixels under 0.001 degrees, written. With a time of day the form is <c>2020-08-15T102000Z_S,W,N,E</c>; pictures without a date begin with
/// <c>static_</c>.
/// </summary>
public static class TileName
{
    private const string TimeForm = "yyyy-MM-dd'T'HHmmss'Z'";
    private const string Undated = "static";

    /// <summary>The name without its extension.</summary>
    /// <param name="decimals">Digits after the point: 4 is 11 m on the ground, 6 is 11 cm.</param>
    public static string Format(DateOnly date, BoundingBox box, int decimals = 4) => Format($"{date:yyyy-MM-dd}", box, decimals);

    /// <summary>The name of a picture taken at a time of day.</summary>
    /// <inheritdoc cref="Format(DateOnly, BoundingBox, int)"/>
    public static string Format(DateTimeOffset takenAt, BoundingBox box, int decimals = 4) =>
        Format(takenAt.ToUniversalTime().ToString(TimeForm, CultureInfo.InvariantCulture), box, decimals);

    /// <summary>The name of a picture without a date.</summary>
    /// <inheritdoc cref="Format(DateOnly, BoundingBox, int)"/>
    public static string Format(BoundingBox box, int decimals = 4) => Format(Undated, box, decimals);

    private static string Format(string when, BoundingBox box, int decimals)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(decimals, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(decimals, 9);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{when}_{Degrees(box.South, 3)},{Degrees(box.West, 4)},{Degrees(box.North, 3)},{Degrees(box.East, 4)}");

        string Degrees(double value, int whole)
        {
            value = Math.Round(value, decimals);
            var digits = new string('0', value < 0 ? whole - 1 : whole) + (decimals == 0 ? "" : "." + new string('0', decimals));
            return (value + 0.0).ToString(digits, CultureInfo.InvariantCulture);
        }
    }

    /// <summary>Reads day and box from a path's file name; false when it is not of the form, has no date, or its numbers are no place on Earth.</summary>
    public static bool TryParse(string path, out DateOnly date, out BoundingBox box)
    {
        var read = TryParseMoment(path, out var takenAt, out box) && takenAt is not null;
        date = read ? DateOnly.FromDateTime(takenAt!.Value.UtcDateTime) : default;
        if (!read) box = default;
        return read;
    }

    /// <summary>Reads time (midnight UTC of a day; null without a date) and box from a path's file name.</summary>
    /// <inheritdoc cref="TryParse(string, out DateOnly, out BoundingBox)"/>
    public static bool TryParseMoment(string path, out DateTimeOffset? takenAt, out BoundingBox box)
    {
        takenAt = null;
        box = default;
        var name = Path.GetFileNameWithoutExtension(path.AsSpan());
        var end = name.IndexOf('_');
        if (end < 0) return false;
        const DateTimeStyles utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        if (DateTimeOffset.TryParseExact(name[..end], end == 10 ? "yyyy-MM-dd" : TimeForm, CultureInfo.InvariantCulture, utc, out var moment)) takenAt = moment;
        else if (!name[..end].SequenceEqual(Undated)) return false;
        if (TryParseBox(name[(end + 1)..], out box)) return true;
        takenAt = null;
        return false;
    }

    private static bool TryParseBox(ReadOnlySpan<char> rest, out BoundingBox box)
    {
        box = default;
        Span<double> sides = stackalloc double[4];
        var count = 0;
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
