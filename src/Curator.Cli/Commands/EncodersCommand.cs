using System.CommandLine;
using System.Globalization;
using Curator.Learning.Encoders;
using Curator.Server.Security;

namespace Curator.Cli.Commands;

/// <summary><c>encoders list|show|compare|evaluate|import|export|remove</c>: the model store.</summary>
internal static class EncodersCommand
{
    public static Command Create(Terminal terminal)
    {
        var command = new Command("encoders", """
            The project's encoders.

            Examples:
              curator encoders show simclr@1
              curator encoders import dinov2.onnx --scaling imagenet
              curator encoders export simclr out/
            """);
        command.Subcommands.Add(List(terminal));
        command.Subcommands.Add(Show(terminal));
        command.Subcommands.Add(Compare(terminal));
        command.Subcommands.Add(EvaluateCommand.Create(terminal));
        command.Subcommands.Add(Import(terminal));
        command.Subcommands.Add(Export(terminal));
        command.Subcommands.Add(Remove(terminal));
        return command;
    }

    private static Argument<string> Name() => new("encoder") { Description = "Name (newest version) or name@version." };

    private static Command List(Terminal terminal)
    {
        var command = new Command("list", "List them, oldest first.");
        command.SetWork(terminal, async (context, _, cancellationToken) =>
        {
            var workspace = await context.OpenAsync(cancellationToken);
            var cards = await new EncoderStore(workspace).ListAsync(cancellationToken);
            if (cards.Count == 0) terminal.Line("No encoder yet. Next: curator train");
            else
                terminal.Table(
                    ["encoder", "kind", "network", "numbers", "picture side", "from"],
                    cards.Select(c => (IReadOnlyList<string>)
                    [
                        c.Row.Id, c.Card.Kind.ToString().ToLowerInvariant(), c.Card.Architecture.Length > 0 ? $"{c.Card.Architecture} w{c.Card.Width}" : "", $"{c.Row.Dimension}",
                        $"{c.Card.ImageSize}", c.Card.Lineage?.From ?? "",
                    ]));
            terminal.Result(cards);
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Show(Terminal terminal)
    {
        var name = Name();
        var command = new Command("show", "Show an encoder's card: what it is, what made it, how good it is.") { name };
        command.SetWork(terminal, async (context, parsed, cancellationToken) =>
        {
            var workspace = await context.OpenAsync(cancellationToken);
            var row = await workspace.Catalog.GetEncoderAsync(parsed.GetRequiredValue(name), cancellationToken);
            var card = await File.ReadAllTextAsync(Path.Combine(workspace.EncoderDirectory(row.Id), "encoder.json"), cancellationToken);
            terminal.Line(card);
            terminal.Result(System.Text.Json.JsonDocument.Parse(card).RootElement);
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Compare(Terminal terminal)
    {
        var names = new Argument<string[]>("encoders") { Description = "Two or more; all when none is named.", Arity = ArgumentArity.ZeroOrMore };
        var command = new Command("compare", "Put encoders' cards and measured figures side by side.") { names };
        command.SetWork(terminal, async (context, parsed, cancellationToken) =>
        {
            var store = new EncoderStore(await context.OpenAsync(cancellationToken));
            var chosen = new List<StoredEncoder>();
            foreach (var name in parsed.GetValue(names) ?? []) chosen.Add(await store.FindAsync(name, cancellationToken));
            if (chosen.Count == 0) chosen.AddRange(await store.ListAsync(cancellationToken));
            var rows = new List<IReadOnlyList<string>>();
            void Row(string title, Func<EncoderCard, string> value) => rows.Add([title, .. chosen.Select(c => value(c.Card))]);
            Row("kind", c => c.Kind.ToString().ToLowerInvariant());
            Row("network", c => c.Architecture.Length > 0 ? $"{c.Architecture} w{c.Width}" : "");
            Row("numbers", c => c.Dimension.ToString(CultureInfo.InvariantCulture));
            Row("picture side", c => c.ImageSize.ToString(CultureInfo.InvariantCulture));
            Row("from", c => c.Lineage?.From ?? "");
            Row("task", c => c.Lineage?.Task ?? "");
            Row("steps", c => c.Lineage is { Steps: > 0 } lineage ? lineage.Steps.ToString(CultureInfo.InvariantCulture) : "");
            Row("seed", c => c.Lineage?.Seed.ToString(CultureInfo.InvariantCulture) ?? "");
            foreach (var metric in chosen.SelectMany(c => c.Card.Metrics.Keys).Distinct().Order(StringComparer.Ordinal))
                Row(metric, c => c.Metrics.TryGetValue(metric, out var value) ? value.ToString("0.####", CultureInfo.InvariantCulture) : "");
            terminal.Table(["", .. chosen.Select(c => c.Row.Id)], rows);
            terminal.Result(chosen);
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Import(Terminal terminal)
    {
        var file = new Argument<string>("model") { Description = "An ONNX file with one picture input." };
        var command = new Command("import", """
            Take in a network of other software (DINOv2, CLIP's image part, MobileNet …) as an encoder. What its pictures must look like becomes a part of its card.

            Example:
              curator encoders import mobilenet.onnx --scaling minus-one-one
            """) { file };
        var binding = new OptionsBinding<ImportOptions>(command, "import");
        command.SetWork(terminal, binding, async (context, options, parsed, cancellationToken) =>
        {
            var workspace = await context.OpenAsync(cancellationToken);
            var row = await EncoderImport.RunAsync(workspace, Path.GetFullPath(parsed.GetRequiredValue(file)), options, cancellationToken);
            terminal.Line($"Encoder {row.Id}: {row.Dimension} numbers a picture");
            terminal.Line($"Next: curator embed --encoder {row.Id}");
            terminal.Result(row);
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Export(Terminal terminal)
    {
        var name = Name();
        var folder = new Argument<string>("folder") { Description = "Where the files go; made when there is none." };
        var command = new Command("export", """
            Write an encoder for other software: ONNX, safetensors with torchvision's names, and a Python program that rebuilds it in PyTorch.

            Example:
              curator encoders export simclr out/ && python3 out/encoder.py picture.jpg
            """) { name, folder };
        command.SetWork(terminal, async (context, parsed, cancellationToken) =>
        {
            var workspace = await context.OpenAsync(cancellationToken);
            var exported = await EncoderExport.RunAsync(workspace, parsed.GetRequiredValue(name), Path.GetFullPath(parsed.GetRequiredValue(folder)), cancellationToken);
            await context.AuditAsync(AuditEvent.Exported, $"{exported.Encoder} to {exported.Folder}", cancellationToken);
            terminal.Line($"{exported.Encoder} in {exported.Folder}: {string.Join(", ", exported.Files)}");
            if (exported.Agreement is { } agreement) terminal.Line(string.Create(CultureInfo.InvariantCulture, $"ONNX and weights agree to a cosine of {agreement:0.000000}"));
            terminal.Result(exported);
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Remove(Terminal terminal)
    {
        var name = Name();
        var withEmbeddings = new Option<bool>("--with-embeddings") { Description = "Also the embeddings and indexes that it made." };
        var command = new Command("remove", "Remove an encoder that nothing uses. Its version is never given again.") { name, withEmbeddings };
        command.SetWork(terminal, async (context, parsed, cancellationToken) =>
        {
            var workspace = await context.OpenAsync(cancellationToken);
            var row = await new EncoderStore(workspace).RemoveAsync(parsed.GetRequiredValue(name), parsed.GetValue(withEmbeddings), cancellationToken);
            await context.AuditAsync(AuditEvent.Deleted, $"encoder {row.Id}", cancellationToken);
            terminal.Line($"{row.Id} is removed");
            terminal.Result(row);
            return ExitCodes.Done;
        });
        return command;
    }
}
