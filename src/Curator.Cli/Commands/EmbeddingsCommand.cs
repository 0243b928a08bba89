using System.CommandLine;
using Curator.Core;
using Curator.Core.Embeddings;
using Curator.Learning.Encoders;
using Curator.Search.Exchange;
using Curator.Server.Security;

namespace Curator.Cli.Commands;

/// <summary>Files that embeddings are exchanged in.</summary>
internal enum EmbeddingFormat
{
    Npy,
    Csv,
    Parquet,
}

/// <summary><c>embeddings import|export</c>: numbers of other models in, our numbers out.</summary>
internal static class EmbeddingsCommand
{
    public static Command Create(Terminal terminal)
    {
        var command = new Command("embeddings", """
            Take in embeddings that another program made of the project's pictures, or hand ours to another program: NumPy, Parquet, CSV.

            Example:
              curator embeddings import clip.parquet --name clip
            """);
        command.Subcommands.Add(Import(terminal));
        command.Subcommands.Add(Export(terminal));
        return command;
    }

    private static Command Import(Terminal terminal)
    {
        var file = new Argument<string>("file")
        {
            Description = ".npy: a row a picture, in the order of export; .csv: filename,embedding_0,…; .parquet: a column embedding, and image, path or filename.",
        };
        var name = new Option<string?>("--name") { Description = "Name of the encoder that stands for the numbers. [default: the file's name]", HelpName = "name" };
        var precision = new Option<EmbeddingPrecision>("--precision") { Description = "How numbers are kept. [default: half]", HelpName = "half|single" };
        precision.DefaultValueFactory = _ => EmbeddingPrecision.Half;
        var format = FormatOption();
        var command = new Command("import", "Take in embeddings as an encoder of their own: search, index, learn and classify work with them.") { file, name, format, precision };
        command.SetWork(terminal, async (context, parsed, cancellationToken) =>
        {
            var path = Path.GetFullPath(parsed.GetRequiredValue(file));
            if (!File.Exists(path)) throw new WorkspaceException($"'{path}' is not there.", "Name a .npy, .csv or .parquet file.");
            var workspace = await context.OpenAsync(cancellationToken);
            var called = parsed.GetValue(name) ?? Path.GetFileNameWithoutExtension(path).ToLowerInvariant();
            var half = parsed.GetValue(precision);
            using var imports = await workspace.LockAsync("embeddings-import", cancellationToken);
            var report = Format(parsed.GetValue(format), path) switch
            {
                EmbeddingFormat.Npy => await EmbeddingImport.FromNpyAsync(workspace, called, path, half, cancellationToken),
                EmbeddingFormat.Csv => await EmbeddingImport.FromCsvAsync(workspace, called, path, half, cancellationToken),
                _ => await EmbeddingImport.FromParquetAsync(workspace, called, path, half, cancellationToken),
            };
            new EncoderStore(workspace).DescribeImported(report.Encoder);
            terminal.Line($"{report.Images:N0} pictures have embeddings of {report.Encoder.Dimension:N0} numbers by {report.Encoder.Id}");
            if (report.Missing > 0) terminal.Line($"{report.Missing:N0} pictures of the project are not in the file: they cannot be found by {report.Encoder.Id}");
            if (report.Unknown > 0) terminal.Line($"{report.Unknown:N0} lines name no picture of the project");
            terminal.Line($"Next: curator search ID --encoder {report.Encoder.Id}");
            terminal.Result(report);
            return report.Missing + report.Unknown > 0 ? ExitCodes.DoneWithSkipped : ExitCodes.Done;
        });
        return command;
    }

    private static Command Export(Terminal terminal)
    {
        var file = new Argument<string>("file") { Description = "File to write: .npy (and FILE.csv that names the rows), .csv or .parquet." };
        var encoder = new Option<string?>("--encoder") { Description = "Whose embeddings. [default: the newest that has embeddings]", HelpName = "encoder" };
        var format = FormatOption();
        var command = new Command("export", "Write the embeddings of all pictures.") { file, encoder, format };
        command.SetWork(terminal, async (context, parsed, cancellationToken) =>
        {
            var path = Path.GetFullPath(parsed.GetRequiredValue(file));
            var kind = Format(parsed.GetValue(format), path);
            var workspace = await context.OpenAsync(cancellationToken);
            var row = await EmbeddedEncoders.ChooseAsync(workspace, parsed.GetValue(encoder), cancellationToken);
            var rows = kind switch
            {
                EmbeddingFormat.Npy => await EmbeddingExport.ToNpyAsync(workspace, row, path, cancellationToken),
                EmbeddingFormat.Csv => await EmbeddingExport.ToCsvAsync(workspace, row, path, cancellationToken),
                _ => await EmbeddingExport.ToParquetAsync(workspace, row, path, cancellationToken),
            };
            await context.AuditAsync(AuditEvent.Exported, $"embeddings by {row.Id} to {path}", cancellationToken);
            terminal.Line($"{rows:N0} embeddings by {row.Id} written to {path}");
            terminal.Result(new { rows, encoder = row.Id, path });
            return ExitCodes.Done;
        });
        return command;
    }

    private static Option<EmbeddingFormat?> FormatOption() => new("--format") { Description = "Kind of file. [default: by its ending]", HelpName = "npy|csv|parquet" };

    private static EmbeddingFormat Format(EmbeddingFormat? given, string path) => given ?? Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".npy" => EmbeddingFormat.Npy,
        ".csv" => EmbeddingFormat.Csv,
        ".parquet" => EmbeddingFormat.Parquet,
        var other => throw new WorkspaceException($"'{path}' ends in '{other}', which tells no format.", "Name it .npy, .csv or .parquet, or say --format."),
    };
}
