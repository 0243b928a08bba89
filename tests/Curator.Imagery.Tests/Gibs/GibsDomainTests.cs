using Curator.Imagery.Gibs;

namespace Curator.Imagery.Tests.Gibs;

/// <summary>Times of layers.</summary>
public sealed class GibsDomainTests
{
    private static string[] Between(string domain, string from, string to) =>
        [.. GibsDomain.Parse([domain]).Between(DateOnly.Parse(from), DateOnly.Parse(to)).Select(time => time.Text)];

    [Theory]
    [InlineData("2020-01-01/2020-12-31/P1D", "2020-02-28", "2020-03-01", "2020-02-28 2020-02-29 2020-03-01")]
    [InlineData("2020-01-01/2020-02-28/P1D,2020-03-02/2020-12-31/P1D", "2020-02-27", "2020-03-02", "2020-02-27 2020-02-28 2020-03-02")]
    [InlineData("2020-01-01/2020-12-31/P1D", "2021-01-01", "2021-02-01", "")]
    [InlineData("2020-01-01/2020-12-31/P1M", "2020-02-15", "2020-04-01", "2020-02-01 2020-03-01 2020-04-01")]
    [InlineData("2000-01-01/2020-01-01/P1Y", "2012-06-01", "2013-05-01", "2012-01-01 2013-01-01")]
    [InlineData("2020-01-01/2020-03-31/P8D", "2020-01-12", "2020-01-20", "2020-01-09 2020-01-17")]
    [InlineData("2020-01-31/2020-06-30/P1M", "2020-02-01", "2020-03-31", "2020-01-31 2020-02-29 2020-03-31")]
    [InlineData("2020-05-05", "2020-05-01", "2020-05-31", "2020-05-05")]
    [InlineData("2016-01-01T10:13:24Z/2016-01-03T10:13:24Z/P1D", "2016-01-02", "2016-01-02", "2016-01-02T10:13:24Z")]
    public void Times_between_two_days(string domain, string from, string to, string expected) => Assert.Equal(expected, string.Join(' ', Between(domain, from, to)));

    [Fact]
    public void A_day_of_ten_minutes_has_144_times_that_can_be_thinned()
    {
        var domain = GibsDomain.Parse(["2020-09-27T00:00:00Z/2020-09-28T23:50:00Z/PT10M"]);
        var times = domain.Between(new DateOnly(2020, 9, 27), new DateOnly(2020, 9, 27));
        Assert.True(domain.IsSubDaily);
        Assert.Equal(144, times.Count);
        Assert.Equal("2020-09-27T23:50:00Z", times[^1].Text);
        Assert.Equal(["2020-09-27T00:00:00Z", "2020-09-27T06:00:00Z", "2020-09-27T12:00:00Z", "2020-09-27T18:00:00Z"], GibsDomain.Thin(times, TimeSpan.FromHours(6)).Select(time => time.Text));
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("2020-01-01/2019-01-01/P1D")]
    [InlineData("2020-01-01/2020-02-01/P0D")]
    [InlineData("2020-01-01/2020-02-01/P")]
    public void What_is_no_period_is_left_out(string text) => Assert.True(GibsDomain.Parse([text]).IsTimeless);

    [Fact]
    public void Times_are_each_once_and_ascending_whatever_the_periods_are()
    {
        var domain = GibsDomain.Parse(["2020-01-05/2020-01-20/P1D", "2020-01-01/2020-01-10/P1D"]);
        var times = domain.Between(new DateOnly(2019, 12, 1), new DateOnly(2020, 2, 1));
        Assert.Equal(Enumerable.Range(1, 20).Select(day => $"2020-01-{day:00}"), times.Select(time => time.Text));
    }
}
