using Curator.Server;

namespace Curator.Cli.Commands;

/// <summary>Which of the server's settings a verb offers as flags; the others still come from the environment and curator.json.</summary>
internal static class ServeNames
{
    public static IEnumerable<string> AllBut(params string[] offered) =>
        typeof(ServeOptions).GetProperties().Select(p => p.Name).Where(p => !offered.Contains(p));
}
