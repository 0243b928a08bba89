using System.Globalization;
using Curator.Core.Images;

namespace Curator.Imagery.Containers;

/// <summary>Turns a record of a list or side file into facts: well-known headings are date and place, all others free columns.</summary>
internal static class FactColumns
{
    private static readonly string[] s_dates = ["date", "taken_at", "datetime", "timestamp", "time", "acquired"];
    private static readonly string[] s_latitudes = ["lat", "latitude", "bottom_left_lat"];
    private static readonly string[] s_longitudes = ["lon", "lng", "long", "longitude"];

    /// <param name="isNumber">Whether a column holds numbers, told its index and this text.</param>
    /// <param name="passOver">Indexes that are neither.</param>
    public static SourceFacts Read(IReadOnlyList<string> headings, IReadOnlyList<string> texts, Func<int, string, bool> isNumber, IReadOnlySet<int>? passOver = null)
    {
        DateTimeOffset? takenAt = null;
        double? latitude = null, longitude = null;
        var box = new double?[4];
        SortedDictionary<string, string>? free = null;
        SortedDictionary<string, double>? numbers = null;
        for (var i = 0; i < headings.Count && i < texts.Count; i++)
        {
            var text = texts[i].Trim();
            if (text.Length == 0 || passOver?.Contains(i) == true) continue;
            var heading = headings[i].Trim().ToLowerInvariant();
            var number = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value) ? value : (double?)null;
            if (takenAt is null && s_dates.Contains(heading) && SourceFacts.Moment(text) is { } moment) takenAt = moment;
            else if (number is not null && s_latitudes.Contains(heading)) latitude = number;
            else if (number is not null && s_longitudes.Contains(heading)) longitude = number;
            else if (number is not null && Array.IndexOf(["south", "west", "north", "east"], heading) is >= 0 and var side) box[side] = number;
            else if (number is not null && isNumber(i, text)) (numbers ??= new(StringComparer.Ordinal))[MetadataColumn.ToName(headings[i])] = number.Value;
            else (free ??= new(StringComparer.Ordinal))[MetadataColumn.ToName(headings[i])] = text.Length <= 4000 ? text : text[..4000];
        }

        double[]? place = Array.TrueForAll(box, side => side is not null)
            ? [.. box.Select(side => side!.Value)]
            : latitude is { } y && longitude is { } x ? [y, x, y, x] : null;
        return new SourceFacts(takenAt, place, free, numbers);
    }
}
