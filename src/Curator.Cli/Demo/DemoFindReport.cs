using Curator.Cli.Jobs;
using Curator.Cli.Reports;
using Curator.Labeling.Classification;

namespace Curator.Cli.Demo;

/// <summary>The demo's own words, map and count of islands.</summary>
internal sealed class DemoFindReport : IFindReport
{
    private readonly DemoData _data;
    private readonly ILookup<string, int> _islands;

    private DemoFindReport(DemoData data, ILookup<string, int> islands)
    {
        _data = data;
        _islands = islands;
    }

    public string Title => "Every island on Earth";

    public string Lead => "From one picture of one island, in NASA's Blue Marble.";

    public string Guidelines =>
        "Yes: at least one island lies whole in the picture, with water all around, and is bigger than a speck. No: open sea, coast of a continent, islands cut by the picture's edge.";

    public IReadOnlyList<string> Definition => IslandTruth.Definition;

    public IReadOnlyList<string> Terms => _data.Terms;

    public string? WorldPicture => _data.WorldPicture;

    public static async Task<DemoFindReport> LoadAsync(DemoData data, CancellationToken cancellationToken)
    {
        var lines = await File.ReadAllLinesAsync(data.IslandsCsv, cancellationToken);
        // "name",number: names hold commas, so the last one divides.
        var pairs = lines.Skip(1).Select(line => (Name: line[..line.LastIndexOf(',')].Trim('"'), Island: int.Parse(line.AsSpan(line.LastIndexOf(',') + 1), provider: null)));
        return new DemoFindReport(data, pairs.ToLookup(p => p.Name, p => p.Island));
    }

    public ReportFigures Complete(ReportFigures figures, Outcome outcome)
    {
        var found = outcome.Found.SelectMany(label => _islands[Path.GetFileName(label.Record.Uri)]).Distinct().LongCount();
        return figures with { Things = new CountedThings("islands", found, _data.IslandCount) };
    }
}
