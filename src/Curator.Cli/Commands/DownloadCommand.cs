using System.CommandLine;
using System.Globalization;
using Curator.Core;
using Curator.Imagery.Animation;
using Curator.Imagery.Gibs;
using Curator.Imagery.Ingest;

namespace Curator.Cli.Commands;

/// <summary><c>download LAYER…</c>: fetches imagery, cuts it into tiles, and takes them into the project.</summary>
internal static class DownloadCommand
{
    public static Command Create(Terminal terminal)
    {
        var layers = new Argument<string[]>("layer") { Description = "Identifiers of layers: 'curator layers WORDS' finds them.", Arity = ArgumentArity.OneOrMore };
        var plan = new Option<bool>("--plan") { Description = "Say what would be fetched, how much and how long, and stop." };
        var output = new Option<string?>("--out") { Description = "Where the tiles go. [default: imagery, in the project or else here]", HelpName = "folder" };
        var noAdd = new Option<bool>("--no-add") { Description = "Do not take the tiles into the project." };
        var animate = new Option<string?>("--animate") { Description = "Also make a time-lapse of the region: a file that ends in .webp, .gif, .mp4 or .webm.", HelpName = "file" };
        var noTiles = new Option<bool>("--no-tiles") { Description = "Only the time-lapse." };
        var command = new Command("download", """
            Fetch imagery of NASA GIBS at its native pixels: a layer, days, a region. Tiles are named by date and corners and, in a project, taken in with product, resolution and date. What was fetched
            is kept and checked, so whatever is interrupted goes on with the same command. Sizes make sets of tiles of several scales.

            Example:
              curator download MODIS_Terra_CorrectedReflectance_TrueColor --from 2020-09-27 --bbox=36,-9,42,-6
            """) { layers, plan, output, noAdd, animate, noTiles };
        var downloading = new OptionsBinding<DownloadOptions>(command, "download");
        var serving = new OptionsBinding<GibsOptions>(command, "gibs");
        var animating = new OptionsBinding<AnimationOptions>(command, "animate");
        command.SetWork(terminal, async (context, parsed, cancellationToken) =>
        {
            var (options, settings) = downloading.Resolve(parsed, context.SettingsFile);
            var (server, serverSettings) = serving.Resolve(parsed, context.SettingsFile);
            var (animation, animationSettings) = animating.Resolve(parsed, context.SettingsFile);
            if (context.ShowConfig)
            {
                context.PrintSettings([.. settings, .. serverSettings, .. animationSettings]);
                return ExitCodes.Done;
            }
            var film = parsed.GetValue(animate);
            if (film is null && parsed.GetValue(noTiles)) throw new WorkspaceException("--no-tiles was given without --animate: nothing is left to do.", "Give --animate FILE.webp too.");
            if (film is not null) AnimationFile.FormatOf(film);
            using var client = new GibsClient(server, context.Clock);
            var planned = await GibsPlanner.PlanAsync(client, parsed.GetRequiredValue(layers), options, cancellationToken);
            if (parsed.GetValue(plan))
            {
                PrintPlan(terminal, planned, terminal.Line);
                terminal.Result(Plain(planned));
                return ExitCodes.Done;
            }
            PrintPlan(terminal, planned, terminal.Note);
            var inProject = File.Exists(Path.Combine(context.WorkspaceRoot, CommandContext.SettingsFileName));
            var folder = Path.GetFullPath(parsed.GetValue(output) ?? Path.Combine(inProject ? context.WorkspaceRoot : Directory.GetCurrentDirectory(), "imagery"));
            DownloadReport? report = null;
            IngestReport? added = null;
            if (!parsed.GetValue(noTiles))
            {
                report = await GibsDownload.RunAsync(client, planned, folder, context.Progress, cancellationToken);
                Print(terminal, report, folder);
                if (inProject && !parsed.GetValue(noAdd)) added = await AddAsync(terminal, context, report, cancellationToken);
                else terminal.Note($"To take them into a project: curator add {folder}");
            }
            var shown = film is null ? null : await GibsAnimation.RunAsync(client, planned, film, animation, context.Progress, cancellationToken);
            if (shown is not null) terminal.Line($"{shown.Frames:N0} frames of {shown.Width}×{shown.Height} in {shown.Path}{(shown.Skipped > 0 ? $"; {shown.Skipped:N0} times had no picture" : "")}");
            terminal.Result(new { report, added, animation = shown });
            var whole = report is null or { IsComplete: true } && shown is null or { Skipped: 0, MissingTiles: 0 } && added is null or { Refused.Count: 0 };
            return whole ? ExitCodes.Done : ExitCodes.DoneWithSkipped;
        });
        return command;
    }

