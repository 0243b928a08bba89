using Curator.Core.Images;
using Curator.Labeling.Export;
using Curator.Labeling.Export.Splits;

namespace Curator.Labeling.Tests.Export;

public sealed class SplitTests
{
    private static readonly PartShares s_shares = PartShares.Parse("0.8,0.1,0.1")!;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_index_finds_the_pairs_that_comparing_all_with_all_finds(int seed)
    {
        var random = new Random(seed);
        var boxes = Enumerable.Range(0, 400).Select(_ => Box(random)).ToList();
        var found = new List<(int, int)>();
        new PlaceIndex(boxes).ForEachPair((a, b) => found.Add((a, b)));
        Assert.Equal(found.Count, found.Distinct().Count());
        var all = from a in Enumerable.Range(0, boxes.Count) from b in Enumerable.Range(a + 1, boxes.Count - a - 1) where boxes[a].Intersects(boxes[b]) select (a, b);
        Assert.Equal(all.Order(), found.Order());
        Assert.NotEmpty(found);
    }

    [Fact]
    public void Tiles_that_share_an_edge_or_a_corner_touch_also_across_the_antimeridian()
    {
        var tile = new BoundingBox(10, 20, 11, 21);
        Assert.True(PlaceIndex.Touch(tile, new BoundingBox(10, 21.00000001, 11, 22)));
        Assert.True(PlaceIndex.Touch(tile, new BoundingBox(11, 21, 12, 22)));
        Assert.False(PlaceIndex.Touch(tile, new BoundingBox(10, 21.001, 11, 22)));
        Assert.True(PlaceIndex.Touch(new BoundingBox(0, 179, 1, 180), new BoundingBox(0, -180, 1, -179)));
        Assert.True(PlaceIndex.Touch(new BoundingBox(0, 179.5, 1, -179.5), new BoundingBox(0, -180, 1, -179)));
        Assert.False(PlaceIndex.Touch(new BoundingBox(0, 178, 1, 179), new BoundingBox(0, -180, 1, -179)));
    }

    [Theory]
    [InlineData(60, 0.5, 1)]
    [InlineData(60, 1.0, 2)]
    [InlineData(200, 0.5, 3)]
    public void A_grid_of_touching_tiles_is_split_so_that_no_two_parts_have_tiles_that_touch(int side, double step, int seed)
    {
        var input = Grid(side, step);
        var plan = SplitPlanner.Plan(input, s_shares, SplitBy.Auto, seed);
        Assert.Equal(SplitBy.Place, plan.By);
        Assert.Equal((0, 0), (plan.Shared, CountTouching(input, plan)));
        Assert.True(plan.LeftOut < 0.45 * input.Count, $"{plan.LeftOut} of {input.Count} left out");
        var kept = Enumerable.Range(0, 3).Select(p => plan.Of.Count(o => o == p)).ToList();
        Assert.InRange(kept[1] / (double)input.Count, 0.04, 0.16);
        Assert.InRange(kept[2] / (double)input.Count, 0.04, 0.16);
        // Same shares of a class in each part, as far as blocks allow.
        foreach (var part in (sbyte[])[0, 1, 2])
            Assert.InRange(Enumerable.Range(0, input.Count).Count(i => plan.Of[i] == part && input.Classes[i] == 0) / (double)kept[part], 0.1, 0.4);
    }

    [Fact]
    public void Places_apart_from_each_other_are_kept_whole_at_all_dates_and_nothing_is_left_out()
    {
        var input = new SplitInput();
        for (var place = 0; place < 300; place++)
            for (var day = 0; day < 5; day++)
                for (var tile = 0; tile < 3; tile++)
                    input.Add(place % 4 == 0 ? 0 : 1, Record(new BoundingBox(place % 20, place / 20 * 2, place % 20 + 0.3, place / 20 * 2 + 0.3 + 0.1 * tile), day, place * 100 + day * 10 + tile));
        var plan = SplitPlanner.Plan(input, s_shares, SplitBy.Place, 1);
        Assert.Equal((300, 0, 0), (plan.Groups, plan.LeftOut, plan.Shared));
        Assert.Equal(0, CountTouching(input, plan));
        foreach (var group in Enumerable.Range(0, input.Count).GroupBy(i => i / 15)) Assert.Single(group.Select(i => plan.Of[i]).Distinct());
        for (var part = 0; part < 3; part++)
            for (var c = 0; c < 2; c++)
                Assert.Equal(s_shares.Shares[part], Enumerable.Range(0, input.Count).Count(i => plan.Of[i] == part && input.Classes[i] == c) / (double)input.Classes.Count(k => k == c), 0.02);
    }

