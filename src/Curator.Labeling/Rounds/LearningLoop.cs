using System.Text;
using System.Text.Json;
using Curator.Core;
using Curator.Core.Files;
using Curator.Core.Labels;
using Curator.Labeling.Labelers;
using Curator.Labeling.Predictions;
using Curator.Labeling.Strategies;

namespace Curator.Labeling.Rounds;

/// <summary>
/// Active learning in rounds: choose images, have them answered, train, measure, choose again. All state is in the <see cref="LabelStore"/>; every
/// choice is a function of archive, answers, options and round number. So a run that was killed at any point goes on where it was and ends equal to an
/// undisturbed one. One run a task at a time, guarded by a lock between processes.
/// </summary>
public static class LearningLoop
{
    private const int PickPurpose = 1;
    private const int EstimatePurpose = 2;
    private const int CoverPurpose = 3;

    /// <summary>Parts of the archive that are looked into: so many for each label of the budget, at most a hundred. Many are seen anyway, by seed and boundary.</summary>
    private const double PartsPerLabel = 0.4;
    private const int MostParts = 100;

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <summary>Where the numbers of the rounds are written, a JSON object a line: <c>.work/learn-TASK/rounds.jsonl</c>.</summary>
    public static string RoundsPath(Workspace workspace, string task) => Path.Combine(workspace.WorkDirectory($"learn-{task}"), "rounds.jsonl");

    /// <summary>The numbers of all finished rounds of a task.</summary>
    public static async Task<IReadOnlyList<RoundReport>> GetReportsAsync(Workspace workspace, string task, CancellationToken cancellationToken) =>
        [.. (await workspace.Labels.GetRoundsAsync(task, cancellationToken))
            .Where(r => r.State == RoundState.Done).OrderBy(r => r.Number).Select(r => JsonSerializer.Deserialize<RoundReport>(r.Metrics, Json)!)];

    /// <summary>Runs rounds until a stop rule holds. A task that is done already returns at once.</summary>
    /// <param name="task">Two classes, the positive one first; its encoder is used, or the newest.</param>
    /// <param name="queryEmbedding">[d]: the example, by the same encoder.</param>
    /// <param name="progress">Told of every finished round, earlier runs' too.</param>
    /// <exception cref="WorkspaceException">Not two classes, no embeddings, unknown strategy, or an example of another dimension.</exception>
    public static async Task<LearnReport> RunAsync(
        Workspace workspace, LabelingTask task, float[] queryEmbedding, LearnOptions options, ILabeler labeler, IProgress<RoundReport>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentNullException.ThrowIfNull(task);
        HeadTrainer.RequireTwoClasses(task);
        if (options.Strategy != QueryStrategies.ScheduleName) QueryStrategies.Get(options.Strategy, options.Predictions is not null);
        using var alone = await workspace.LockAsync($"learn-{task.Name}", cancellationToken);
        using var source = await EmbeddingSource.OpenAsync(workspace, task.Encoder, cancellationToken);
        var run = await OpenAsync(workspace, task, queryEmbedding, options, labeler, source, cancellationToken);
        return await run.ToEndAsync(progress, cancellationToken);
    }

    /// <summary>What a round of that size would ask now, without beginning one: for an agent that labels by itself. Takes no lock and stores nothing.</summary>
    /// <returns>Best first; fewer than asked for when fewer are open. Probabilities are NaN while there is no head.</returns>
    /// <exception cref="WorkspaceException">As for rounds.</exception>
    public static async Task<IReadOnlyList<QueueItem>> SuggestAsync(
        Workspace workspace, LabelingTask task, float[] queryEmbedding, LearnOptions options, int count, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentNullException.ThrowIfNull(task);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        HeadTrainer.RequireTwoClasses(task);
        if (options.Strategy != QueryStrategies.ScheduleName) QueryStrategies.Get(options.Strategy, options.Predictions is not null);
        using var source = await EmbeddingSource.OpenAsync(workspace, task.Encoder, cancellationToken);
        var run = await OpenAsync(workspace, task, queryEmbedding, options, new PeopleLabeler(), source, cancellationToken);
        return await run.SuggestAsync(count, cancellationToken);
    }

