using System.CommandLine;
using Curator.Cli.Jobs;
using Curator.Core;
using Curator.Core.Settings;
using Curator.Learning.Encoders;
using Curator.Learning.Supervised;
using Curator.Learning.Training;

namespace Curator.Cli.Commands;

/// <summary><c>train</c>: learns an encoder from the pictures themselves, without labels, or with those of a task.</summary>
internal static class TrainCommand
{
    public static Command Create(Terminal terminal)
    {
        var task = new Option<string?>("--task")
        {
            Description = "Learn from the labels of this task: first a head, then the whole network of --from at rates that fall towards the input.",
            HelpName = "task",
        };
        var preview = new Option<string?>("--preview") { Description = "Write a sheet of the views that the encoder will see to this PNG file, and stop.", HelpName = "file" };
        var command = new Command("train", """
            Learn an encoder from the project's own pictures, without labels. Stopped or killed, the same command goes on from its checkpoint. With --task it
            learns from that task's labels.

            Examples:
              curator train --minutes 10
              curator train --task ships --from simclr
            """) { task, preview };
        var binding = new OptionsBinding<TrainOptions>(command, "train");
        var tuning = new OptionsBinding<FineTuneOptions>(command, "tune");
        var balancing = new OptionsBinding<BalanceOptions>(command, "balance");
        command.SetWork(terminal, async (context, parsed, cancellationToken) =>
        {
            var (options, settings) = binding.Resolve(parsed, context.SettingsFile);
            var (tune, tuneSettings) = tuning.Resolve(parsed, context.SettingsFile);
            var (balance, balanceSettings) = balancing.Resolve(parsed, context.SettingsFile);
            if (context.ShowConfig)
            {
                context.PrintSettings(settings.Concat(balanceSettings).Concat(tuneSettings.Where(setting => !settings.Any(s => Name(s) == Name(setting)))));
                return ExitCodes.Done;
            }
            var workspace = await context.OpenAsync(cancellationToken);
            if (parsed.GetValue(preview) is { } sheet)
            {
                await TrainPreview.WriteAsync(workspace, options, Path.GetFullPath(sheet), cancellationToken);
                terminal.Line($"Views: {Path.GetFullPath(sheet)}");
                terminal.Result(new { sheet = Path.GetFullPath(sheet) });
                return ExitCodes.Done;
            }
            if (parsed.GetValue(task) is { } taskName)
            {
                var named = settings.Any(setting => setting is { Key: "train.name", Origin: not SettingOrigin.Default });
                return await TuneAsync(context, workspace, taskName, FineTuneJobs.Settings(tune, options, named ? options.Name! : taskName), cancellationToken);
            }
            var (encoder, rounds) = await BalancedTraining.RunAsync(context, workspace, options, balance, cancellationToken);
            terminal.Line($"Encoder {encoder.Id}: {encoder.Dimension} numbers a picture, in {workspace.EncoderDirectory(encoder.Id)}");
            var speed = TrainingSpeed.Of((await new EncoderStore(workspace).FindAsync(encoder.Id, cancellationToken)).Card);
            if (speed is not null) terminal.Line(speed.ToString());
            terminal.Line($"Next: curator embed --encoder {encoder.Id}");
            terminal.Result(new { encoder.Id, encoder.Name, encoder.Version, encoder.Fingerprint, encoder.Dimension, encoder.CreatedAt, speed, rounds });
            return ExitCodes.Done;
        });
        return command;
    }

    private static async Task<int> TuneAsync(CommandContext context, Workspace workspace, string task, FineTuneOptions options, CancellationToken cancellationToken)
    {
        var terminal = context.Terminal;
        var report = await FineTuneJobs.RunAsync(workspace, task, options, context.Progress, cancellationToken);
        var folder = workspace.EncoderDirectory(report.Encoder.Id);
        terminal.Line($"Encoder {report.Encoder.Id}: {report.Encoder.Dimension} numbers a picture, learned from {report.Labels:N0} labels, in {folder}");
        if (report.ValidationLabels > 0)
            terminal.Line($"On {report.ValidationLabels:N0} labels kept back: {report.Accuracy:P1} right ({report.BalancedAccuracy:P1} as the classes' mean); the head alone {report.HeadAccuracy:P1}");
        terminal.Line($"Which pixels matter: {Path.Combine(folder, "saliency.png")}");
        if (report.Unreadable > 0) terminal.Line($"{report.Unreadable:N0} labeled pictures could not be read: curator status --check");
        terminal.Line($"Next: curator embed --encoder {report.Encoder.Id}");
        terminal.Result(report);
        return report.Unreadable > 0 ? ExitCodes.DoneWithSkipped : ExitCodes.Done;
    }

    private static string Name(ResolvedSetting setting) => setting.Key[(setting.Key.IndexOf('.', StringComparison.Ordinal) + 1)..];
}
