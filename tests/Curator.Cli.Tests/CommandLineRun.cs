namespace Curator.Cli.Tests;

/// <summary>Runs the command line in this process with captured streams; real files, no terminal.</summary>
internal sealed record CommandLineRun(int ExitCode, string Output, string Error)
{
    public static async Task<CommandLineRun> OfAsync(params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var exitCode = await CommandLine.InvokeAsync(args, new Terminal(output, error, false, false), output, error);
        return new CommandLineRun(exitCode, output.ToString(), error.ToString());
    }
}
