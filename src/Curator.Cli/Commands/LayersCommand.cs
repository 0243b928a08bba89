using System.CommandLine;
using Curator.Imagery.Gibs;

namespace Curator.Cli.Commands;

/// <summary><c>layers WORDS…</c>: looks for imagery to download.</summary>
internal static class LayersCommand
{
    public static Command Create(Terminal terminal)
    {
        var words = new Argument<string[]>("words") { Description = "All must be in the identifier or the title; any case. All layers when none is given.", Arity = ArgumentArity.ZeroOrMore };
        var projection = new Option<GibsProjection>("--projection") { Description = "Grid: geographic, arctic or antarctic. [default: geographic]", HelpName = "geographic|arctic|antarctic" };
        var refresh = new Option<bool>("--refresh") { Description = "Ask the server anew also when its list is not half an hour old." };
        var command = new Command("layers", """
            Look for imagery in the catalogue of NASA GIBS: identifier, title, resolution, format, first and last date. The list is kept, so that it is there without the network after the first time.

            Example:
              curator layers modis true color
            """) { words, projection, refresh };
        var binding = new OptionsBinding<GibsOptions>(command, "gibs", except: [.. GibsFlags.ForFetching]);
        command.SetWork(terminal, binding, async (context, options, parsed, cancellationToken) =>
        {
            using var client = new GibsClient(options, context.Clock);
            var catalogue = await client.CatalogueAsync(parsed.GetValue(projection), parsed.GetValue(refresh), cancellationToken);
            if (client.CatalogueFrom is { } since) terminal.Note($"{client.Address} cannot be reached; this is its list of {since:yyyy-MM-dd HH:mm} UTC.");
            var found = catalogue.Search(parsed.GetValue(words) ?? []).ToList();
            terminal.Result(found.Select(layer => new
            {
                layer.Identifier, layer.Title, layer.Resolution, layer.Format, grid = layer.Grid.Name, first = layer.Domain.First?.Text, last = layer.Domain.Last?.Text, subDaily = layer.Domain.IsSubDaily,
            }));
            if (found.Count == 0)
            {
                terminal.Line($"None of the {catalogue.Layers.Count:N0} layers has all these words.");
                return ExitCodes.DoneWithSkipped;
            }
            terminal.Table(["identifier", "title", "resolution", "format", "first", "last"], found.Select(layer => (IReadOnlyList<string>)
                [layer.Identifier, layer.Title, layer.Resolution, layer.Format.Replace("image/", "", StringComparison.Ordinal), layer.Domain.First?.Text ?? "", layer.Domain.Last?.Text ?? ""]));
            terminal.Note($"{found.Count:N0} of {catalogue.Layers.Count:N0} layers. First dates are those of the latest hundred periods; download asks for all.");
            return ExitCodes.Done;
        });
        return command;
    }
}
