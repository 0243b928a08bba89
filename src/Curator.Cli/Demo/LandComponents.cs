namespace Curator.Cli.Demo;

/// <summary>One connected piece of land on a picture of the whole Earth.</summary>
/// <param name="Id">Its place in <see cref="LandComponents.All"/>.</param>
/// <param name="Left">First pixel column, 0 to width − 1.</param>
/// <param name="Top">First pixel row.</param>
/// <param name="Right">One beyond the last column; greater than the width when the piece crosses the antimeridian.</param>
/// <param name="Bottom">One beyond the last row.</param>
/// <param name="Pixels">Land pixels.</param>
/// <param name="AreaSquareKm">Area on the sphere.</param>
internal readonly record struct LandComponent(int Id, int Left, int Top, int Right, int Bottom, int Pixels, double AreaSquareKm);

/// <summary>
/// The connected pieces of a land mask: 8-connectivity (pixels that touch at a corner belong together), the left and the right edge joined.
/// Runs of each row are joined with those of the row above by union-find. Cost: O(pixels). Immutable; thread-safe.
/// </summary>
internal sealed class LandComponents
{
    private LandComponents(IReadOnlyList<LandComponent> all) => All = all;

    /// <summary>In the order of their first pixel, row by row.</summary>
    public IReadOnlyList<LandComponent> All { get; }

    private readonly record struct Run(int Row, int From, int To);

    public static LandComponents Of(LandMask mask, CancellationToken cancellationToken)
    {
        var runs = new List<Run>();
        var parents = new List<int>();
        int aboveFrom = 0, aboveTo = 0;
        for (var row = 0; row < mask.Height; row++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var first = runs.Count;
            AddRuns(mask.Row(row), row, runs, parents);
            JoinWithRowAbove(runs, parents, aboveFrom, aboveTo, first);
            JoinAcrossSeam(runs, parents, aboveFrom, aboveTo, first, mask.Width);
            (aboveFrom, aboveTo) = (first, runs.Count);
        }
        return new LandComponents(Measure(runs, parents, mask));
    }

    private static void AddRuns(ReadOnlySpan<bool> row, int number, List<Run> runs, List<int> parents)
    {
        for (var column = 0; column < row.Length; column++)
        {
            if (!row[column]) continue;
            var from = column;
            while (column < row.Length && row[column]) column++;
            parents.Add(runs.Count);
            runs.Add(new Run(number, from, column));
        }
    }

    private static void JoinWithRowAbove(List<Run> runs, List<int> parents, int aboveFrom, int aboveTo, int first)
    {
        var above = aboveFrom;
        for (var i = first; i < runs.Count; i++)
        {
            // Touching at a corner is touching: the ranges may be one pixel apart.
            while (above < aboveTo && runs[above].To < runs[i].From) above++;
            for (var j = above; j < aboveTo && runs[j].From <= runs[i].To; j++) Join(parents, i, j);
        }
    }

    /// <summary>The left end of this row meets the right ends of this row and of the row above, and the other way round.</summary>
    private static void JoinAcrossSeam(List<Run> runs, List<int> parents, int aboveFrom, int aboveTo, int first, int width)
    {
        if (first == runs.Count) return;
        var (left, right) = (first, runs.Count - 1);
        var startsLeft = runs[left].From == 0;
        var endsRight = runs[right].To == width;
        if (startsLeft && endsRight) Join(parents, left, right);
        if (aboveFrom == aboveTo) return;
        if (startsLeft && runs[aboveTo - 1].To == width) Join(parents, left, aboveTo - 1);
        if (endsRight && runs[aboveFrom].From == 0) Join(parents, right, aboveFrom);
    }

    private static List<LandComponent> Measure(List<Run> runs, List<int> parents, LandMask mask)
    {
        var areas = mask.PixelAreasSquareKm();
        var places = new Dictionary<int, int>();
        var members = new List<List<Run>>();
        for (var i = 0; i < runs.Count; i++)
        {
            var root = Root(parents, i);
            if (!places.TryGetValue(root, out var place))
            {
                places[root] = place = members.Count;
                members.Add([]);
            }
            members[place].Add(runs[i]);
        }
        return [.. members.Select((piece, id) => Measure(id, piece, mask.Width, areas))];
    }

    private static LandComponent Measure(int id, List<Run> runs, int width, double[] areas)
    {
        var (left, right) = Span(runs, width);
        return new LandComponent(
            id, left, runs[0].Row, right, runs[^1].Row + 1,
            runs.Sum(run => run.To - run.From), runs.Sum(run => (run.To - run.From) * areas[run.Row]));
    }

    /// <summary>The narrowest range of columns, round the Earth if need be, that holds all runs: it begins after the widest gap.</summary>
    private static (int Left, int Right) Span(List<Run> runs, int width)
    {
        var sorted = runs.OrderBy(run => run.From).ToList();
        int reach = sorted[0].To, widest = -1, start = 0;
        foreach (var run in sorted)
        {
            if (run.From - reach > widest && run.From > reach) (widest, start) = (run.From - reach, run.From);
            reach = Math.Max(reach, run.To);
        }
        var seam = sorted[0].From + width - reach;
        if (seam >= widest) return (sorted[0].From, reach);
        var end = sorted.Where(run => run.From < start).Max(run => run.To);
        return (start, end + width);
    }

    private static void Join(List<int> parents, int a, int b)
    {
        var (x, y) = (Root(parents, a), Root(parents, b));
        if (x < y) parents[y] = x;
        else parents[x] = y;
    }

    private static int Root(List<int> parents, int i)
    {
        while (parents[i] != i) i = parents[i] = parents[parents[i]];
        return i;
    }
}
