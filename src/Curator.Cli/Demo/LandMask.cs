namespace Curator.Cli.Demo;

/// <summary>Which pixels of a picture of the whole Earth (EPSG:4326, north up) are land. Immutable; thread-safe.</summary>
internal sealed class LandMask
{
    private readonly bool[] _land;

    private LandMask(int width, int height, bool[] land) => (Width, Height, _land) = (width, height, land);

    public int Width { get; }

    public int Height { get; }

    /// <param name="column">Any whole number: columns repeat with the Earth's turn.</param>
    public bool this[int column, int row] => _land[row * Width + Wrap(column, Width)];

    /// <summary>One row, <c>[Width]</c>.</summary>
    public ReadOnlySpan<bool> Row(int row) => _land.AsSpan(row * Width, Width);

    /// <summary>A mask drawn by hand, <c>[height, width]</c>, row-major.</summary>
    public static LandMask Of(int width, int height, IEnumerable<bool> land)
    {
        var pixels = land.ToArray();
        return pixels.Length == width * height
            ? new LandMask(width, height, pixels)
            : throw new ArgumentException($"{pixels.Length} pixels are not {height}×{width}.", nameof(land));
    }

    /// <summary>
    /// Rasterises rings by the even-odd rule: a pixel is land when its centre lies inside an odd number of rings. Per ring, each pixel row's
    /// crossings are sorted and the pixels between the odd and the even ones flipped, columns taken modulo the width. Cost: O(crossings log crossings
    /// + land pixels).
    /// </summary>
    /// <param name="rings">Closed, continuous in longitude (<see cref="NaturalEarthLand.Rings"/>).</param>
    public static LandMask Rasterise(IReadOnlyList<GeoPoint[]> rings, int width, int height, CancellationToken cancellationToken)
    {
        var land = new bool[width * height];
        var crossings = new List<(int Row, double X)>();
        foreach (var ring in rings)
        {
            cancellationToken.ThrowIfCancellationRequested();
            crossings.Clear();
            for (var i = 1; i < ring.Length; i++) AddCrossings(ToPixels(ring[i - 1], width, height), ToPixels(ring[i], width, height), height, crossings);
            crossings.Sort();
            for (var i = 0; i + 1 < crossings.Count; i += 2)
            {
                var (row, from) = crossings[i];
                var (last, to) = (FirstCentreAtOrAfter(crossings[i + 1].X), crossings[i + 1].Row);
                System.Diagnostics.Debug.Assert(row == to, "a closed ring crosses each row an even number of times");
                for (var column = FirstCentreAtOrAfter(from); column < last; column++)
                {
                    var pixel = row * width + Wrap(column, width);
                    land[pixel] = !land[pixel];
                }
            }
        }
        return new LandMask(width, height, land);
    }

    /// <summary>Area on the sphere of a pixel in each row, square kilometres, <c>[Height]</c>.</summary>
    public double[] PixelAreasSquareKm()
    {
        var areas = new double[Height];
        const double radiusKm = 6_371.0072;
        for (var row = 0; row < Height; row++)
        {
            var north = Math.Sin(Math.PI * (0.5 - (double)row / Height));
            var south = Math.Sin(Math.PI * (0.5 - (double)(row + 1) / Height));
            areas[row] = radiusKm * radiusKm * (north - south) * 2 * Math.PI / Width;
        }
        return areas;
    }

    /// <summary>Degrees to pixels: x to the right from −180°, y down from 90°, one unit a pixel.</summary>
    internal static (double X, double Y) ToPixels(GeoPoint point, int width, int height) =>
        ((point.Longitude + 180) / 360 * width, (90 - point.Latitude) / 180 * height);

    /// <summary>Where an edge crosses the centre line of a row: the edge owns its upper end and not its lower one, so a shared corner counts once.</summary>
    internal static double CrossingX((double X, double Y) upper, (double X, double Y) lower, double y) =>
        upper.X + (y - upper.Y) / (lower.Y - upper.Y) * (lower.X - upper.X);

    private static void AddCrossings((double X, double Y) from, (double X, double Y) to, int height, List<(int Row, double X)> crossings)
    {
        if (from.Y == to.Y) return;
        var (upper, lower) = from.Y < to.Y ? (from, to) : (to, from);
        var end = Math.Min(FirstCentreAtOrAfter(lower.Y), height);
        for (var row = Math.Max(FirstCentreAtOrAfter(upper.Y), 0); row < end; row++) crossings.Add((row, CrossingX(upper, lower, row + 0.5)));
    }

    private static int FirstCentreAtOrAfter(double position) => (int)Math.Ceiling(position - 0.5);

    private static int Wrap(int column, int width) => (column % width + width) % width;
}
