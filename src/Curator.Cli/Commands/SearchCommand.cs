using System.CommandLine;
using System.Globalization;
using Curator.Cli.Searching;
using Curator.Core;
using Curator.Core.Catalogs;
using Curator.Core.Files;
using Curator.Imagery.Sheets;
using Curator.Search;
using Curator.Search.Exchange;

namespace Curator.Cli.Commands;

/// <summary><c>search PICTURE…</c>: the most similar pictures.</summary>
internal sealed class SearchCommand
{
    private readonly Argument<string[]> _pictures = new("picture") { Description = "Picture files, or ids of pictures in the project (3-1742).", Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<string[]> _not = new("--not") { Description = "Pictures or ids to keep away from.", HelpName = "picture", AllowMultipleArgumentsPerToken = true };
    private readonly Option<string[]> _embedding = new("--embedding") { Description = "Search with these numbers: a .npy file, or a text file of numbers; each row is one more example.", HelpName = "file" };
    private readonly Option<string?> _batch = new("--batch") { Description = "Many searches: a file with a picture or id a line, or a .npy matrix with a query a row.", HelpName = "file" };
    private readonly Option<int> _count = new("--count", "-k") { Description = "How many.", DefaultValueFactory = _ => 20, HelpName = "number" };
    private readonly Option<string?> _encoder = new("--encoder") { Description = "Name or name@version. [default: the newest that has embeddings]", HelpName = "encoder" };
    private readonly Option<bool> _exact = new("--exact") { Description = "Look at every picture, as if there were no index." };
    private readonly Option<SearchFormat> _format = new("--format") { Description = "How hits are written. [default: table]", HelpName = "table|csv|geojson" };
    private readonly Option<string?> _out = new("--out") { Description = "Write the csv or geojson here instead of printing it.", HelpName = "file" };
    private readonly Option<string?> _sheet = new("--sheet") { Description = "Also write a contact sheet of the hits here (PNG); in a batch one a query, numbered.", HelpName = "file" };
    private readonly SearchFlags _flags;
    private readonly Terminal _terminal;

    private SearchCommand(Terminal terminal, Command command)
    {
        _terminal = terminal;
        command.Arguments.Add(_pictures);
        foreach (var option in (Option[])[_not, _embedding, _batch, _count]) command.Options.Add(option);
        _flags = new SearchFlags(command);
        foreach (var option in (Option[])[_encoder, _exact, _format, _out, _sheet]) command.Options.Add(option);
    }

    public static Command Create(Terminal terminal)
    {
        var command = new Command("search", """
            Find the pictures most similar to one or several examples: cosine distance of embeddings, smallest first.

            Examples:
              curator search island.jpg -k 20 --sheet hits.png
              curator search 3-17 --not 3-5 --from 2023-01-01 --bbox=-10,100,20,160 --suppress-overlap
              curator search --batch examples.txt --format csv --out hits.csv
            """);
        var search = new SearchCommand(terminal, command);
        command.SetWork(terminal, search.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(CommandContext context, ParseResult parsed, CancellationToken cancellationToken)
    {
        var pictures = parsed.GetValue(_pictures) ?? [];
        var files = parsed.GetValue(_embedding) ?? [];
        var batch = parsed.GetValue(_batch);
        if (batch is null && pictures.Length + files.Length == 0)
            throw new WorkspaceException("There is nothing to search with.", "Name a picture or an id: curator search island.jpg");
        if (batch is not null && pictures.Length + files.Length > 0)
            throw new WorkspaceException("--batch was given together with other examples.", "Put all into the file, or search without --batch.");
        var query = _flags.Read(parsed, parsed.GetValue(_count));
        var workspace = await context.OpenAsync(cancellationToken);
        var row = await EmbeddedEncoders.ChooseAsync(workspace, parsed.GetValue(_encoder), cancellationToken);
        using var vectors = new QueryVectors(workspace, row);
        using var search = new PartitionedSearch(workspace, row, new PartitionedSearchOptions { Exact = parsed.GetValue(_exact) });
        query = query with { Negatives = await vectors.GetAsync(parsed.GetValue(_not) ?? [], cancellationToken) };
        if (batch is not null) return await RunBatchAsync(parsed, workspace, search, vectors, query, batch, cancellationToken);

        var positives = new List<float[]>(await vectors.GetAsync(pictures, cancellationToken));
        foreach (var file in files) positives.AddRange(await QueryEmbeddings.ReadAsync(file, cancellationToken));
        var found = await SearchAsync(workspace, search, null, query with { Positives = positives }, cancellationToken);
        Write(parsed, found);
        if (parsed.GetValue(_sheet) is { } sheet) await DrawAsync(sheet, vectors, [.. pictures], found, row, cancellationToken);
        return ExitCodes.Done;
    }

    /// <summary>One picture that cannot be read does not stop the others.</summary>
    private async Task<int> RunBatchAsync(
        ParseResult parsed, Workspace workspace, PartitionedSearch search, QueryVectors vectors, SearchQuery query, string path, CancellationToken cancellationToken)
    {
        var all = new List<FoundImage>();
        var skipped = 0;
        var queries = await SearchBatch.ReadAsync(path, cancellationToken);
        for (var i = 0; i < queries.Count; i++)
        {
            var (name, picture, embedding) = queries[i];
            float[] vector;
            try
            {
                vector = embedding ?? await vectors.GetAsync(picture!, cancellationToken);
            }
            catch (CuratorException e) when (skipped + 1 < queries.Count)
            {
                skipped++;
                _terminal.Note($"left out: {e.WhatHappened}");
                continue;
            }

            var found = await SearchAsync(workspace, search, name, query with { Positives = [vector] }, cancellationToken);
            all.AddRange(found);
            if (parsed.GetValue(_sheet) is { } sheet)
            {
                var numbered = Path.ChangeExtension(sheet, null) + string.Create(CultureInfo.InvariantCulture, $"-{i + 1:D4}.png");
                await DrawAsync(numbered, vectors, picture is null ? [] : [picture], found, search.Encoder, cancellationToken);
            }
        }

        Write(parsed, all);
        if (skipped > 0) _terminal.Note($"{skipped:N0} of {queries.Count:N0} queries were left out");
        return skipped > 0 ? ExitCodes.DoneWithSkipped : ExitCodes.Done;
    }

    private static async Task<IReadOnlyList<FoundImage>> SearchAsync(Workspace workspace, PartitionedSearch search, string? name, SearchQuery query, CancellationToken cancellationToken)
    {
        foreach (var positive in query.Positives)
            if (positive.Length != search.Encoder.Dimension)
                throw new EmbeddingStoreException(
                    $"The query has {positive.Length} numbers, embeddings by {search.Encoder.Id} have {search.Encoder.Dimension}.", "Give numbers made by the same encoder, or name another with --encoder.");
        return await FoundImage.OfAsync(workspace, name, await search.SearchAsync(query, cancellationToken), cancellationToken);
    }

    private void Write(ParseResult parsed, IReadOnlyList<FoundImage> found)
    {
        var format = parsed.GetValue(_format);
        var path = parsed.GetValue(_out);
        if (format != SearchFormat.Table || path is not null)
        {
            // A file name says what is wanted as well as the flag does.
            if (format == SearchFormat.Table)
                format = Path.GetExtension(path) is ".geojson" or ".json" ? SearchFormat.GeoJson : SearchFormat.Csv;
            var text = format == SearchFormat.Csv ? SearchTable.ToCsv(found) : SearchGeoJson.Of(found);
            if (path is null)
            {
                _terminal.Line(text.TrimEnd('\n'));
            }
            else
            {
                AtomicFile.WriteText(Path.GetFullPath(path), text);
                _terminal.Line($"{found.Count:N0} hits written to {Path.GetFullPath(path)}");
            }
        }
        else
        {
            var named = found.Any(hit => hit.Query is not null);
            string[] header = ["distance", "id", "picture"];
            _terminal.Table(
                named ? ["query", .. header] : header,
                found.Select(hit =>
                {
                    string[] cells = [hit.Distance.ToString("0.0000", CultureInfo.InvariantCulture), hit.Id, hit.Path];
                    return (IReadOnlyList<string>)(named ? [hit.Query!, .. cells] : cells);
                }));
        }

        _terminal.Result(found);
    }

    private async Task DrawAsync(string path, QueryVectors vectors, IReadOnlyList<string> asked, IReadOnlyList<FoundImage> found, EncoderRow encoder, CancellationToken cancellationToken)
    {
        var items = new List<SheetItem>();
        foreach (var picture in asked) items.Add(new SheetItem(await vectors.PictureOfAsync(picture, cancellationToken), "asked with", SheetFrame.Query));
        items.AddRange(found.Select(hit => new SheetItem(hit.Path, hit.Distance.ToString("0.000", CultureInfo.InvariantCulture))));
        var like = asked.Count > 0 ? string.Join(", ", asked.Select(Path.GetFileName)) : "the given numbers";
        path = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        ContactSheet.Write(path, items, new SheetOptions { Title = $"Like {like} ({encoder.Id})" });
        _terminal.Note($"Contact sheet: {path}");
    }
}
