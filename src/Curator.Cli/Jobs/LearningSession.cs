using System.Diagnostics;
using Curator.Cli.Commands;
using Curator.Cli.Searching;
using Curator.Core;
using Curator.Core.Labels;
using Curator.Labeling.Labelers;
using Curator.Labeling.Rounds;
using Curator.Server;
using Curator.Server.Tasks;

namespace Curator.Cli.Jobs;

/// <summary>The rounds of one task, answered by people through the page or by a truth; shared by <c>learn</c>, <c>find</c> and <c>demo</c>.</summary>
internal sealed class LearningSession(CommandContext context, Workspace workspace, LabelingTask task)
{
    /// <param name="truth">Answers instead of people; null opens the page.</param>
    /// <param name="serve">Where the page listens, when people answer.</param>
    public async Task<LearnReport> RunAsync(Truth? truth, LearnOptions options, ServeOptions serve, CancellationToken cancellationToken)
    {
        var encoder = await workspace.Catalog.GetEncoderAsync(task.Encoder, cancellationToken);
        float[] query = [];
        if (task.Example is { } example)
            using (var vectors = new QueryVectors(workspace, encoder)) query = await vectors.GetAsync(example, cancellationToken);
        var rounds = new Progress(context.Terminal);
        if (truth is not null)
            return await LearningLoop.RunAsync(workspace, task, query, options, new SimulatedLabeler(truth), rounds, cancellationToken);

        await TaskEnd.MarkAsync(workspace, task.Name, finished: false, cancellationToken);
        await using var server = await CuratorServer.StartAsync(workspace, serve with { Task = serve.Task ?? task.Name, RunsLearning = false, DecoderCommand = DecodeWorkerCommand.Self }, context.Gibs, cancellationToken);
        context.Terminal.Line($"Answer here: {server.Link}");
        OpenBrowser(server.Link);
        var report = await LearningLoop.RunAsync(workspace, task, query, options, new PeopleLabeler(), rounds, cancellationToken);
        await server.FinishTaskAsync(task.Name, cancellationToken);
        return report;
    }

    /// <summary>Opens the page where there is a desktop; the link was printed anyway.</summary>
    private void OpenBrowser(string link)
    {
        if (!context.Terminal.Live || (OperatingSystem.IsLinux() && Environment.GetEnvironmentVariable("DISPLAY") is null && Environment.GetEnvironmentVariable("WAYLAND_DISPLAY") is null)) return;
        try
        {
            Process.Start(new ProcessStartInfo(link) { UseShellExecute = true })?.Dispose();
        }
        catch (System.ComponentModel.Win32Exception)
        {
            context.Terminal.Note("No browser could be opened; use the link.");
        }
    }

    private sealed class Progress(Terminal terminal) : IProgress<RoundReport>
    {
        public void Report(RoundReport value) => terminal.Note(RoundText.Of(value));
    }
}
