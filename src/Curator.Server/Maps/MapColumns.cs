using Curator.Core;
using Curator.Core.Catalogs;
using Curator.Core.Embeddings;
using Curator.Core.Images;
using Curator.Search.Maps;

namespace Curator.Server.Maps;

/// <summary>A column of values for the points of a map, and what they mean.</summary>
/// <param name="Legend">Categories <c>{names}</c>, or a scale <c>{low, high, unit}</c> of which 0 to 65,534 are even steps; 65,535 is none.</param>
internal sealed record MapColumn(object Legend, ushort[] Values);

/// <summary>What points can be coloured by, besides the clusters that the map itself has.</summary>
internal sealed class MapColumns(Workspace workspace)
{
    private const int Steps = ushort.MaxValue - 1;

    public async Task<MapColumn> ProductAsync(MapFile map, CancellationToken cancellationToken)
    {
        var partitions = (await workspace.Catalog.GetPartitionsAsync(cancellationToken)).ToDictionary(partition => partition.Number);
        var names = map.Info.Partitions.Where(partition => partitions.ContainsKey(partition.Number)).Select(partition => partitions[partition.Number].Product)
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        var values = NoneFor(map);
        foreach (var partition in map.Info.Partitions)
        {
            if (!partitions.TryGetValue(partition.Number, out var known)) continue;
            var (first, rows) = map.PointsOf(partition.Number);
            values.AsSpan(first, rows.Length).Fill((ushort)names.IndexOf(known.Product));
        }

        return new MapColumn(new { names }, values);
    }

    /// <summary>Duplicates, hidden ones and those whose file is gone or was changed; all others are "shown".</summary>
    public async Task<MapColumn> StateAsync(MapFile map, CancellationToken cancellationToken)
    {
        var values = new ushort[map.Count];
        foreach (var partition in map.Info.Partitions)
            foreach (var (row, state) in await workspace.Catalog.GetImageStatesAsync(partition.Number, cancellationToken))
                if (map.PointOf(new ImageId(partition.Number, row)) is >= 0 and var point)
                    values[point] = (ushort)(1 + (int)state);
        string[] names = ["shown", .. Enum.GetNames<ImageState>().Select(name => name.ToLowerInvariant())];
        return new MapColumn(new { names }, values);
    }

    public async Task<MapColumn> DateAsync(Shelved shelved, CancellationToken cancellationToken)
    {
        Lazy<Task<long[]>> reading;
        lock (shelved) reading = shelved.Dates ??= new Lazy<Task<long[]>>(() => Task.Run(() => ReadDatesAsync(shelved.Map)));
        var dates = await reading.Value.WaitAsync(cancellationToken);
        long low = long.MaxValue, high = long.MinValue;
        foreach (var date in dates)
            if (date != long.MinValue)
                (low, high) = (Math.Min(low, date), Math.Max(high, date));
        if (low > high) return new MapColumn(new { low = 0.0, high = 0.0, unit = "date" }, NoneFor(shelved.Map));
        var values = Array.ConvertAll(dates, date => date == long.MinValue ? MapBytes.None : (ushort)((date - low) * Steps / Math.Max(1.0, high - low)));
        return new MapColumn(new { low = (double)low, high = (double)high, unit = "date" }, values);
    }

    /// <exception cref="WorkspaceException">No such task.</exception>
    public async Task<MapColumn> LabelsAsync(MapFile map, string task, CancellationToken cancellationToken)
    {
        var classes = (await workspace.Labels.GetTaskAsync(task, cancellationToken)).Classes.ToList();
        var values = NoneFor(map);
        foreach (var state in await workspace.Labels.GetStatesAsync(task, cancellationToken))
            if (map.PointOf(state.Image) is >= 0 and var point)
                values[point] = (ushort)(state.Value is null ? classes.Count : classes.IndexOf(state.Value) is >= 0 and var place ? place : MapBytes.None);
        return new MapColumn(new { names = (string[])[.. classes, "unsure"] }, values);
    }

    /// <summary>Probabilities of the last sweep; of several classes, that of the first.</summary>
    /// <exception cref="WorkspaceException">No such task.</exception>
    public async Task<MapColumn> ScoresAsync(MapFile map, string task, CancellationToken cancellationToken)
    {
        await workspace.Labels.GetTaskAsync(task, cancellationToken);
        var partitions = (await workspace.Catalog.GetPartitionsAsync(cancellationToken)).ToDictionary(partition => partition.Number);
        var values = NoneFor(map);
        foreach (var partition in map.Info.Partitions)
        {
            if (!partitions.TryGetValue(partition.Number, out var known) || workspace.ScorePath(known, task) is var path && !File.Exists(path)) continue;
            using var scores = EmbeddingFile.Open(path, $"curator classify {task}");
            var (first, rows) = map.PointsOf(partition.Number);
            var row = new float[scores.Dimension];
            for (var i = 0; i < rows.Length; i++)
            {
                if (rows.Span[i] >= scores.Rows) continue;
                scores.Read(rows.Span[i], row);
                values[first + i] = (ushort)(Math.Clamp(row[0], 0, 1) * Steps);
            }
        }

        return new MapColumn(new { low = 0.0, high = 1.0, unit = "probability" }, values);
    }

    /// <summary>Milliseconds since 1970 of each point, the least number where unknown. Not ended by one visitor who goes away: others wait for it too.</summary>
    private Task<long[]> ReadDatesAsync(MapFile map) => ReadDatesAsync(map, CancellationToken.None);

    private async Task<long[]> ReadDatesAsync(MapFile map, CancellationToken cancellationToken)
    {
        var dates = new long[map.Count];
        Array.Fill(dates, long.MinValue);
        var partitions = (await workspace.Catalog.GetPartitionsAsync(cancellationToken)).ToDictionary(partition => partition.Number);
        foreach (var partition in map.Info.Partitions)
        {
            if (!partitions.TryGetValue(partition.Number, out var known)) continue;
            var (first, rows) = map.PointsOf(partition.Number);
            using var manifest = workspace.OpenManifest(known);
            uint row = 0;
            var place = 0;
            foreach (var record in manifest.Read(0, Math.Min(known.Rows, partition.Rows)))
            {
                if (place < rows.Length && rows.Span[place] == row)
                {
                    if (record.TakenAt is { } taken) dates[first + place] = taken.ToUnixTimeMilliseconds();
                    place++;
                }

                row++;
            }
        }

        return dates;
    }

    private static ushort[] NoneFor(MapFile map)
    {
        var values = new ushort[map.Count];
        Array.Fill(values, MapBytes.None);
        return values;
    }
}
