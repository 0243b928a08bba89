namespace Curator.Core.Images;

/// <summary>A box on the Earth in degrees, EPSG:4326. <c>West</c> is greater than <c>East</c> when the box crosses the antimeridian.</summary>
/// <param name="South">-90 to 90.</param>
/// <param name="West">-180 to 180.</param>
/// <param name="North">-90 to 90, not less than <paramref name="South"/>.</param>
/// <param name="East">-180 to 180.</param>
public readonly record struct BoundingBox(double South, double West, double North, double East)
{
    public bool CrossesAntimeridian => West > East;

    /// <summary>Whether the two boxes share at least a point.</summary>
    public bool Intersects(BoundingBox other)
    {
        if (South > other.North || other.South > North) return false;
        foreach (var (a, b) in Spans())
            foreach (var (c, d) in other.Spans())
                if (a <= d && c <= b)
                    return true;
        return false;
    }

    /// <summary>Intersection over union of the two boxes in square degrees, 0 to 1.</summary>
    public double OverlapShare(BoundingBox other)
    {
        var height = Math.Min(North, other.North) - Math.Max(South, other.South);
        if (height <= 0) return 0;
        double width = 0;
        foreach (var (a, b) in Spans())
            foreach (var (c, d) in other.Spans())
                width += Math.Max(0, Math.Min(b, d) - Math.Max(a, c));
        var shared = width * height;
        var union = Area() + other.Area() - shared;
        return union <= 0 ? 0 : shared / union;
    }

    private double Area() => (North - South) * (CrossesAntimeridian ? East + 360 - West : East - West);

    private (double From, double To)[] Spans() =>
        CrossesAntimeridian ? [(West, 180), (-180, East)] : [(West, East)];
}
