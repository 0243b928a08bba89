using Curator.Cli.Reports;
using Curator.Core;
using Curator.Core.Catalogs;
using Curator.Core.Labels;
using Curator.Imagery.Ingest;
using Curator.Labeling.Classification;
using Curator.Labeling.Export;
using Curator.Labeling.Labelers;
using Curator.Labeling.Metrics;
using Curator.Labeling.Rounds;
using Curator.Learning.Embedding;
using Curator.Learning.Encoders;
using Curator.Learning.Training;
using Curator.Server;

namespace Curator.Cli.Jobs;

/// <summary>What to find, where, and how.</summary>
/// <param name="Picture">The example, absolute.</param>
/// <param name="Images">Folders and files to search through.</param>
/// <param name="Output">Where the labeled set and the report go, absolute.</param>
internal sealed record FindRequest(
    string Picture, IReadOnlyList<string> Images, string Output, FindOptions Find, TrainOptions Train, LearnOptions Learn, ServeOptions Serve, IFindReport Report);

/// <summary>What came out.</summary>
/// <param name="Refused">Files that could not be taken in.</param>
internal sealed record FindResult(
    string Task, string Encoder, long Images, long Refused, LearnReport Learning, ClassifyReport Sweep, ReportFigures Figures, IReadOnlyList<StageTime> Stages, string Set, string Report);

/// <summary>
/// The whole job: take in, learn the pictures, embed, ask, sweep, export, report. Every stage looks first at what is done, so a job that was stopped or
/// killed goes on where it was.
/// </summary>
internal sealed class FindJob(CommandContext context, Workspace workspace, FindRequest request)
{
    /// <summary>Fewer pictures than this are not worth training on; the training-free encoder serves.</summary>
    private const int LeastImagesToTrain = 500;

    private readonly Terminal _terminal = context.Terminal;

    private string EncoderKey => $"job.{request.Find.Task}.encoder";

    public async Task<FindResult> RunAsync(CancellationToken cancellationToken)
    {
        var clock = await JobClock.LoadAsync(workspace, request.Find.Task, cancellationToken);
        var added = await clock.RunAsync("take in", _terminal, r => $"{r.Added + r.AlreadyThere:N0} pictures", () => Ingest.AddAsync(
            workspace, new IngestOptions { Roots = request.Images }, context.Engine, context.Progress, cancellationToken));
        var refused = added.Refused.Values.Sum();
        if (refused > 0) Commands.AddCommand.Print(_terminal, added);

        var encoder = await clock.RunAsync("learn", _terminal, e => e.Id, () => EncoderAsync(cancellationToken));
        await clock.RunAsync("embed", _terminal, r => $"{r.Rows:N0} pictures", () => Embedding.EmbedAsync(
            workspace, new EmbedOptions { Encoder = encoder.Id }, context.Engine, context.Progress, cancellationToken));

        var task = await workspace.Labels.GetOrAddTaskAsync(
            new LabelingTask(request.Find.Task, request.Find.Question, ["yes", "no"], request.Picture, encoder.Id, request.Report.Guidelines, workspace.Clock.GetUtcNow()),
            cancellationToken);
        var truth = request.Find.Simulate is { Length: > 0 } source ? await Truth.LoadAsync(workspace, task, source, cancellationToken) : null;
        var learned = await clock.RunAsync("ask", _terminal, r => $"{r.Labels:N0} labels, {r.Positives:N0} yes", () =>
            new LearningSession(context, workspace, task).RunAsync(truth, request.Learn, request.Serve, cancellationToken));
        var sweep = await clock.RunAsync("sweep", _terminal, r => $"{r.Positives:N0} of {r.Images:N0} found", () => Classifier.ClassifyAsync(
            workspace, task, context.Engine, context.Progress, cancellationToken));
        var set = Path.Combine(request.Output, "set");
        await clock.RunAsync("export", _terminal, r => $"{r.Human + r.Model:N0} pictures", () => Exporter.ExportAsync(
            workspace, task, ExportFormat.ImageFolder, set, new ExportOptions { PositiveOnly = true, Transfer = FileTransfer.Copy }, context.Progress, cancellationToken));

        var known = truth ?? (request.Report.ScoreAgainst is { } judge ? await Truth.LoadAsync(workspace, task, judge, cancellationToken) : null);
        var outcome = await Outcome.CollectAsync(workspace, task, known, cancellationToken);
        var report = await request.Report.ComposeAsync(
            new FindRun(outcome, learned.Labels, truth is not null, ReportWriter.Curve(learned), clock.Stages, clock.Total, ReportWriter.Command, request.Picture), cancellationToken);
        if (learned.Rounds.Count > 0)
            report = report with
            {
                Cost = await CostModel.ReadAsync(workspace, task, sweep.Images, new CostOptions(), cancellationToken),
                PositivesPlot = RoundPlots.Positives([new RoundLine(task.Name, [learned.Rounds])]),
            };
        var path = await ReportWriter.WriteAsync(workspace, task.Name, request.Output, report, cancellationToken);
        return new FindResult(task.Name, encoder.Id, sweep.Images, refused, learned, sweep, report.Figures, clock.Stages, set, path);
    }

    /// <summary>The encoder of this job: trained once, remembered by the catalog.</summary>
    private async Task<EncoderRow> EncoderAsync(CancellationToken cancellationToken)
    {
        if (await workspace.Catalog.GetValueAsync(EncoderKey, cancellationToken) is { } id) return await workspace.Catalog.GetEncoderAsync(id, cancellationToken);
        var images = (await workspace.Catalog.GetPartitionsAsync(cancellationToken)).Sum(p => p.Rows);
        if (images == 0) throw new WorkspaceException("No picture could be taken in, so there is nothing to search.", "Name a folder that holds jpg, png, webp, gif, bmp or tif files.");
        var encoder = request.Find.Minutes > 0 && images >= LeastImagesToTrain
            ? await Training.TrainAsync(workspace, request.Train, context.Engine, context.Progress, cancellationToken)
            : await new EncoderStore(workspace).EnsureStatisticsAsync(cancellationToken);
        await workspace.Catalog.SetValueAsync(EncoderKey, encoder.Id, cancellationToken);
        return encoder;
    }
}
