using System.CommandLine;
using Curator.Cli.Demo;
using Curator.Cli.Jobs;
using Curator.Core;

namespace Curator.Cli.Commands;

/// <summary><c>demo</c>: every island on Earth from one picture of one.</summary>
internal static class DemoCommand
{
    /// <summary>Where the packages with imagery and land polygons are; set by the start script.</summary>
    private const string PackagesVariable = "CURATOR_DEMO_PACKAGES";

    public static Command Create(Terminal terminal)
    {
        var simulate = new Option<bool>("--simulate") { Description = "Let land polygons answer instead of people; runs unattended." };
        var example = new Option<string?>("--example") { Description = "Another example than the one that comes with the demo.", HelpName = "picture" };
        var command = new Command("demo", """
            The whole job on real Earth imagery: NASA's Blue Marble is cut into overlapping tiles, and from one picture of an island Curator finds every island on
            Earth. Without --simulate you answer on the web page; with it, Natural Earth's land polygons do. They also score the result.

            Example:
              curator demo --simulate
            """) { simulate, example };
        var flags = new FindFlags(command, nameof(FindOptions.Task), nameof(FindOptions.Question), nameof(FindOptions.Simulate));
        command.SetWork(terminal, async (context, parsed, cancellationToken) =>
        {
            if (context.ShowConfig)
            {
                context.PrintSettings(flags.Resolve(parsed, context.SettingsFile).Settings);
                return ExitCodes.Done;
            }
            var root = context.WorkspaceNamed ? context.WorkspaceRoot : Path.GetFullPath("curator-demo");
            var workspace = await context.InitAsync(root, cancellationToken);
            var packages = Environment.GetEnvironmentVariable(PackagesVariable)
                ?? throw new WorkspaceException("The demo's imagery is not installed.", "Start the demo with ./curator demo, or run npm ci in demo/ and set CURATOR_DEMO_PACKAGES to that folder.");
            var clock = await JobClock.LoadAsync(workspace, DemoPlan.Task, cancellationToken);
            var data = await clock.RunAsync("cut", terminal, d => $"{d.TileCount:N0} tiles, {d.PositiveCount:N0} with an island", () =>
                DemoData.PrepareAsync(packages, Path.Combine(workspace.Root, "data"), context.Progress, cancellationToken));

            var (find, train, learn, serve, _) = flags.Resolve(parsed, context.SettingsFile);
            find = find with
            {
                Task = DemoPlan.Task,
                Question = DemoPlan.Question,
                Simulate = parsed.GetValue(simulate) ? data.TruthCsv : null,
                Minutes = find.Minutes ?? DemoPlan.TrainingMinutes,
            };
            var output = Path.GetFullPath(find.Out ?? Path.Combine(workspace.Root, "exports", find.Task));
            var request = new FindRequest(
                Path.GetFullPath(parsed.GetValue(example) ?? data.ExamplePicture), [data.TilesDirectory], output,
                find, train with { Minutes = find.Minutes }, learn, serve, new IslandFindReport(data));
            var result = await new FindJob(context, workspace, request).RunAsync(cancellationToken);
            FindText.Print(terminal, result);
            return result.Refused > 0 ? ExitCodes.DoneWithSkipped : ExitCodes.Done;
        });
        return command;
    }
}
