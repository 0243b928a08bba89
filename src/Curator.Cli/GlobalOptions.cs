using System.CommandLine;

namespace Curator.Cli;

/// <summary>Flags that every verb understands.</summary>
internal static class GlobalOptions
{
    public static readonly Option<string?> Workspace = new("--workspace", "-w")
    {
        Description = "The project folder. [default: CURATOR_WORKSPACE, else the nearest folder upwards with a curator.json]",
        HelpName = "folder",
        Recursive = true,
    };

    /// <summary>Understood by every verb, shown by <c>init</c>, which writes it down: afterwards nobody has to give it.</summary>
    public static readonly Option<string?> Database = new("--database") { HelpName = "postgres://…", Recursive = true, Hidden = true };

    public static readonly Option<bool> Json = new("--json") { Description = "Print the result as one line of JSON.", Recursive = true };

    public static readonly Option<bool> Quiet = new("--quiet", "-q") { Description = "No progress and no remarks; errors only.", Recursive = true };

    public static readonly Option<bool> NoColor = new("--no-color") { Description = "No colours (also: the NO_COLOR variable).", Recursive = true };

    public static readonly Option<bool> ShowConfig = new("--show-config")
    {
        Description = "Print the settings this command would use and where each comes from, then stop.",
        Recursive = true,
    };

    public static void Apply(System.CommandLine.ParseResult parsed, Terminal terminal)
    {
        terminal.Json = parsed.GetValue(Json);
        terminal.Quiet = parsed.GetValue(Quiet);
        terminal.NoColor = parsed.GetValue(NoColor) || Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 };
    }
}
