using Curator.Core.Shards;

namespace Curator.Cli.Tests;

public sealed class ProgressLineTests
{
    [Fact]
    public void A_line_tells_share_count_rate_and_remaining_time()
    {
        var line = ProgressLine.Render(new StageProgress("embed", 500, 1_000, "images"), 0, TimeSpan.FromSeconds(5));
        Assert.Contains("50%", line);
        Assert.Contains("500/1,000 images", line);
        Assert.Contains("100 images/s", line);
        Assert.Contains("0:05 left", line);
    }

    [Fact]
    public void What_an_earlier_run_did_counts_for_the_bar_and_not_for_the_rate()
    {
        var line = ProgressLine.Render(new StageProgress("embed", 600, 1_000, "images"), 500, TimeSpan.FromSeconds(10));
        Assert.Contains("60%", line);
        Assert.Contains("10 images/s", line);
        Assert.Contains("0:40 left", line);
    }

    [Theory]
    [InlineData(7, "0:07")]
    [InlineData(754, "12:34")]
    [InlineData(11_045, "3:04:05")]
    public void Durations_read_like_a_clock(int seconds, string text) => Assert.Equal(text, ProgressLine.Duration(TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void Work_that_ends_within_two_seconds_shows_nothing()
    {
        var clock = new ManualClock();
        using var error = new StringWriter();
        var progress = new ProgressLine(new Terminal(TextWriter.Null, error, false, false), clock);
        for (var done = 0; done <= 10; done++)
        {
            progress.Report(new StageProgress("embed", done, 10, "images"));
            clock.Advance(TimeSpan.FromMilliseconds(150));
        }
        Assert.Equal("", error.ToString());
    }

    [Fact]
    public void Elsewhere_than_on_a_terminal_lines_come_every_ten_seconds_and_at_the_end()
    {
        var clock = new ManualClock();
        using var error = new StringWriter();
        var progress = new ProgressLine(new Terminal(TextWriter.Null, error, false, false), clock);
        for (var done = 0; done <= 300; done++)
        {
            progress.Report(new StageProgress("embed", done, 300, "images"));
            clock.Advance(TimeSpan.FromMilliseconds(100));
        }
        var lines = error.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.InRange(lines.Length, 3, 5);
        Assert.Contains("300/300", lines[^1]);
    }

    private sealed class ManualClock : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks;

        public void Advance(TimeSpan time) => _ticks += time.Ticks;
    }
}
