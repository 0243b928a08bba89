using Curator.Cli.Demo;

namespace Curator.Cli.Tests.Demo;

public sealed class LandComponentsTests
{
    [Fact]
    public void Corners_join_and_gaps_part()
    {
        var pieces = Pieces(Drawn.Mask(
            "..........",
            ".##....#..",
            "...#...#..",
            ".......#..",
            ".....#...."));

        Assert.Equal([(1, 1, 4, 3, 3), (7, 1, 8, 4, 3), (5, 4, 6, 5, 1)], pieces);
    }

    [Fact]
    public void The_left_and_the_right_edge_are_joined_even_at_a_corner()
    {
        var pieces = Pieces(Drawn.Mask(
            "#.........",
            ".........#",
            "........##"));

        Assert.Equal([(8, 0, 11, 3, 4)], pieces);
    }

    [Fact]
    public void A_piece_around_the_whole_Earth_is_as_wide_as_the_Earth()
    {
        var pieces = Pieces(Drawn.Mask(
            "....#.....",
            "##########"));

        Assert.Equal([(0, 0, 10, 2, 11)], pieces);
    }

    [Fact]
    public void A_horseshoe_whose_arms_meet_below_is_one_piece()
    {
        var pieces = Pieces(Drawn.Mask(
            "#.#.#.....",
            "#.#.#.....",
            "#####....."));

        Assert.Equal([(0, 0, 5, 3, 11)], pieces);
    }

    [Theory]
    [InlineData(1, 0.2)]
    [InlineData(2, 0.4)]
    [InlineData(3, 0.55)]
    [InlineData(4, 0.8)]
    public void Sizes_equal_those_of_a_flood_fill(int seed, double density)
    {
        var random = new Random(seed);
        var mask = LandMask.Of(37, 23, Enumerable.Range(0, 37 * 23).Select(_ => random.NextDouble() < density));

        var sizes = LandComponents.Of(mask, CancellationToken.None).All.Select(piece => piece.Pixels).Order();

        Assert.Equal(FloodFillSizes(mask).Order(), sizes);
    }

    private static IEnumerable<(int, int, int, int, int)> Pieces(LandMask mask) =>
        LandComponents.Of(mask, CancellationToken.None).All.Select(piece => (piece.Left, piece.Top, piece.Right, piece.Bottom, piece.Pixels));

    private static List<int> FloodFillSizes(LandMask mask)
    {
        var seen = new HashSet<(int, int)>();
        var sizes = new List<int>();
        for (var row = 0; row < mask.Height; row++)
            for (var column = 0; column < mask.Width; column++)
            {
                if (!mask[column, row] || !seen.Add((column, row))) continue;
                var queue = new Queue<(int Column, int Row)>([(column, row)]);
                var size = 0;
                while (queue.TryDequeue(out var at))
                {
                    size++;
                    for (var dy = -1; dy <= 1; dy++)
                        for (var dx = -1; dx <= 1; dx++)
                        {
                            var (x, y) = ((at.Column + dx + mask.Width) % mask.Width, at.Row + dy);
                            if (y >= 0 && y < mask.Height && mask[x, y] && seen.Add((x, y))) queue.Enqueue((x, y));
                        }
                }
                sizes.Add(size);
            }
        return sizes;
    }
}