    private static async Task<Run> OpenAsync(
        Workspace workspace, LabelingTask task, float[] queryEmbedding, LearnOptions options, ILabeler labeler, EmbeddingSource source, CancellationToken cancellationToken)
    {
        if (queryEmbedding.Length != source.Dimension)
            throw new WorkspaceException(
                $"The example has {queryEmbedding.Length} numbers, the embeddings by {source.Encoder.Id} have {source.Dimension}.",
                $"Embed the example with {source.Encoder.Id}.");
        var states = await workspace.Labels.GetStatesAsync(task.Name, cancellationToken);
        var pool = await LearnPool.LoadAsync(workspace, source, queryEmbedding, options, states.Select(s => s.Image), cancellationToken);
        var scores = await OutsideScores.OfAsync(workspace, options.Predictions, options.Score, pool.Images, cancellationToken);
        return new Run(workspace, task, options, labeler, source, pool, pool.Likeness(queryEmbedding), scores);
    }

    private sealed class Run(
        Workspace workspace, LabelingTask task, LearnOptions options, ILabeler labeler, EmbeddingSource source, LearnPool pool, float[] likeness, float[] scores)
    {
        private readonly int _budget = options.BudgetFor(pool.Count);
        private readonly List<RoundReport> _reports = [];
        private PoolState? _state;
        private Schedule? _schedule;

        public async Task<LearnReport> ToEndAsync(IProgress<RoundReport>? progress, CancellationToken cancellationToken)
        {
            var rounds = (await workspace.Labels.GetRoundsAsync(task.Name, cancellationToken)).ToDictionary(r => r.Number);
            for (var number = 0; ; number++)
            {
                if (!rounds.TryGetValue(number, out var round))
                {
                    if (Stop(number) is { } stop) return Report(stop);
                    var queue = await ChooseAsync(number, null, cancellationToken);
                    if (queue.Count == 0) return Report(StopReason.Exhausted);
                    round = await workspace.Labels.StartRoundAsync(task.Name, number, queue, cancellationToken);
                }
                if (round.State != RoundState.Done)
                {
                    await labeler.AnswerAsync(workspace, task, round, cancellationToken);
                    round = await FinishAsync(round, cancellationToken);
                }
                var report = JsonSerializer.Deserialize<RoundReport>(round.Metrics, Json)!;
                _reports.Add(report);
                progress?.Report(report);
            }
        }

        private StopReason? Stop(int next)
        {
            if (_reports.Count == 0) return null;
            var last = _reports[^1];
            if (last.Labels + last.Unsure >= _budget) return StopReason.Budget;
            if (options.TargetF1 is { } target && last.Estimate is { } estimate && estimate.F1.Low >= target) return StopReason.Target;
            if (options.Patience > 0 && last.Positives > 0 && _reports.Count > options.Patience && _reports.TakeLast(options.Patience).All(r => r.NewPositives == 0))
                return StopReason.NoNewPositives;
            return next > options.Rounds ? StopReason.Rounds : null;
        }

        public async Task<IReadOnlyList<QueueItem>> SuggestAsync(int count, CancellationToken cancellationToken)
        {
            var rounds = await workspace.Labels.GetRoundsAsync(task.Name, cancellationToken);
            return await ChooseAsync(rounds.Count, count, cancellationToken);
        }

        /// <param name="wanted">How many; null for the size of a round, as far as the budget goes.</param>
        private async Task<IReadOnlyList<QueueItem>> ChooseAsync(int number, int? wanted, CancellationToken cancellationToken)
        {
            var state = _state ??= await CurrentAsync(cancellationToken);
            var seen = state.Answers.Count(a => a != QueryPool.Open);
            var count = wanted ?? Math.Min(options.RoundSizeFor(_budget), _budget - seen);
            var candidates = state.ToQueryPool(pool, scores, Sampling.Seed(options.Seed, number, PickPurpose));
            var picks = Choose(candidates, count, Math.Min(1, (double)seen / _budget), cancellationToken);
            return [.. picks.Select((p, rank) => new QueueItem(
                task.Name, number, rank, pool.Images[p.Row], candidates.HasHead ? candidates.Positive(p.Row) : float.NaN, p.Reason))];
        }

        private IReadOnlyList<Pick> Choose(QueryPool candidates, int count, double spent, CancellationToken cancellationToken)
        {
            if (count <= 0) return [];
            if (options.Strategy == "random") return Schedule.Combine(candidates, count, [(new RandomStrategy(), count)], cancellationToken);
            _schedule ??= new Schedule(
                CoverStrategy.Over(pool.Rows, pool.Scaler.Dimension, Math.Min(MostParts, (int)Math.Round(_budget * PartsPerLabel)), Sampling.Seed(options.Seed, 0, CoverPurpose), cancellationToken),
                options.CoverShare, options.HoldoutShare, options.LikelyShare);
            if (!candidates.HasHead) return _schedule.First(candidates, likeness, count, cancellationToken);
            if (options.Strategy == QueryStrategies.ScheduleName) return _schedule.Next(candidates, count, spent, cancellationToken);
            var strategy = QueryStrategies.Get(options.Strategy, options.Predictions is not null);
            var spots = (int)Math.Round(count * options.HoldoutShare);
            return Schedule.Combine(candidates, count, [(strategy, count - spots), (new SpotCheckStrategy(), spots)], cancellationToken);
        }

        private async Task<Round> FinishAsync(Round round, CancellationToken cancellationToken)
        {
            var started = workspace.Clock.GetTimestamp();
            _state = await CurrentAsync(cancellationToken);
            var states = await workspace.Labels.GetStatesAsync(task.Name, cancellationToken);
            var asked = (await workspace.Labels.GetQueueAsync(task.Name, round.Number, cancellationToken)).Select(i => i.Image).ToHashSet();
            var yes = task.Classes[0];
            var answered = await AskedLabels.ReadAsync(workspace.Labels, task, states, round.Number, cancellationToken);
            var estimate = _state.Estimate(answered, Sampling.Seed(options.Seed, round.Number, EstimatePurpose));
            var exact = _state.Exact(pool, labeler.Truth);
            var report = new RoundReport(
                round.Number, asked.Count, states.Count(s => s.Value is not null), states.Count(s => s.Value is null), states.Count(s => s.Value == yes),
                states.Count(s => s.Value == yes && asked.Contains(s.Image)), pool.Count,
                _state.Head is null ? null : _state.Threshold, _state.Head?.Head.Head.Regularisation, estimate, exact,
                workspace.Clock.GetElapsedTime(started).TotalSeconds);
            var metrics = JsonSerializer.Serialize(report, Json);
            WriteLines(_reports.Append(report));
            await workspace.Labels.FinishRoundAsync(task.Name, round.Number, metrics, cancellationToken);
            return round with { State = RoundState.Done, Metrics = metrics };
        }

        private async Task<PoolState> CurrentAsync(CancellationToken cancellationToken) =>
            PoolState.Of(pool, source, task, await workspace.Labels.GetStatesAsync(task.Name, cancellationToken), cancellationToken);

        private void WriteLines(IEnumerable<RoundReport> reports)
        {
            var text = new StringBuilder();
            foreach (var report in reports) text.Append(JsonSerializer.Serialize(report, Json)).Append('\n');
            AtomicFile.WriteText(RoundsPath(workspace, task.Name), text.ToString());
        }

        private LearnReport Report(StopReason stop) =>
            new(task.Name, stop, _reports.LastOrDefault()?.Labels ?? 0, _reports.LastOrDefault()?.Positives ?? 0, _budget, [.. _reports]);
    }
}
