using System.Globalization;
using Curator.Cli.Reports;

namespace Curator.Cli.Demo;

/// <summary>
/// What a run found, held against the coastlines over all tiles. Lists hold file names: finds and misses by their largest island, largest first, false finds
/// from north to south.
/// </summary>
/// <param name="Islands">Different islands that at least one found tile shows whole, of all that at least one tile shows whole.</param>
internal sealed record DemoFindings(
    IReadOnlyList<string> Found, IReadOnlyList<string> Missed, IReadOnlyList<string> FalseFinds, CountedThings Islands)
{
    /// <summary>0 to 1; 0 when nothing was found.</summary>
    public double Precision => Ratio(Found.Count, Found.Count + FalseFinds.Count);

    /// <summary>0 to 1.</summary>
    public double Recall => Ratio(Found.Count, Found.Count + Missed.Count);

    /// <summary>0 to 1.</summary>
    public double F1 => Ratio(2.0 * Found.Count, 2 * Found.Count + FalseFinds.Count + Missed.Count);

    /// <param name="found">File names, without folder, of the tiles that the run calls islands.</param>
    /// <exception cref="DemoDataException">A name is not one of the demo's tiles, or the truth files were changed.</exception>
    public static async Task<DemoFindings> ScoreAsync(DemoData data, IReadOnlyCollection<string> found, CancellationToken cancellationToken)
    {
        var truth = (await ReadAsync(data.TruthCsv, cancellationToken)).ToDictionary(line => line.Image, line => line.Values[0] == "yes");
        var calls = found.ToHashSet();
        if (calls.FirstOrDefault(call => !truth.ContainsKey(call)) is { } stranger) throw new DemoDataException($"{stranger} is not one of the demo's tiles.");

        var largest = new Dictionary<string, double>();
        HashSet<string> all = [], seen = [];
        foreach (var (image, values) in await ReadAsync(data.IslandsCsv, cancellationToken))
        {
            all.Add(values[0]);
            if (calls.Contains(image)) seen.Add(values[0]);
            largest.TryAdd(image, double.Parse(values[1], CultureInfo.InvariantCulture));
        }
        List<string> Largest(bool called) =>
            [.. truth.Where(tile => tile.Value && calls.Contains(tile.Key) == called).Select(tile => tile.Key).OrderByDescending(image => largest.GetValueOrDefault(image))];
        return new DemoFindings(
            Largest(called: true), Largest(called: false),
            [.. DemoTile.All.Where(tile => calls.Contains(tile.FileName) && !truth[tile.FileName]).OrderBy(tile => tile.Row).Select(tile => tile.FileName)],
            new CountedThings("islands", seen.Count, all.Count));
    }

    /// <summary>Lines of a CSV file of <see cref="DemoData"/>: a quoted image, then plain values.</summary>
    private static async Task<List<(string Image, string[] Values)>> ReadAsync(string path, CancellationToken cancellationToken)
    {
        var lines = new List<(string, string[])>();
        await foreach (var line in File.ReadLinesAsync(path, cancellationToken))
        {
            if (lines.Count == 0 && line.StartsWith("image,", StringComparison.Ordinal)) continue;
            var quote = line.LastIndexOf("\",", StringComparison.Ordinal);
            if (quote < 1 || line[0] != '"') throw new DemoDataException($"{path} was changed: \"{line}\" is not one of its lines.");
            lines.Add((line[1..quote], line[(quote + 2)..].Split(',')));
        }
        return lines;
    }

    private static double Ratio(double part, double whole) => whole == 0 ? 0 : part / whole;
}
