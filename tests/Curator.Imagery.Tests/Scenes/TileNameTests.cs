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
    public void Other_names_tell_nothing(string name) => Assert.False(TileName.TryParse(name, out _, out _));
}
