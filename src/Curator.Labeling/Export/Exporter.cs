using Curator.Core;
using Curator.Core.Images;
using Curator.Core.Labels;
using Curator.Core.Shards;
using Curator.Labeling.Classification;
using Curator.Labeling.Export.Formats;
using Curator.Labeling.Export.Splits;

namespace Curator.Labeling.Export;

/// <summary>
/// Takes the finished set out of the workspace. Everything is written into <c>OUT.partial</c> beside the goal and renamed at the end, so an export is whole or absent; one made before is
/// replaced. Interrupted, it goes on where it was as long as the set is the same. The same set gives the same bytes. Memory: about 100 bytes an image when it is split, 20 otherwise.
/// </summary>
public static class Exporter
{
    private const int ReportEvery = 256;

    /// <param name="outDirectory">New, empty, or an earlier export.</param>
    /// <exception cref="WorkspaceException">No sweep yet, the folder holds something else, or the set does not fit the format.</exception>
    public static async Task<ExportReport> ExportAsync(
        Workspace workspace, LabelingTask task, ExportFormat format, string outDirectory, ExportOptions options, IProgress<StageProgress>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(options);
        // Ultralytics' folders are those of a split.
        if (format == ExportFormat.Yolo && options.Split.Length == 0) options = options with { Split = "0.8,0.2" };
        using var stage = await ExportStage.OpenAsync(workspace, outDirectory, cancellationToken);
        // A sweep that runs meanwhile would change scores between the two readings.
        using var still = options.HumanOnly ? null : await workspace.LockAsync($"classify-{task.Name}", cancellationToken);
        var set = await FinalSet.OpenAsync(workspace, task, options.HumanOnly, cancellationToken);
        var partitions = await workspace.Catalog.GetPartitionsAsync(cancellationToken);
        var classes = task.Classes.Where((_, i) => i == 0 || !options.PositiveOnly).ToList();
        var survey = Survey.Of(Selected(set, classes, options, cancellationToken), classes, format, options);
        var fingerprint = survey.FingerprintOf(task, format, options, set.Sweep);
        stage.Begin(fingerprint);
        var folder = new ExportFolder(stage.Path, options.Transfer);
        var context = new ExportContext(task, classes, survey.Plan.Parts, folder, options, set, survey.Names);
        var report = Write(context, format, survey, stage.Goal, partitions, workspace, progress, cancellationToken);
        using (var stream = folder.Create(Provenance.FileName))
            Provenance.Write(stream, fingerprint, task, format, options, report.Report, set.Sweep, partitions);
        await File.WriteAllTextAsync(
            Path.Combine(stage.Path, DataCard.FileName), DataCard.Write(task, report.Reading, options, report.Report, set.Sweep, survey.LastAnswer, fingerprint), cancellationToken);
        stage.Publish();
        return report.Report;
    }

    /// <inheritdoc cref="ExportAsync(Workspace, LabelingTask, ExportFormat, string, ExportOptions, IProgress{StageProgress}?, CancellationToken)"/>
    public static Task<ExportReport> ExportAsync(
        Workspace workspace, LabelingTask task, ExportFormat format, string outDirectory, ExportOptions options, CancellationToken cancellationToken) =>
        ExportAsync(workspace, task, format, outDirectory, options, null, cancellationToken);

    private static (ExportReport Report, string Reading) Write(
        ExportContext context, ExportFormat format, Survey survey, string goal, IReadOnlyList<Partition> partitions, Workspace workspace, IProgress<StageProgress>? progress, CancellationToken cancellationToken)
    {
        var counts = context.Parts.DefaultIfEmpty("").ToDictionary(p => p, _ => new long[context.Classes.Count]);
        var examples = new ExampleSheet(context.Classes);
        long human = 0, model = 0, done = 0;
        string reading;
        using (var table = new LabelTable(context.Folder.Create(LabelTable.FileName)))
        using (var writer = Open(context, format, partitions, workspace))
        {
            reading = writer.Reading;
            foreach (var (label, @class) in Selected(context.Set, context.Classes, context.Options, cancellationToken))
            {
                var part = survey.Plan.Of[done++];
                if (done % ReportEvery == 0) progress?.Report(new StageProgress("export", done, survey.Images, "images"));
                if (part < 0) continue;
                var item = new ExportItem(label, @class, context.Parts.Count > 0 ? context.Parts[part] : null);
                table.Add(item, writer.Write(item));
                examples.Add(label, @class);
                counts[item.Part ?? ""][@class]++;
                if (label.IsHuman) human++;
                else model++;
            }
            progress?.Report(new StageProgress("export", survey.Images, survey.Images, "images"));
            writer.Finish();
        }
        using (var sheet = context.Folder.Create(ExampleSheet.FileName)) sheet.Write(examples.Render(context.Task.Question));
        var parts = context.Parts.Select(p => new PartReport(p, Named(context.Classes, counts[p]))).ToList();
        var plan = survey.Plan;
        var all = context.Classes.Select((_, c) => counts.Values.Sum(n => n[c])).ToArray();
        var split = parts.Count == 0 ? null : new SplitReport(plan.By, plan.Groups, plan.LeftOut, plan.Shared, parts);
        return (new ExportReport(goal, Named(context.Classes, all), human, model, context.Folder.Missing, split), reading);
    }

