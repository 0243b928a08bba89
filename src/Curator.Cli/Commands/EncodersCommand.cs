using System.CommandLine;
using Curator.Learning.Encoders;

namespace Curator.Cli.Commands;

/// <summary><c>encoders list|show</c>: the model store.</summary>
internal static class EncodersCommand
{
    public static Command Create(Terminal terminal)
    {
        var command = new Command("encoders", """
            The project's encoders.

            Example:
              curator encoders show simclr@1
            """);
        command.Subcommands.Add(List(terminal));
        command.Subcommands.Add(Show(terminal));
        return command;
    }

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
                    ["encoder", "kind", "numbers", "picture side"],
                    cards.Select(c => (IReadOnlyList<string>)[c.Row.Id, c.Card.Kind.ToString().ToLowerInvariant(), $"{c.Row.Dimension}", $"{c.Card.ImageSize}"]));
            terminal.Result(cards);
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Show(Terminal terminal)
    {
        var name = new Argument<string>("encoder") { Description = "Name (newest version) or name@version." };
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
}
