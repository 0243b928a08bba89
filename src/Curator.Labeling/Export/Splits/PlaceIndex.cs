using Curator.Core.Images;

namespace Curator.Labeling.Export.Splits;

/// <summary>
/// Which of many boxes on the Earth touch. Each box lies in the cells of a grid whose edge is at least its own, so that a box touches few cells of its own grid and of coarser ones; every
/// pair is found from the smaller box. Longitudes go round. Building and all pairs: O(boxes + pairs).
/// </summary>
internal sealed class PlaceIndex
{
    /// <summary>Degrees, about a centimetre: edges that are equal in the source are not equal to the last bit.</summary>
    private const double Tolerance = 1e-7;

    private const int FinestLevel = 24;

    private readonly IReadOnlyList<BoundingBox> _boxes;
    private readonly int[] _levels;
    private readonly Dictionary<(int Level, int X, int Y), List<int>> _cells = [];
    private readonly int[] _present;

    public PlaceIndex(IReadOnlyList<BoundingBox> boxes)
    {
        _boxes = boxes;
        _levels = new int[boxes.Count];
        for (var i = 0; i < boxes.Count; i++)
        {
            _levels[i] = LevelOf(boxes[i]);
            foreach (var cell in CellsOf(boxes[i], _levels[i]))
            {
                if (!_cells.TryGetValue(cell, out var inside)) _cells[cell] = inside = [];
                inside.Add(i);
            }
        }
        _present = [.. _levels.Distinct().Order()];
    }

    /// <summary>Calls <paramref name="found"/> once for each two boxes that share at least a point.</summary>
    public void ForEachPair(Action<int, int> found)
    {
        var seenFrom = new int[_boxes.Count];
        Array.Fill(seenFrom, -1);
        for (var i = 0; i < _boxes.Count; i++)
        {
            foreach (var level in _present)
            {
                if (level > _levels[i]) break;
                foreach (var cell in CellsOf(_boxes[i], level))
                {
                    if (!_cells.TryGetValue(cell, out var inside)) continue;
                    foreach (var other in inside)
                    {
                        if ((level == _levels[i] && other >= i) || seenFrom[other] == i) continue;
                        seenFrom[other] = i;
                        if (Touch(_boxes[i], _boxes[other])) found(Math.Min(i, other), Math.Max(i, other));
                    }
                }
            }
        }
    }

    /// <summary>Whether two boxes share at least a point, edges and corners included.</summary>
    public static bool Touch(BoundingBox a, BoundingBox b)
    {
        if (a.South > b.North + Tolerance || b.South > a.North + Tolerance) return false;
        var east = Around(b.West - a.West);
        return east <= Width(a) + Tolerance || east >= 360 - Width(b) - Tolerance;
    }

    /// <summary>Degrees of longitude, 0 to 360.</summary>
    public static double Width(BoundingBox box) => box.CrossesAntimeridian ? box.East + 360 - box.West : box.East - box.West;

    /// <summary>The longer side, degrees.</summary>
    public static double Edge(BoundingBox box) => Math.Max(Width(box), box.North - box.South);

    private static double Around(double degrees) => degrees - 360 * Math.Floor(degrees / 360);

    private static int LevelOf(BoundingBox box) => Math.Clamp((int)Math.Floor(Math.Log2(360 / Math.Max(Edge(box), 1e-9))), 0, FinestLevel);

    private static IEnumerable<(int Level, int X, int Y)> CellsOf(BoundingBox box, int level)
    {
        var columns = 1 << level;
        var edge = 360.0 / columns;
        var left = (int)Math.Floor((box.West + 180 - Tolerance) / edge);
        var right = Math.Min((int)Math.Floor((box.West + 180 + Width(box) + Tolerance) / edge), left + columns - 1);
        var bottom = (int)Math.Floor((box.South + 90 - Tolerance) / edge);
        var top = (int)Math.Floor((box.North + 90 + Tolerance) / edge);
        for (var y = bottom; y <= top; y++)
            for (var x = left; x <= right; x++)
                yield return (level, ((x % columns) + columns) % columns, y);
    }
}
