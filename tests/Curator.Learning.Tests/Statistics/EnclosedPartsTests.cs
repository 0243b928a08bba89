using CsCheck;
using Curator.Learning.Statistics;

namespace Curator.Learning.Tests.Statistics;

public sealed class EnclosedPartsTests
{
    private const int Side = 12;

    [Theory]
    [InlineData(1), InlineData(2), InlineData(5), InlineData(12)]
    public void Depths_equal_the_lowest_paths_to_the_frame_by_relaxing_until_nothing_changes(int side) =>
        Gen.Select(Gen.Byte.Array[side * side], Gen.Int[1, 255], Gen.Bool).Sample((bytes, coarseness, bright) =>
        {
            // Coarse planes have plateaus and ties; fine ones have many levels.
            int[] levels = [.. bytes.Select(b => b / coarseness * coarseness)];
            Assert.Equal(ByRelaxing(levels, side, bright), Depths(levels, side, bright));
        }, iter: 100);

    [Fact]
    public void A_bright_square_in_the_middle_has_its_contrast_as_depth_and_is_not_deep_for_the_dark()
    {
        var levels = Square(5, 5, 3, ground: 40, figure: 200);

        Assert.Equal(levels.Select(level => level == 200 ? (byte)160 : (byte)0), Depths(levels, Side, bright: true));
        Assert.All(Depths(levels, Side, bright: false), depth => Assert.Equal(0, depth));
    }

    [Fact]
    public void A_square_that_touches_the_frame_has_no_depth()
    {
        foreach (var (x, y) in new[] { (0, 4), (9, 4), (4, 0), (4, 9), (0, 0) })
            Assert.All(Depths(Square(x, y, 3, ground: 40, figure: 200), Side, bright: true), depth => Assert.Equal(0, depth));
    }

    [Fact]
    public void A_bridge_to_the_frame_takes_as_much_depth_as_it_is_bright()
    {
        var levels = Square(5, 5, 3, ground: 40, figure: 200);
        for (var x = 0; x < 5; x++) levels[(6 * Side) + x] = 140;

        // The way out is over the bridge now, which lies 60 levels below the square.
        Assert.Equal(60, Depths(levels, Side, bright: true)[(6 * Side) + 6]);
    }

    [Fact]
    public void A_diagonal_gap_does_not_let_the_flood_through()
    {
        // A ring of four bright pixels that touch at their corners only.
        var levels = new int[Side * Side];
        foreach (var (x, y) in new[] { (5, 4), (4, 5), (6, 5), (5, 6) }) levels[(y * Side) + x] = 100;

        Assert.Equal(100, Depths(levels, Side, bright: false)[(5 * Side) + 5]);
    }

    [Fact]
    public void The_histogram_counts_every_pixel_once_for_each_plane_and_polarity()
    {
        var pixels = Support.Pictures.Rgb(7, Side);
        var planes = new ColourPlanes(Side);
        planes.Fill(pixels);
        var histogram = new float[EnclosedParts.Bins];
        new EnclosedParts(Side).Count(planes, histogram);

        Assert.All(histogram.Chunk(EnclosedParts.DepthBins), bins => Assert.Equal(Side * Side, bins.Sum(), 1e-2));
    }

    [Fact]
    public void Where_an_enclosed_part_lies_does_not_matter_until_it_touches_the_frame()
    {
        var middle = Group(22, 22);

        Assert.Equal(middle, Group(2, 22));
        Assert.Equal(middle, Group(42, 42));
        // One part in ten of the pixels is deep in three of the six histograms: Hellinger's distance is √(3/6 · (2 − 2·√0.902)), of which the group has its share.
        var expected = Math.Sqrt(0.5 * (2 - (2 * Math.Sqrt(1 - (100 / 1024.0)))) * middle.Sum(value => (double)value * value));
        Assert.Equal(expected, System.Numerics.Tensors.TensorPrimitives.Distance<float>(middle, Group(0, 22)), 1e-4);
    }

    /// <summary>A green square of 20 pixels in blue; the numbers of this group only.</summary>
    private static float[] Group(int left, int top)
    {
        var pixels = new byte[64 * 64 * 3];
        for (var y = 0; y < 64; y++)
            for (var x = 0; x < 64; x++)
            {
                var inside = x >= left && x < left + 20 && y >= top && y < top + 20;
                (inside ? [90, 120, 60] : (ReadOnlySpan<byte>)[10, 20, 60]).CopyTo(pixels.AsSpan(((y * 64) + x) * 3));
            }
        var vector = new float[StatisticsExtractor.Dimension];
        new StatisticsExtractor().Extract(pixels, vector);
        return vector[^EnclosedParts.Bins..];
    }

    private static int[] Square(int left, int top, int size, int ground, int figure) =>
        [.. Enumerable.Range(0, Side * Side).Select(i => i % Side >= left && i % Side < left + size && i / Side >= top && i / Side < top + size ? figure : ground)];

    private static byte[] Depths(int[] levels, int side, bool bright)
    {
        var depths = new byte[side * side];
        new EnclosedParts(side).Depths([.. levels.Select(level => level / 255f)], bright, depths);
        return depths;
    }

    /// <summary>Literal: filled = max(own level, least filled neighbour), from infinity down until nothing changes; on the frame filled is the level.</summary>
    private static byte[] ByRelaxing(int[] levels, int side, bool bright)
    {
        int[] own = [.. levels.Select(level => bright ? 255 - level : level)];
        int[] filled = [.. own.Select((level, i) => i % side == 0 || i % side == side - 1 || i / side == 0 || i / side == side - 1 ? level : int.MaxValue)];
        for (var changed = true; changed;)
        {
            changed = false;
            for (var y = 1; y < side - 1; y++)
                for (var x = 1; x < side - 1; x++)
                {
                    var i = (y * side) + x;
                    var least = Math.Min(Math.Min(filled[i - 1], filled[i + 1]), Math.Min(filled[i - side], filled[i + side]));
                    var value = Math.Max(own[i], least);
                    if (value >= filled[i]) continue;
                    filled[i] = value;
                    changed = true;
                }
        }
        return [.. filled.Select((value, i) => (byte)(value - own[i]))];
    }
}
