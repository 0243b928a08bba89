using Curator.Server.Search;

namespace Curator.Server.Places;

/// <summary>A part of the world as it is looked at.</summary>
/// <param name="West">Degrees; greater than east across the antimeridian.</param>
/// <param name="Across">Cells from west to east.</param>
internal sealed record PlaceQuery(double South, double West, double North, double East, int Across, DateOnly? From, DateOnly? To, PlaceFilter Filter)
{
    /// <summary>Degrees, above 0, at most 360.</summary>
    public double Width => East > West ? Math.Min(360, East - West) : East + 360 - West;
}

/// <summary>
/// Footprints of a view: one by one where there are few, else in square cells of about the view's width / <see cref="PlaceQuery.Across"/>, of which each tells the mean of its images'
/// middles, so that groups stay where their images are. Cost: one look at each footprint, about ten nanoseconds.
/// </summary>
internal static class PlaceView
{
    public const int MostImages = 400;

    public static PlacesAnswer Of(IReadOnlyList<PlacesOfPartition> partitions, IReadOnlyList<string> classes, PlaceQuery query)
    {
        // Cells are aligned to the world, not to the view: moving the map a little does not regroup everything.
        var edge = Edge(query.Width / query.Across);
        var cells = new Dictionary<(int X, int Y), Cell>();
        var single = new List<(PlacesOfPartition Of, int Index)>();
        long total = 0;
        int from = query.From?.DayNumber ?? int.MinValue, to = query.To?.DayNumber ?? int.MaxValue;
        foreach (var partition in partitions)
        {
            var columns = partition.Columns;
            for (var i = 0; i < columns.Count; i++)
            {
                var day = columns.Days[i];
                if ((query.From is not null || query.To is not null) && (day == PlaceColumns.NoDay || day < from || day > to)) continue;
                if (columns.South[i] > query.North || columns.North[i] < query.South) continue;
                double width = columns.Width(i), east = Around(columns.West[i] - query.West);
                if (east > query.Width && east < 360 - width) continue;
                var label = partition.Labels?.Classes[i] ?? 0;
                if (!Passes(query.Filter, label) || (partition.Marked.Count > 0 && partition.Marked.ContainsKey(columns.Rows[i]))) continue;
                total++;
                if (single.Count <= MostImages) single.Add((partition, i));
                var middle = columns.West[i] + width / 2;
                if (middle >= 180) middle -= 360;
                var latitude = (columns.South[i] + columns.North[i]) / 2;
                ref var cell = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(cells, ((int)Math.Floor((middle + 180) / edge), (int)Math.Floor((latitude + 90) / edge)), out var known);
                if (!known) cell = new Cell { South = 90, North = -90, West = 180, East = -180 };
                cell.Add(middle, latitude, columns.South[i], columns.North[i], middle - width / 2, middle + width / 2, label);
            }
        }
        if (total <= MostImages) return new PlacesAnswer(total, [], [.. single.Select(s => Describe(s.Of, s.Index, classes))]);
        return new PlacesAnswer(total, [.. cells.OrderBy(c => c.Key).Select(c => c.Value.Describe())], []);
    }

    private static bool Passes(PlaceFilter filter, int label) => filter switch
    {
        PlaceFilter.Found => label is 1 or -1,
        PlaceFilter.Answered => label > 0,
        PlaceFilter.Open => label <= 0,
        _ => true,
    };

    private static PlacedImage Describe(PlacesOfPartition partition, int i, IReadOnlyList<string> classes)
    {
        var columns = partition.Columns;
        var label = partition.Labels?.Classes[i] ?? 0;
        return new PlacedImage(
            columns.IdOf(i).ToString(), columns.PictureOf(i), columns.BoxOf(i), columns.Days[i] == PlaceColumns.NoDay ? null : DateOnly.FromDayNumber(columns.Days[i]),
            label == 0 ? null : classes[Math.Abs(label) - 1], label > 0);
    }

    /// <summary>The power of two of degrees that is nearest above: cells of one zoom are cells of the next but one, halved.</summary>
    private static double Edge(double degrees) => Math.Pow(2, Math.Ceiling(Math.Log2(Math.Max(degrees, 1e-6))));

    private static double Around(double degrees) => degrees - 360 * Math.Floor(degrees / 360);

    private struct Cell
    {
        private double _longitudes;
        private double _latitudes;
        private long _count;
        private long _found;
        private long _answered;

        public double South { get; set; }

        public double West { get; set; }

        public double North { get; set; }

        public double East { get; set; }

        public void Add(double longitude, double latitude, double south, double north, double west, double east, int label)
        {
            _longitudes += longitude;
            _latitudes += latitude;
            _count++;
            if (label is 1 or -1) _found++;
            if (label > 0) _answered++;
            (South, North) = (Math.Min(South, south), Math.Max(North, north));
            (West, East) = (Math.Min(West, west), Math.Max(East, east));
        }

        public readonly PlaceCell Describe() => new(
            Math.Round(_longitudes / _count, 5), Math.Round(_latitudes / _count, 5), _count, _found, _answered,
            new Box(Math.Round(South, 5), Math.Round(Math.Max(-180, West), 5), Math.Round(North, 5), Math.Round(Math.Min(180, East), 5)));
    }
}
