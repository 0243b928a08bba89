namespace Curator.Imagery.Scenes;

/// <summary>Where tiles begin along one axis.</summary>
internal static class TilePlan
{
    /// <summary>
    /// First pixels of the tiles, ascending: 0, step, 2·step … until the axis is covered. The last one is moved back, kept reaching over the end,
    /// or dropped, as <paramref name="boundary"/> says.
    /// </summary>
    public static IReadOnlyList<int> Starts(int size, int tile, double overlap, TileBoundary boundary)
    {
        var step = Math.Max(1, (int)(tile * (1 - overlap)));
        var starts = new List<int>();
        for (var start = 0; ; start += step)
        {
            var over = start + tile - size;
            if (over <= 0 || boundary == TileBoundary.Pad)
                starts.Add(start);
            else if (boundary == TileBoundary.Shift)
                starts.Add(Math.Max(0, size - tile));
            if (over >= 0) return starts;
        }
    }
}
