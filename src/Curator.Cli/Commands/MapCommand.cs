using System.CommandLine;
using System.Globalization;
using Curator.Core;
using Curator.Imagery.Plots;
using Curator.Imagery.Sheets;
using Curator.Search.Maps;

namespace Curator.Cli.Commands;

/// <summary><c>map</c>: all pictures as points in a plane, like beside like.</summary>
internal static class MapCommand
{
    private const int PictureSide = 1400;
    private const int MostOnSheet = 40;

    public static Command Create(Terminal terminal)
    {
        var encoder = new Option<string?>("--encoder") { Description = "Whose embeddings are laid out. [default: the newest that has embeddings]", HelpName = "encoder" };
        var again = new Option<bool>("--again") { Description = "Lay everything out anew, though new pictures could be placed into the map that is there." };
        var picture = new Option<string?>("--picture") { Description = "Also draw the map here (PNG).", HelpName = "file" };
        var sheet = new Option<string?>("--sheet") { Description = "Also write a contact sheet of the clusters here (PNG): a row each.", HelpName = "file" };
        var command = new Command("map", """
            Lay all pictures out in a plane, like beside like, and find clusters. The map is kept in the project and shown by the page (curator serve); a preview
            appears while it is made. It can be stopped and goes on where it was; pictures embedded since are placed into it and move nobody.

            Example:
              curator map --picture map.png --sheet clusters.png
            """) { encoder, again, picture, sheet };
        var binding = new OptionsBinding<MapOptions>(command, "map");
        command.SetWork(terminal, binding, async (context, options, parsed, cancellationToken) =>
        {
            var workspace = await context.OpenAsync(cancellationToken);
            var row = await EmbeddedEncoders.ChooseAsync(workspace, parsed.GetValue(encoder), cancellationToken);
            var report = await MapBuilding.BuildAsync(workspace, row, options, parsed.GetValue(again), context.Progress, cancellationToken);
            Print(terminal, report);
            if (parsed.GetValue(picture) is { } path)
            {
                PointPicture.Write(path, report.Map.Positions, report.Map.Clusters, PictureSide);
                terminal.Note($"Picture: {Path.GetFullPath(path)}");
            }

            if (parsed.GetValue(sheet) is { } sheetPath) await WriteSheetAsync(terminal, workspace, report.Map, sheetPath, cancellationToken);
            terminal.Result(Plain(report));
            return ExitCodes.Done;
        });
        return command;
    }

    private static void Print(Terminal terminal, MapReport report)
    {
        var (map, info) = (report.Map, report.Map.Info);
        terminal.Line((report.Made, report.Added) switch
        {
            (false, _) => $"Up to date: {map.Count:N0} pictures by {info.Encoder}",
            (_, > 0) => $"{report.Added:N0} new pictures placed into the map, which now has {map.Count:N0}",
            _ => $"{map.Count:N0} pictures laid out by {info.Encoder}{(info.Placed > 0 ? $", {info.Placed:N0} of them placed among the others" : "")}",
        });
        var loose = map.Groups.Count(group => group < 0);
        terminal.Line($"{info.Clusters:N0} clusters by k-means; {info.Groups:N0} groups by density, {loose:N0} pictures in none");
        if (info.Quality is { } quality)
            terminal.Line(string.Create(
                CultureInfo.InvariantCulture, $"Trustworthiness {quality.Trustworthiness:0.000}; of each picture's {quality.K} nearest {quality.NeighboursKept:0.0%} are near it on the map"));
    }

    private static object Plain(MapReport report) => new
    {
        report.Path,
        report.Made,
        report.Added,
        points = report.Map.Count,
        info = report.Map.Info,
        clusters = Sizes(report.Map.Clusters, report.Map.Info.Clusters).Select((size, c) => new { size, pictures = report.Map.RepresentativesOfCluster(c).Select(p => report.Map.Image(p).ToString()) }),
        groups = Sizes(report.Map.Groups, report.Map.Info.Groups).Select((size, g) => new { size, pictures = report.Map.RepresentativesOfGroup(g).Select(p => report.Map.Image(p).ToString()) }),
    };

    private static int[] Sizes(int[] numbers, int count)
    {
        var sizes = new int[count];
        foreach (var number in numbers)
            if (number >= 0)
                sizes[number]++;
        return sizes;
    }

    private static async Task WriteSheetAsync(Terminal terminal, Workspace workspace, MapFile map, string path, CancellationToken cancellationToken)
    {
        var sizes = Sizes(map.Clusters, map.Info.Clusters);
        var items = new List<SheetItem>();
        foreach (var cluster in Enumerable.Range(0, sizes.Length).OrderByDescending(c => sizes[c]).Take(MostOnSheet))
        {
            foreach (var point in map.RepresentativesOfCluster(cluster))
            {
                var image = await workspace.GetImageAsync(map.Image(point), cancellationToken);
                items.Add(new SheetItem(image.Uri, items.Count % map.Info.Representatives == 0 ? $"cluster {cluster}: {sizes[cluster]:N0}" : Path.GetFileName(image.Uri)));
            }

            // A small cluster's row is filled up, so that each begins a line.
            while (items.Count % map.Info.Representatives != 0) items.Add(new SheetItem(new Imagery.RgbImage(1, 1, new byte[] { 255, 255, 255 }), ""));
        }

        ContactSheet.Write(path, items, new SheetOptions
        {
            Title = $"{map.Info.Clusters:N0} clusters of {map.Count:N0} pictures",
            Subtitle = map.Info.Clusters > MostOnSheet ? $"the {MostOnSheet} largest, a row each" : "a row each, the middle first",
            Columns = map.Info.Representatives,
            CellSide = 110,
        });
        terminal.Note($"Contact sheet: {Path.GetFullPath(path)}");
    }
}
