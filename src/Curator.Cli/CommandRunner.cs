using System.CommandLine;
using System.Runtime.InteropServices;
using Curator.Core;

namespace Curator.Cli;

/// <summary>A verb's work: returns an exit code.</summary>
internal delegate Task<int> CommandAction(CommandContext context, ParseResult parsed, CancellationToken cancellationToken);

/// <summary>The same with the verb's resolved options.</summary>
internal delegate Task<int> CommandAction<in TOptions>(CommandContext context, TOptions options, ParseResult parsed, CancellationToken cancellationToken);

/// <summary>Wraps each verb: global flags, Ctrl-C, errors to messages with a next step, exit codes.</summary>
internal static class CommandRunner
{
    public static void SetWork(this Command command, Terminal terminal, CommandAction action) =>
        command.SetAction((parsed, cancellationToken) => RunAsync(terminal, parsed, action, cancellationToken));

    /// <summary>For a verb with one record of options: resolves them, and answers <c>--show-config</c> in its place.</summary>
    public static void SetWork<TOptions>(this Command command, Terminal terminal, OptionsBinding<TOptions> binding, CommandAction<TOptions> action)
        where TOptions : class, new() =>
        command.SetWork(terminal, async (context, parsed, cancellationToken) =>
        {
            var (options, settings) = binding.Resolve(parsed, context.SettingsFile);
            if (!context.ShowConfig) return await action(context, options, parsed, cancellationToken);
            context.PrintSettings(settings);
            return ExitCodes.Done;
        });

    private static async Task<int> RunAsync(Terminal terminal, ParseResult parsed, CommandAction action, CancellationToken cancellationToken)
    {
        GlobalOptions.Apply(parsed, terminal);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Stop(context, stop));
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Stop(context, stop));
        try
        {
            await using var context = new CommandContext(
                terminal, parsed.GetValue(GlobalOptions.Workspace), parsed.GetValue(GlobalOptions.Database), parsed.GetValue(GlobalOptions.ShowConfig), TimeProvider.System);
            return await action(context, parsed, stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            terminal.Note("Stopped. Nothing is lost: run the same command again to go on.");
            return ExitCodes.Interrupted;
        }
        catch (CuratorException e)
        {
            terminal.Error(e.WhatHappened, e.NextStep);
            return ExitCodes.CouldNot;
        }
        catch (IOException e)
        {
            terminal.Error(e.Message, "Check free space (df -h), the path and its permissions, then run the same command again.");
            return ExitCodes.CouldNot;
        }
        catch (UnauthorizedAccessException e)
        {
            terminal.Error(e.Message, "Check the path's owner and permissions, then run the same command again.");
            return ExitCodes.CouldNot;
        }
        catch (Exception e)
        {
            terminal.Error($"This is a bug in Curator: {e.GetType().Name}: {e.Message}", "Report it with the lines below; nothing that was stored is lost.");
            terminal.Note(e.ToString());
            return ExitCodes.CouldNot;
        }
    }

    private static void Stop(PosixSignalContext context, CancellationTokenSource stop)
    {
        if (stop.IsCancellationRequested) return; // A second signal ends the process at once.
        context.Cancel = true;
        stop.Cancel();
    }
}
