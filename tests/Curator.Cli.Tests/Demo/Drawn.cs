using Curator.Cli.Demo;

namespace Curator.Cli.Tests.Demo;

/// <summary>Masks drawn with characters: '#' is land.</summary>
internal static class Drawn
{
    public static LandMask Mask(params string[] rows) => LandMask.Of(rows[0].Length, rows.Length, rows.SelectMany(row => row.Select(pixel => pixel == '#')));

    /// <summary>A mask of the Blue Marble's size with the given boxes of land: column, row, width, height; columns may run beyond the right edge.</summary>
    public static LandMask Boxes(params (int Column, int Row, int Width, int Height)[] boxes)
    {
        var land = new bool[BlueMarble.Width * BlueMarble.Height];
        foreach (var box in boxes)
            for (var row = box.Row; row < box.Row + box.Height; row++)
                for (var column = box.Column; column < box.Column + box.Width; column++)
                    land[row * BlueMarble.Width + column % BlueMarble.Width] = true;
        return LandMask.Of(BlueMarble.Width, BlueMarble.Height, land);
    }
}