    private static Dictionary<string, long> Named(IReadOnlyList<string> classes, long[] counts) => classes.Select((name, c) => (name, counts[c])).ToDictionary();

    private static IEnumerable<(FinalLabel Label, int Class)> Selected(FinalSet set, IReadOnlyList<string> classes, ExportOptions options, CancellationToken cancellationToken)
    {
        var numbers = classes.Select((name, i) => (name, i)).ToDictionary();
        foreach (var label in set.Read(cancellationToken))
            if (label.Confidence >= options.MinimumConfidence && numbers.TryGetValue(label.Class, out var @class))
                yield return (label, @class);
    }

    private static IDataSetWriter Open(ExportContext context, ExportFormat format, IReadOnlyList<Partition> partitions, Workspace workspace) => format switch
    {
        ExportFormat.ImageFolder => new ImageFolderWriter(context),
        ExportFormat.Csv => new TableWriter(),
        ExportFormat.Parquet => new ParquetWriter(context, partitions, workspace),
        ExportFormat.Coco => new CocoWriter(context),
        ExportFormat.Yolo => new YoloWriter(context),
        ExportFormat.LabelStudio => new LabelStudioWriter(context),
        ExportFormat.FiftyOne => new FiftyOneWriter(context),
        ExportFormat.WebDataset => new WebDatasetWriter(context),
        ExportFormat.TfRecord => new TfRecordDataWriter(context),
        ExportFormat.GeoJson => new GeoJsonWriter(context),
        ExportFormat.Stac => new StacWriter(context),
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, "No such format."),
    };

    /// <summary>What must be known of all images before the first is written.</summary>
    private sealed class Survey
    {
        private string _images = "";

        public ExportNames Names { get; } = new();

        public SplitPlan Plan { get; private set; } = SplitPlan.None(0);

        public int Images { get; private set; }

        public DateTimeOffset? LastAnswer { get; private set; }

        public static Survey Of(IEnumerable<(FinalLabel Label, int Class)> selected, IReadOnlyList<string> classes, ExportFormat format, ExportOptions options)
        {
            var survey = new Survey();
            var shares = PartShares.Parse(options.Split);
            var input = new SplitInput();
            var anywhere = false;
            using var fingerprint = new Provenance.Fingerprint();
            foreach (var (label, @class) in selected)
            {
                survey.Images++;
                survey.Names.Count(label);
                fingerprint.Add(label);
                anywhere |= label.Record.Footprint is not null;
                if (shares is not null) input.Add(@class, label.Record);
                if (label.LabeledAt > (survey.LastAnswer ?? DateTimeOffset.MinValue)) survey.LastAnswer = label.LabeledAt;
            }
            survey._images = fingerprint.Value();
            if (!anywhere && format is ExportFormat.GeoJson or ExportFormat.Stac)
                throw new WorkspaceException($"None of the {survey.Images} images has a footprint, and {format} is for places.", "Use --format csv or parquet.");
            survey.Plan = shares is null ? SplitPlan.None(survey.Images) : SplitPlanner.Plan(input, shares, options.SplitBy, options.SplitSeed);
            if (survey.Plan.Shared > 0) throw new System.Diagnostics.UnreachableException($"The split by {survey.Plan.By} leaks: {survey.Plan.Shared} are in two parts.");
            return survey;
        }

        /// <summary>Of everything that decides the set's bytes.</summary>
        public string FingerprintOf(LabelingTask task, ExportFormat format, ExportOptions options, ClassifyReport? sweep)
        {
            using var all = new Provenance.Fingerprint();
            all.Add(_images);
            all.Add($"{format}\n{options}");
            all.Add($"{task.Name}\n{task.Question}\n{task.Guidelines}\n{string.Join('\n', task.Classes)}");
            // How many partitions were scored anew says nothing of the set.
            all.Add((sweep is null ? null : sweep with { PartitionsScored = 0 })?.ToString() ?? "");
            return all.Value();
        }
    }
}
