using System.CommandLine;

namespace Curator.Cli.Commands;

/// <summary><c>doctor</c>: checks the machine and the project, and says what to do about what it finds.</summary>
internal static class DoctorCommand
{
    public static Command Create(Terminal terminal)
    {
        var sources = new Option<bool>("--sources") { Description = "Also read every source file again and compare its hash (slow)." };
        var repair = new Option<bool>("--repair") { Description = "Make the present answers anew from the label events when they do not follow from them." };
        var command = new Command("doctor", """
            Check this machine (native libraries, correctness of the tensor library, disk space) and, inside a project, every file and every label.
            Exit code 1 when a check fails.

            Example:
              curator doctor --sources
            """) { sources, repair };
        command.SetWork(terminal, async (context, parsed, cancellationToken) =>
        {
            var checks = new List<DoctorCheck>();
            checks.AddRange(Doctor.CheckMachine(context.WorkspaceRoot));
            if (context.SettingsFile is not null)
                await foreach (var check in Doctor.CheckWorkspaceAsync(await context.OpenAsync(cancellationToken), parsed.GetValue(sources), parsed.GetValue(repair), cancellationToken))
                    checks.Add(check);
            foreach (var check in checks)
            {
                terminal.Line($"{(check.Passed ? "ok  " : "FAIL")}  {check.Name}: {check.Finding}");
                if (!check.Passed) terminal.Line($"      next: {check.NextStep}");
            }
            terminal.Result(new { passed = checks.All(c => c.Passed), checks });
            return checks.All(c => c.Passed) ? ExitCodes.Done : ExitCodes.DoneWithSkipped;
        });
        return command;
    }
}
