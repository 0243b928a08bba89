using System.Globalization;

namespace Curator.Imagery.Gibs;

/// <summary>A time of a layer as the server writes it: a day, or a day and a time of day, UTC.</summary>
/// <param name="Moment">UTC; midnight for a day.</param>
/// <param name="HasTimeOfDay">Whether it is written with hours, minutes and seconds.</param>
public readonly record struct GibsTime(DateTimeOffset Moment, bool HasTimeOfDay) : IComparable<GibsTime>
{
    private const string DayFormat = "yyyy-MM-dd";
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    /// <summary><c>2020-09-27</c> or <c>2020-09-27T10:20:00Z</c>.</summary>
    public string Text => Moment.ToString(HasTimeOfDay ? TimeFormat : DayFormat, CultureInfo.InvariantCulture);

    public DateOnly Day => DateOnly.FromDateTime(Moment.UtcDateTime);

    public static GibsTime OfDay(DateOnly day) => new(new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero), false);

    public static bool TryParse(string? text, out GibsTime time)
    {
        time = default;
        if (string.IsNullOrWhiteSpace(text)) return false;
        text = text.Trim();
        const DateTimeStyles utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        if (DateTimeOffset.TryParseExact(text, DayFormat, CultureInfo.InvariantCulture, utc, out var moment))
            time = new GibsTime(moment, false);
        else if (DateTimeOffset.TryParseExact(text, [TimeFormat, "yyyy-MM-dd'T'HH:mm'Z'", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", "yyyy-MM-dd'T'HH:mm:ss"], CultureInfo.InvariantCulture, utc, out moment))
            time = new GibsTime(moment, true);
        else
            return false;
        return true;
    }

    public int CompareTo(GibsTime other) => Moment.CompareTo(other.Moment);

    public override string ToString() => Text;

    public static bool operator <(GibsTime left, GibsTime right) => left.CompareTo(right) < 0;

    public static bool operator >(GibsTime left, GibsTime right) => left.CompareTo(right) > 0;

    public static bool operator <=(GibsTime left, GibsTime right) => left.CompareTo(right) <= 0;

    public static bool operator >=(GibsTime left, GibsTime right) => left.CompareTo(right) >= 0;
}
