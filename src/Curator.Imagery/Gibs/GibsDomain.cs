using System.Globalization;
using System.Text.RegularExpressions;

namespace Curator.Imagery.Gibs;

/// <summary>A stretch of a layer's times: from start to end (both inclusive) in steps. A step is some months, or a time span.</summary>
/// <param name="StepMonths">Whole months of a step; 0 when it is <paramref name="Step"/>.</param>
/// <param name="Step">Days and below; zero when it is months.</param>
public sealed record GibsPeriod(GibsTime Start, GibsTime End, int StepMonths, TimeSpan Step)
{
    /// <summary>The time number <paramref name="index"/> from the start, 0 based.</summary>
    internal GibsTime At(long index) => Start with
    {
        Moment = StepMonths > 0 ? Start.Moment.AddMonths(checked((int)(StepMonths * index))) : Start.Moment + Step * index,
    };
}

/// <summary>The times that a layer has, as ISO 8601 periods (<c>2012-01-01/2017-06-16/P1D</c>). Immutable.</summary>
public sealed partial class GibsDomain
{
    /// <summary>A layer without times, such as the Blue Marble.</summary>
    public static GibsDomain Timeless { get; } = new([]);

    private GibsDomain(IReadOnlyList<GibsPeriod> periods) => Periods = periods;

    /// <summary>Ascending.</summary>
    public IReadOnlyList<GibsPeriod> Periods { get; }

    public bool IsTimeless => Periods.Count == 0;

    public GibsTime? First => IsTimeless ? null : Periods[0].Start;

    public GibsTime? Last => IsTimeless ? null : Periods.Max(period => period.End);

    /// <summary>Whether days have several times.</summary>
    public bool IsSubDaily => Periods.Any(period => period is { StepMonths: 0, Step: var step } && step < TimeSpan.FromDays(1));

    /// <summary>Reads periods and single times; what cannot be read is left out.</summary>
    public static GibsDomain Parse(IEnumerable<string> values)
    {
        var periods = new List<GibsPeriod>();
        foreach (var value in values.SelectMany(value => value.Split(',')))
        {
            var parts = value.Trim().Split('/');
            if (!GibsTime.TryParse(parts[0], out var start)) continue;
            var end = start;
            if (parts.Length > 1 && !GibsTime.TryParse(parts[1], out end)) continue;
            if (end < start) continue;
            var (months, step) = (0, TimeSpan.FromDays(1));
            if (parts.Length > 2 && !TryParseStep(parts[2].Trim(), out months, out step)) continue;
            periods.Add(new GibsPeriod(start, end, months, step));
        }
        return new GibsDomain([.. periods.OrderBy(period => period.Start.Moment)]);
    }

    /// <summary>
    /// The times between two days, both inclusive, ascending and each once. Of composites over more than a day, the one that the first day lies in counts too.
    /// </summary>
    public IReadOnlyList<GibsTime> Between(DateOnly from, DateOnly to)
    {
        var (first, last) = (GibsTime.OfDay(from).Moment, GibsTime.OfDay(to.AddDays(1)).Moment);
        var times = new SortedDictionary<DateTimeOffset, GibsTime>();
        foreach (var period in Periods)
        {
            if (period.Start.Moment >= last) continue;
            var composite = period.StepMonths > 0 || period.Step > TimeSpan.FromDays(1);
            for (var i = Math.Max(0, Before(period, first)); ; i++)
            {
                var time = period.At(i);
                if (time > period.End || time.Moment >= last) break;
                // The next step is the end of what this composite covers.
                if (time.Moment >= first || (composite && period.At(i + 1).Moment > first)) times.TryAdd(time.Moment, time);
            }
        }
        return [.. times.Values];
    }

    /// <summary>Of times, those at least <paramref name="every"/> after the one taken before.</summary>
    public static IReadOnlyList<GibsTime> Thin(IReadOnlyList<GibsTime> times, TimeSpan every)
    {
        var kept = new List<GibsTime>();
        foreach (var time in times)
            if (kept.Count == 0 || time.Moment - kept[^1].Moment >= every)
                kept.Add(time);
        return kept;
    }

    /// <summary>A step of the period that is not after the moment, and not far before it.</summary>
    private static long Before(GibsPeriod period, DateTimeOffset moment)
    {
        if (moment <= period.Start.Moment) return 0;
        if (period.StepMonths == 0) return (long)((moment - period.Start.Moment) / period.Step) - 1;
        var months = (moment.Year - period.Start.Moment.Year) * 12 + moment.Month - period.Start.Moment.Month;
        return months / period.StepMonths - 1;
    }

    private static bool TryParseStep(string text, out int months, out TimeSpan step)
    {
        (months, step) = (0, TimeSpan.Zero);
        var match = StepForm().Match(text);
        if (!match.Success || text.Length < 3) return false;
        months = 12 * Number("y") + Number("m");
        step = TimeSpan.FromDays(7 * Number("w") + Number("d")) + TimeSpan.FromHours(Number("h")) + TimeSpan.FromMinutes(Number("min")) + TimeSpan.FromSeconds(Number("s"));
        return months > 0 != step > TimeSpan.Zero;

        int Number(string group) => match.Groups[group] is { Success: true } found ? int.Parse(found.Value, CultureInfo.InvariantCulture) : 0;
    }

    [GeneratedRegex(@"^P(?:(?<y>\d{1,4})Y)?(?:(?<m>\d{1,5})M)?(?:(?<w>\d{1,5})W)?(?:(?<d>\d{1,6})D)?(?:T(?:(?<h>\d{1,5})H)?(?:(?<min>\d{1,6})M)?(?:(?<s>\d{1,7})S)?)?$")]
    private static partial Regex StepForm();
}
