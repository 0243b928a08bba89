using System.Collections;
using System.Globalization;
using Curator.Core;
using Curator.Core.Images;
using Curator.Core.Labels;
using Curator.Core.Settings;
using Curator.Core.Shards;
using Curator.Labeling.Classification;
using Curator.Labeling.Labelers;
using Curator.Labeling.Metrics;
using Curator.Labeling.Rounds;
using Curator.Server.Search;
using Curator.Server.Tasks;

namespace Curator.Server.Rounds;

/// <summary>Does one piece of work for a task: rounds with the people on the page, or the sweep. Settings are the project's, those of the request above them.</summary>
internal sealed class LearningRunner(Workspace workspace, SearchEngine encoders)
{
    private static readonly TimeSpan AnswersLookedFor = TimeSpan.FromMilliseconds(500);

    /// <returns>What came of it, for people.</returns>
    /// <exception cref="CuratorException">It cannot be done: no example, nothing embedded, no answers, settings that are wrong.</exception>
    public async Task<string> RunAsync(LabelingTask task, LearningRequest request, IProgress<StageProgress> progress, CancellationToken cancellationToken)
    {
        if (request.Work == LearningWork.Sweep)
        {
            var sweep = await Classifier.ClassifyAsync(workspace, task, new PoolEngine(Environment.ProcessorCount), progress, cancellationToken);
            return string.Create(CultureInfo.InvariantCulture, $"{sweep.Positives:N0} of {sweep.Images:N0} pictures are {task.Classes[0]}.");
        }
        var options = await OptionsAsync(task, request, cancellationToken);
        var query = await ExampleAsync(task, cancellationToken);
        await TaskEnd.MarkAsync(workspace, task.Name, finished: false, cancellationToken);
        try
        {
            var report = await LearningLoop.RunAsync(workspace, task, query, options, new PeopleLabeler(AnswersLookedFor), null, cancellationToken);
            // The budget of one more round is made to fit it, so to say that it is used up would mislead.
            return report.Stop == StopReason.Budget && request.Work == LearningWork.Round ? "All rounds that were asked for are done." : Why(report);
        }
        finally
        {
            // Also when stopped: no page waits for a round that does not come. The next start takes the mark away.
            await TaskEnd.MarkAsync(workspace, task.Name, finished: true, CancellationToken.None);
        }
    }

    /// <summary>The settings that rounds of the task would have.</summary>
    /// <exception cref="WorkspaceException">A setting of the project or the request is wrong.</exception>
    public LearnOptions Settings(LearningRequest? request)
    {
        var given = new Dictionary<string, string>(StringComparer.Ordinal);
        void Give(string name, IFormattable? value)
        {
            if (value is not null) given[name] = value.ToString(null, CultureInfo.InvariantCulture);
        }
        Give("label-budget", request?.LabelBudget);
        Give("round-size", request?.RoundSize);
        Give("target-f1", request?.TargetF1);
        if (request?.Strategy is { } strategy) given["strategy"] = strategy;
        var environment = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().ToDictionary(e => (string)e.Key, e => (string?)e.Value ?? "", StringComparer.Ordinal);
        var file = File.Exists(workspace.SettingsPath) ? File.ReadAllText(workspace.SettingsPath) : null;
        return SettingsResolver.Resolve<LearnOptions>("learn", given, environment, file).Options;
    }

    /// <summary>As <see cref="CostModel"/> has it, with the project's prices.</summary>
    public Task<CostReport> CostAsync(LabelingTask task, long images, CancellationToken cancellationToken)
    {
        var environment = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().ToDictionary(e => (string)e.Key, e => (string?)e.Value ?? "", StringComparer.Ordinal);
        var file = File.Exists(workspace.SettingsPath) ? File.ReadAllText(workspace.SettingsPath) : null;
        return CostModel.ReadAsync(workspace, task, images, SettingsResolver.Resolve<CostOptions>("cost", new Dictionary<string, string>(), environment, file).Options, cancellationToken);
    }

    /// <summary>Pictures that rounds work on, at most.</summary>
    public async Task<long> CountImagesAsync(CancellationToken cancellationToken) => (await workspace.Catalog.GetPartitionsAsync(cancellationToken)).Sum(p => p.Rows);

    private async Task<LearnOptions> OptionsAsync(LabelingTask task, LearningRequest request, CancellationToken cancellationToken)
    {
        var options = Settings(request);
        if (request.Work == LearningWork.Rounds) return options;
        var rounds = await workspace.Labels.GetRoundsAsync(task.Name, cancellationToken);
        var newest = rounds.Count == 0 ? -1 : rounds.Max(r => r.Number);
        // A round that still has open pictures is the one that is gone on with; after one that is answered comes one more.
        var open = newest >= 0 && rounds.Single(r => r.Number == newest).State != RoundState.Done && await workspace.Labels.CountOpenAsync(task.Name, newest, cancellationToken) > 0;
        var last = open ? newest : newest + 1;
        var images = await CountImagesAsync(cancellationToken);
        var budget = options.BudgetFor(images);
        var size = options.RoundSizeFor(budget, last);
        var seen = (await workspace.Labels.GetStatesAsync(task.Name, cancellationToken)).Count;
        return options with { Rounds = last, LabelBudget = Math.Max(budget, seen + size), RoundSize = size, TargetF1 = null, Patience = 0 };
    }

    private async Task<float[]> ExampleAsync(LabelingTask task, CancellationToken cancellationToken)
    {
        var encoder = await encoders.OpenAsync(task.Encoder, cancellationToken);
        if (task.Example is { } path && File.Exists(path))
        {
            await using var picture = File.OpenRead(path);
            return await encoder.EncodeAsync(picture, cancellationToken);
        }
        if (task.Classes.Count > 2) return [];
        // The example is gone, or there never was one: what people called positive stands for it.
        var positives = (await workspace.Labels.GetStatesAsync(task.Name, cancellationToken)).Where(s => s.Value == task.Classes[0]).Select(s => s.Image);
        foreach (ImageId image in positives)
            if (await encoder.FindEmbeddingAsync(image, cancellationToken) is { } embedding)
                return embedding;
        throw new WorkspaceException($"Task '{task.Name}' has no example picture and no positive answer to begin from.", $"curator learn {task.Name} --example PICTURE");
    }

    private static string Why(LearnReport report) => report.Stop switch
    {
        StopReason.Budget => string.Create(CultureInfo.InvariantCulture, $"The label budget of {report.Budget:N0} is used up."),
        StopReason.Time => "The time is over.",
        StopReason.Target => "The target F1 is reached.",
        StopReason.NoNewPositives => "The last rounds found nothing new.",
        StopReason.Exhausted => "Every picture has an answer.",
        _ => "All rounds that were asked for are done.",
    };
}
