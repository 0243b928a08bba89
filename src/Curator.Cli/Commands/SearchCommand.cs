using System.CommandLine;
using Curator.Core.Images;
using Curator.Imagery.Sheets;
using Curator.Search;

namespace Curator.Cli.Commands;

/// <summary><c>search PICTURE…</c>: the most similar pictures.</summary>
internal static class SearchCommand
{
    public static Command Create(Terminal terminal)
    {
        var pictures = new Argument<string[]>("picture") { Description = "Picture files, or ids of pictures in the project (3-1742).", Arity = ArgumentArity.OneOrMore };
        var not = new Option<string[]>("--not") { Description = "Pictures or ids to keep away from.", HelpName = "picture", AllowMultipleArgumentsPerToken = true };
        var count = new Option<int>("--count", "-k") { Description = "How many.", DefaultValueFactory = _ => 20, HelpName = "number" };
        var encoder = new Option<string?>("--encoder") { Description = "Name or name@version. [default: the newest that has embeddings]", HelpName = "encoder" };
        var sheet = new Option<string?>("--sheet") { Description = "Also write a contact sheet of the hits here (PNG).", HelpName = "file" };
        var command = new Command("search", """
            Find the pictures most similar to one or several examples: cosine distance of embeddings, smallest first.

            Example:
              curator search island.jpg -k 20 --sheet hits.png
            """) { pictures, not, count, encoder, sheet };
        command.SetWork(terminal, async (context, parsed, cancellationToken) =>
        {
            var workspace = await context.OpenAsync(cancellationToken);
            var row = await EmbeddedEncoders.ChooseAsync(workspace, parsed.GetValue(encoder), cancellationToken);
            var vectors = new QueryVectors(workspace, row);
            var query = new SearchQuery
            {
                Positives = await vectors.GetAsync(parsed.GetRequiredValue(pictures), cancellationToken),
                Negatives = await vectors.GetAsync(parsed.GetValue(not) ?? [], cancellationToken),
                Count = parsed.GetValue(count),
            };
            var hits = await new PartitionedSearch(workspace, row).SearchAsync(query, cancellationToken);
            var found = new List<(SearchHit Hit, ImageRecord Record)>();
            foreach (var hit in hits) found.Add((hit, await workspace.GetImageAsync(hit.Image, cancellationToken)));

            terminal.Table(
                ["distance", "id", "picture"],
                found.Select(f => (IReadOnlyList<string>)[f.Hit.Distance.ToString("0.0000", System.Globalization.CultureInfo.InvariantCulture), f.Hit.Image.ToString(), f.Record.Uri]));
            terminal.Result(found.Select(f => new
            {
                id = f.Hit.Image.ToString(),
                distance = f.Hit.Distance,
                path = f.Record.Uri,
                takenAt = f.Record.TakenAt,
                footprint = f.Record.Footprint,
            }));
            if (parsed.GetValue(sheet) is { } path)
            {
                ContactSheet.Write(
                    path,
                    [.. found.Select(f => new SheetItem(f.Record.Uri, f.Hit.Distance.ToString("0.000", System.Globalization.CultureInfo.InvariantCulture)))],
                    new SheetOptions { Title = $"Like {string.Join(", ", parsed.GetRequiredValue(pictures).Select(Path.GetFileName))} ({row.Id})" });
                terminal.Note($"Contact sheet: {Path.GetFullPath(path)}");
            }
            return ExitCodes.Done;
        });
        return command;
    }
}