    [Fact]
    public void Days_are_cut_in_order_of_time_and_no_day_is_in_two_parts()
    {
        var input = new SplitInput();
        var random = new Random(3);
        for (var i = 0; i < 1000; i++) input.Add(i % 2, Record(null, random.Next(200), i));
        var plan = SplitPlanner.Plan(input, s_shares, SplitBy.Date, 1);
        Assert.Equal(0, plan.Shared);
        var days = Enumerable.Range(0, 3).Select(p => Enumerable.Range(0, 1000).Where(i => plan.Of[i] == p).Select(i => input.Days[i]).ToList()).ToList();
        Assert.True(days[0].Max() < days[1].Min() && days[1].Max() < days[2].Min());
        Assert.InRange(days[0].Count, 780, 820);
        Assert.InRange(days[1].Count, 80, 120);
    }

    [Fact]
    public void Equal_contents_stay_together_and_classes_are_spread_alike()
    {
        var input = new SplitInput();
        for (var i = 0; i < 1000; i++) input.Add(i % 10 == 0 ? 0 : 1, Record(null, 0, i / 2));
        var plan = SplitPlanner.Plan(input, s_shares, SplitBy.Auto, 1);
        Assert.Equal((SplitBy.Image, 500, 0L), (plan.By, plan.Groups, plan.Shared));
        for (var i = 0; i < 1000; i += 2) Assert.Equal(plan.Of[i], plan.Of[i + 1]);
        Assert.Equal([80, 10, 10], Enumerable.Range(0, 3).Select(p => Enumerable.Range(0, 1000).Count(i => input.Classes[i] == 0 && plan.Of[i] == p)));
    }

    [Fact]
    public void The_seed_alone_decides()
    {
        var input = Grid(60, 1);
        var plan = SplitPlanner.Plan(input, s_shares, SplitBy.Image, 1);
        Assert.Equal(plan.Of, SplitPlanner.Plan(input, s_shares, SplitBy.Image, 1).Of);
        Assert.NotEqual(plan.Of, SplitPlanner.Plan(input, s_shares, SplitBy.Image, 2).Of);
    }

    [Theory]
    [InlineData("0.8,0.1,0.1", "train val test", 0.8)]
    [InlineData("80, 20", "train val", 0.8)]
    [InlineData("3,1", "train val", 0.75)]
    public void Shares_are_taken_in_any_unit(string text, string names, double first)
    {
        var shares = PartShares.Parse(text)!;
        Assert.Equal(names, string.Join(' ', shares.Names));
        Assert.Equal(first, shares.Shares[0], 1e-12);
    }

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("0.5,0.2,0.2,0.1")]
    [InlineData("0.5,-0.5")]
    [InlineData("a,b")]
    [InlineData("1,0")]
    public void Other_texts_are_no_shares(string text) => Assert.Null(PartShares.Parse(text));

    private static SplitInput Grid(int side, double step)
    {
        var input = new SplitInput();
        for (var y = 0; y < side; y++)
            for (var x = 0; x < side; x++)
                input.Add((x * 7 + y * 3) % 5 == 0 ? 0 : 1, Record(new BoundingBox(y * step * 0.5 - 50, x * step * 0.5 - 50, y * step * 0.5 - 49.5, x * step * 0.5 - 49.5), 0, y * side + x));
        return input;
    }

    /// <summary>Literal: all pairs of different parts.</summary>
    private static long CountTouching(SplitInput input, SplitPlan plan)
    {
        var order = Enumerable.Range(0, input.Count).Where(i => plan.Of[i] >= 0).OrderBy(i => input.Boxes[input.Places[i]].South).ToArray();
        long touching = 0;
        for (var a = 0; a < order.Length; a++)
        {
            var first = input.Boxes[input.Places[order[a]]];
            for (var b = a + 1; b < order.Length && input.Boxes[input.Places[order[b]]].South <= first.North; b++)
                if (plan.Of[order[a]] != plan.Of[order[b]] && first.Intersects(input.Boxes[input.Places[order[b]]])) touching++;
        }
        return touching;
    }

    private static BoundingBox Box(Random random)
    {
        var edge = Math.Pow(2, random.Next(-4, 6));
        double south = Math.Max(-90, random.NextDouble() * 180 - 90 - edge), west = random.NextDouble() * 360 - 180, east = west + edge;
        return new BoundingBox(south, west, Math.Min(90, south + edge), east > 180 ? east - 360 : east);
    }

    private static ImageRecord Record(BoundingBox? box, int day, int content) => new()
    {
        Uri = $"/{content}.jpg",
        Sha256 = content.ToString("x64", System.Globalization.CultureInfo.InvariantCulture)[48..] + new string('0', 48),
        SizeBytes = 1,
        ModifiedNanoseconds = 1,
        Width = 4,
        Height = 4,
        Channels = 3,
        BitDepth = 8,
        Folder = "",
        PerceptualHash = 0,
        MeanLuma = 0,
        LumaDeviation = 0,
        NoDataShare = 0,
        TakenAt = DateTimeOffset.UnixEpoch.AddDays(day),
        Footprint = box,
    };
}
