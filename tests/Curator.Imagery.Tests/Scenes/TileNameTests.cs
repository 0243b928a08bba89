using CsCheck;
using Curator.Core.Images;
using Curator.Imagery.Scenes;

namespace Curator.Imagery.Tests.Scenes;

public sealed class TileNameTests
{
    [Fact]
    public void Reads_and_writes_the_downloaders_form()
    {
        const string Name = "2020-08-15_-01.0991,-005.8739,001.2072,-003.5676";
        Assert.True(TileName.TryParse($"/a/b/{Name}.jpeg", out var date, out var box));
        Assert.Equal(new DateOnly(2020, 8, 15), date);
        Assert.Equal(new BoundingBox(-1.0991, -5.8739, 1.2072, -3.5676), box);
        Assert.Equal(Name, TileName.Format(date, box));
    }

    [Fact]
    public void What_is_written_is_read_back() =>
        Gen.Select(Gen.Double[-90, 90], Gen.Double[-180, 180], Gen.Double[-90, 90], Gen.Double[-180, 180], Gen.Int[4, 9], Gen.Int[0, 40_000]).Sample(
            (a, west, b, east, decimals, day) =>
            {
                var date = new DateOnly(1960, 1, 1).AddDays(day);
                var box = new BoundingBox(Math.Min(a, b), west, Math.Max(a, b), east);
                Assert.True(TileName.TryParse(TileName.Format(date, box, decimals) + ".png", out var readDate, out var read));
                Assert.Equal(date, readDate);
                var step = Math.Pow(10, -decimals);
                Assert.True(Math.Abs(read.South - box.South) < step && Math.Abs(read.West - west) < step && Math.Abs(read.North - box.North) < step && Math.Abs(read.East - east) < step);
            });

    [Fact]
    public void A_time_of_day_and_no_date_at_all_have_their_forms()
    {
        var box = new BoundingBox(-1.5, 20, 2.25, 30);
        var moment = new DateTimeOffset(2020, 8, 15, 10, 20, 0, TimeSpan.Zero);
        Assert.Equal("2020-08-15T102000Z_-01.5000,0020.0000,002.2500,0030.0000", TileName.Format(moment, box));
        Assert.True(TileName.TryParseMoment(TileName.Format(moment, box) + ".png", out var read, out var readBox));
        Assert.Equal((moment, box), (read, readBox));
        Assert.True(TileName.TryParse(TileName.Format(moment, box) + ".png", out var day, out _));
        Assert.Equal(new DateOnly(2020, 8, 15), day);
        Assert.True(TileName.TryParseMoment(TileName.Format(box) + ".jpg", out read, out readBox));
        Assert.Equal((null, box), (read, readBox));
        Assert.False(TileName.TryParse(TileName.Format(box) + ".jpg", out _, out _));
    }

    [Theory]
    [InlineData("island.jpg")]
    [InlineData("2020-08-15.jpg")]
    [InlineData("2020-13-15_1,2,3,4.jpg")]
    [InlineData("2020-08-15_1,2,3.jpg")]
    [InlineData("2020-08-15_1,2,3,4,5.jpg")]
    [InlineData("2020-08-15_91,2,3,4.jpg")]
    [InlineData("2020-08-15_5,2,3,4.jpg")]
    [InlineData("2020-08-15_1,2,3,999.jpg")]
    [InlineData("2020-08-15_1,2,x,4.jpg")]
    [InlineData("2020-08-15_1,2,NaN,4.jpg")]
    public void Other_names_tell_nothing(string name)
    {
        Assert.False(TileName.TryParse(name, out _, out _));
        Assert.False(TileName.TryParseMoment(name, out _, out _));
    }
}
