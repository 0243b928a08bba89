using System.Globalization;
using System.Text;
using Curator.Core.Shards;

namespace Curator.Cli;

/// <summary>
/// Shows a stage's progress with rate and remaining time: a live bar on a terminal, elsewhere a line at most every ten seconds and at the
/// end. Nothing is shown for work that ends within two seconds. Thread-safe.
/// </summary>
internal sealed class ProgressLine(Terminal terminal, TimeProvider clock) : IProgress<StageProgress>
{
    private const int BarWidth = 24;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private string? _stage;
    private long _startedAt;
    private long _shownAt;
    private long _startDone;
    private bool _shown;

    public void Report(StageProgress value)
    {
        lock (_gate)
        {
            var now = clock.GetTimestamp();
            if (value.Stage != _stage)
            {
                (_stage, _startedAt, _shownAt, _startDone, _shown) = (value.Stage, now, now, value.Done, false);
                return;
            }
            // A stage may learn only after its first report that what it counted as done has to be done again.
            _startDone = Math.Min(_startDone, value.Done);
            var elapsed = clock.GetElapsedTime(_startedAt, now);
            var last = value.Done >= value.Total;
            if (elapsed < Patience || (last && !_shown && !terminal.Live)) return;
            var pause = terminal.Live ? TimeSpan.FromMilliseconds(200) : TimeSpan.FromSeconds(10);
            if (_shown && !last && clock.GetElapsedTime(_shownAt, now) < pause) return;
            terminal.Status(Render(value, _startDone, elapsed));
            _shownAt = now;
            _shown = true;
            if (last) terminal.EndStatus();
        }
    }

    /// <param name="startDone">What was done already when this run began: it counts for the bar, not for the rate.</param>
    internal static string Render(StageProgress value, long startDone, TimeSpan elapsed)
    {
        var share = value.Total <= 0 ? 0 : Math.Clamp((double)value.Done / value.Total, 0, 1);
        var full = (int)(share * BarWidth);
        var rate = (value.Done - startDone) / Math.Max(elapsed.TotalSeconds, 1e-3);
        var text = new StringBuilder()
            .Append(CultureInfo.InvariantCulture, $"{value.Stage,-9} ")
            .Append('█', full).Append('░', BarWidth - full)
            .Append(CultureInfo.InvariantCulture, $" {share * 100,3:0}%  {value.Done:N0}/{value.Total:N0} {value.Unit}");
        // A budget of seconds has no rate of its own; its note tells images a second.
        if (value.Unit != "seconds") text.Append(CultureInfo.InvariantCulture, $"  {Rate(rate)} {value.Unit}/s");
        if (rate > 0 && value.Done < value.Total)
            text.Append("  ").Append(Duration(TimeSpan.FromSeconds((value.Total - value.Done) / rate))).Append(" left");
        else
            text.Append("  ").Append(Duration(elapsed));
        if (value.Note is { Length: > 0 } note) text.Append("  ").Append(note);
        return text.ToString();
    }

    /// <summary><c>0:07</c>, <c>12:34</c>, <c>3:04:05</c>.</summary>
    internal static string Duration(TimeSpan time) => time.TotalHours >= 1
        ? string.Create(CultureInfo.InvariantCulture, $"{(long)time.TotalHours}:{time.Minutes:00}:{time.Seconds:00}")
        : string.Create(CultureInfo.InvariantCulture, $"{time.Minutes}:{time.Seconds:00}");

    private static string Rate(double rate) => rate.ToString(rate >= 100 ? "N0" : "0.#", CultureInfo.InvariantCulture);
}
