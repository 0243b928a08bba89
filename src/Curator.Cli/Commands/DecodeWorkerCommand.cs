using System.CommandLine;
using Curator.Imagery.Isolated;

namespace Curator.Cli.Commands;

/// <summary><c>decode-worker</c>, hidden: the child of <see cref="DecoderHost"/>, which nobody calls by hand.</summary>
internal static class DecodeWorkerCommand
{
    private const string Name = "decode-worker";

    /// <summary>How this very program is started as such a child.</summary>
    public static IReadOnlyList<string> Self { get; } = Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet"
        ? [Environment.ProcessPath!, Path.Combine(AppContext.BaseDirectory, "curator.dll"), Name]
        : [Environment.ProcessPath ?? "curator", Name];

    public static Command Create()
    {
        var memory = new Option<long>("--memory") { DefaultValueFactory = _ => new DecoderLimits().MemoryBytes };
        var command = new Command(Name) { memory };
        command.Hidden = true;
        command.SetAction(parsed =>
        {
            // Whatever a library prints must not get among the pixels.
            var output = Console.OpenStandardOutput();
            Console.SetOut(TextWriter.Null);
            using var buffered = new BufferedStream(output, 1 << 16);
            DecoderWorker.Run(Console.OpenStandardInput(), buffered, parsed.GetValue(memory));
            return ExitCodes.Done;
        });
        return command;
    }
}