    private static async Task<IngestReport> AddAsync(Terminal terminal, CommandContext context, DownloadReport report, CancellationToken cancellationToken)
    {
        var workspace = await context.OpenAsync(cancellationToken);
        var reports = new List<IngestReport>();
        foreach (var partition in report.Partitions)
            reports.Add(await Ingest.AddAsync(
                workspace, new IngestOptions { Roots = [partition.Folder], Product = partition.Product, Resolution = partition.Resolution, Period = partition.Period }, context.Engine, context.Progress,
                cancellationToken));
        var all = IngestReport.Together(reports);
        AddCommand.Print(terminal, all);
        return all;
    }

    private static void PrintPlan(Terminal terminal, GibsPlan plan, Action<string> say)
    {
        foreach (var layer in plan.Layers)
        {
            var times = layer.Times is [null] ? "without times" : layer.Times.Count == 1 ? $"{layer.Times[0]}" : $"{layer.Times.Count:N0} times, {layer.Times[0]} to {layer.Times[^1]}";
            say($"{layer.Layer.Identifier}: {times}");
            foreach (var cut in layer.Cuts)
                say($"  {cut.Resolution}: {cut.TileCount:N0} tiles of {cut.TileWidth}×{cut.TileHeight} pixels ({layer.Layer.Grid.ResolutionName(cut.Level)} a pixel) out of {cut.SourceCount:N0} of the server's, each time");
        }
        var left = plan.SourceTiles - plan.KnownTiles;
        say($"{left:N0} tiles to fetch{(plan.KnownTiles > 0 ? $", {plan.KnownTiles:N0} are there" : "")}: about {Size(plan.Bytes)}, {Time(plan.Duration)} at the bandwidth allowed");
    }

    private static object Plain(GibsPlan plan) => new
    {
        layers = plan.Layers.Select(layer => new
        {
            layer = layer.Layer.Identifier,
            times = layer.Times.Select(time => time?.Text),
            cuts = layer.Cuts.Select(cut => new
            {
                cut.Resolution, level = cut.Level.Number, pixel = layer.Layer.Grid.ResolutionName(cut.Level), tileWidth = cut.TileWidth, tileHeight = cut.TileHeight, tiles = cut.TileCount, sourceTiles = cut.SourceCount,
            }),
        }),
        plan.SourceTiles,
        plan.KnownTiles,
        plan.Tiles,
        plan.Bytes,
        seconds = plan.Duration.TotalSeconds,
    };

    private static void Print(Terminal terminal, DownloadReport report, string folder)
    {
        terminal.Line($"{report.Written:N0} tiles written to {folder}, {report.WrittenBefore:N0} were there{(report.LeftOut > 0 ? $", {report.LeftOut:N0} left out as empty" : "")}");
        terminal.Line($"{report.Fetched:N0} of the server's tiles fetched ({report.Requests:N0} requests, {Size(report.BytesFetched)}), {report.AlreadyThere:N0} were there, {report.Blank:N0} have no data");
        if (report.OtherTime > 0) terminal.Line($"{report.OtherTime:N0} came only with another time and were not taken");
        if (report.Failed > 0) terminal.Line($"{report.Failed:N0} could not be fetched; the same command tries them again");
        if (report.Incomplete > 0) terminal.Line($"{report.Incomplete:N0} tiles wait for those");
        foreach (var example in report.Examples) terminal.Line($"  {example}");
    }

    private static string Size(long bytes) => bytes >= 1_000_000_000
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:0.0} GB")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.0} MB");

    private static string Time(TimeSpan time) => time.TotalHours >= 1
        ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalHours:0.0} hours")
        : time.TotalMinutes >= 1 ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalMinutes:0} minutes") : string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(time.TotalSeconds):0} seconds");
}
