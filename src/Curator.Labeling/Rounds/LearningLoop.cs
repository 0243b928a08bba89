using System.Text;
using System.Text.Json;
using Curator.Core;
using Curator.Core.Files;
using Curator.Core.Labels;
using Curator.Labeling.Labelers;
using Curator.Labeling.Metrics;
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
    /// <param name="task">Of two classes the positive one stands first; its encoder is used, or the newest.</param>
    /// <param name="queryEmbedding">[d]: the example, by the same encoder. Empty for a task of more than two classes that has none.</param>
    /// <param name="progress">Told of every finished round, earlier runs' too.</param>
    /// <exception cref="WorkspaceException">No embeddings, unknown strategy, or an example of another dimension.</exception>
    public static async Task<LearnReport> RunAsync(
        Workspace workspace, LabelingTask task, float[] queryEmbedding, LearnOptions options, ILabeler labeler, IProgress<RoundReport>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(queryEmbedding);
        ArgumentNullException.ThrowIfNull(options);
        if (options.Strategy != QueryStrategies.ScheduleName) QueryStrategies.Get(options.Strategy, options.Predictions is not null);
        using var alone = await workspace.LockAsync($"learn-{task.Name}", cancellationToken);
        using var source = await EmbeddingSource.OpenAsync(workspace, task.Encoder, cancellationToken);
        var settings = SettingsOf(task, source, queryEmbedding, options);
        await settings.SaveAsync(workspace, task.Name, source.Encoder.Id, cancellationToken);
        var pool = await LearnPool.LoadAsync(workspace, source, queryEmbedding, options, cancellationToken);
        using var expansion = pool.IsSample && (options.ExpandImages > 0 || options.Candidates == CandidateKind.Neighbours)
            ? new ArchiveExpansion(workspace, source, task, options) : null;
        return await new Run(workspace, task, options, labeler, source, pool, settings, queryEmbedding, expansion).ToEndAsync(progress, cancellationToken);
    }

    /// <summary>What a round of that size would ask now, without beginning one: for a program that labels by itself. Takes no lock and stores nothing.</summary>
    /// <returns>Best first; fewer than asked for when fewer are open. Probabilities, of the task's first class, are NaN while there is no head.</returns>
    /// <exception cref="WorkspaceException">As for rounds.</exception>
    public static async Task<IReadOnlyList<QueueItem>> SuggestAsync(
        Workspace workspace, LabelingTask task, float[] queryEmbedding, LearnOptions options, int count, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(queryEmbedding);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        if (options.Strategy != QueryStrategies.ScheduleName) QueryStrategies.Get(options.Strategy, options.Predictions is not null);
        using var source = await EmbeddingSource.OpenAsync(workspace, task.Encoder, cancellationToken);
        var settings = SettingsOf(task, source, queryEmbedding, options);
        var pool = await LearnPool.LoadAsync(workspace, source, queryEmbedding, options, cancellationToken);
        using var expansion = pool.IsSample && (options.ExpandImages > 0 || options.Candidates == CandidateKind.Neighbours)
            ? new ArchiveExpansion(workspace, source, task, options) : null;
        return await new Run(workspace, task, options, new PeopleLabeler(), source, pool, settings, queryEmbedding, expansion).SuggestAsync(count, cancellationToken);
    }

    private static HeadSettings SettingsOf(LabelingTask task, EmbeddingSource source, float[] queryEmbedding, LearnOptions options)
    {
        if (queryEmbedding.Length != source.Dimension && (task.Classes.Count == 2 || queryEmbedding.Length > 0))
            throw new WorkspaceException(
                $"The example has {queryEmbedding.Length} numbers, the embeddings by {source.Encoder.Id} have {source.Dimension}.",
                $"Embed the example with {source.Encoder.Id}.");
        // An example says which of two classes is meant; of more it could be any.
        return new HeadSettings(options.Head, options.ClassBalance, task.Classes.Count == 2 ? queryEmbedding : []);
    }

    private sealed class Run(
        Workspace workspace, LabelingTask task, LearnOptions options, ILabeler labeler, EmbeddingSource source, LearnPool pool, HeadSettings settings, float[] example,
        ArchiveExpansion? expansion)
    {
        private readonly int _budget = options.BudgetFor(pool.ArchiveCount);
        private readonly int _baseCount = pool.Count;
        private readonly long _began = workspace.Clock.GetTimestamp();
        private readonly List<RoundReport> _reports = [];
        private PoolState? _state;
        private Schedule? _schedule;
        private CoverStrategy? _cover;
        private int _covered;

        public async Task<LearnReport> ToEndAsync(IProgress<RoundReport>? progress, CancellationToken cancellationToken)
        {
            var rounds = (await workspace.Labels.GetRoundsAsync(task.Name, cancellationToken)).ToDictionary(r => r.Number);
            await RestorePoolAsync(rounds.Count, cancellationToken);
            for (var number = 0; ; number++)
            {
                if (!rounds.TryGetValue(number, out var round))
                {
                    if (Stop(number) is { } stop) return Report(stop);
                    var (queue, probabilities) = await ChooseAsync(number, null, cancellationToken);
                    if (queue.Count == 0) return Report(StopReason.Exhausted);
                    if (task.Classes.Count > 2) await AskedLabels.KeepAsync(workspace, task, number, probabilities, cancellationToken);
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

        /// <summary>What joined the pool before each round, in that order; then answered images from elsewhere.</summary>
        private async Task RestorePoolAsync(int rounds, CancellationToken cancellationToken)
        {
            for (var round = 1; expansion is not null && round < rounds; round++)
                if (await expansion.KeptAsync(round, cancellationToken) is { } joined)
                    pool.Add(joined.Images);
            pool.Add([.. (await workspace.Labels.GetStatesAsync(task.Name, cancellationToken)).Select(s => s.Image).Order()]);
        }

        private StopReason? Stop(int next)
        {
            if (_reports.Count == 0) return null;
            var last = _reports[^1];
            if (last.Labels + last.Unsure >= _budget) return StopReason.Budget;
            if (options.TargetF1 is { } target && last.Estimate is { } estimate && estimate.F1.Low >= target) return StopReason.Target;
            if (options.Patience > 0 && last.Positives > 0 && _reports.Count > options.Patience && _reports.TakeLast(options.Patience).All(r => r.NewPositives == 0))
                return StopReason.NoNewPositives;
            if (options.TimeLimitMinutes is { } minutes && workspace.Clock.GetElapsedTime(_began).TotalMinutes >= minutes) return StopReason.Time;
            return next > options.Rounds ? StopReason.Rounds : null;
        }

        public async Task<IReadOnlyList<QueueItem>> SuggestAsync(int count, CancellationToken cancellationToken)
        {
            var rounds = (await workspace.Labels.GetRoundsAsync(task.Name, cancellationToken)).Count;
            await RestorePoolAsync(rounds, cancellationToken);
            return (await ChooseAsync(rounds, count, cancellationToken)).Queue;
        }

        /// <param name="wanted">How many, of the pool as it is; null for the size of a round as far as the budget goes, from the pool grown for it.</param>
        private async Task<(IReadOnlyList<QueueItem> Queue, IReadOnlyList<float[]> Probabilities)> ChooseAsync(int number, int? wanted, CancellationToken cancellationToken)
        {
            var state = _state ??= await CurrentAsync(cancellationToken);
            if (expansion is not null && number > 0 && wanted is null) state = _state = await GrowAsync(number, state, cancellationToken);
            var seen = state.Answers.Count(a => a != QueryPool.Open);
            var count = wanted ?? Math.Min(options.RoundSizeFor(_budget, number), _budget - seen);
            var scores = await OutsideScores.OfAsync(workspace, options.Predictions, options.Score, pool.Images, cancellationToken);
            var candidates = state.ToQueryPool(pool, Sampling.Seed(options.Seed, number, PickPurpose), scores);
            var picks = Choose(candidates, count, Math.Min(1, (double)seen / _budget), cancellationToken);
            var queue = picks.Select((p, rank) => new QueueItem(
                task.Name, number, rank, pool.Images[p.Row], candidates.HasHead ? candidates.Positive(p.Row) : float.NaN, p.Reason)).ToList();
            return (queue, [.. picks.Select(p => candidates.HasHead ? candidates.ProbabilitiesOf(p.Row).ToArray() : [])]);
        }

        private async Task<PoolState> GrowAsync(int number, PoolState state, CancellationToken cancellationToken)
        {
            var joined = await expansion!.KeptAsync(number, cancellationToken);
            if (joined is null)
            {
                var asked = await workspace.Labels.GetQueueAsync(task.Name, number - 1, cancellationToken);
                var answered = asked.Select(i => (i.Image, pool.IndexOf(i.Image) is var row and >= 0 ? state.Answers[row] : QueryPool.Open)).ToList();
                joined = await expansion.GrowAsync(number, pool, state, answered, cancellationToken);
            }
            pool.Add(joined.Images);
            return state.Extended(pool);
        }

        private IReadOnlyList<Pick> Choose(QueryPool candidates, int count, double spent, CancellationToken cancellationToken)
        {
            if (count <= 0) return [];
            if (options.Strategy == "random") return Schedule.Combine(candidates, count, [(new RandomStrategy(), count)], cancellationToken);
            var schedule = TheSchedule(cancellationToken);
            if (!candidates.HasHead || candidates.AnsweredRows().Count == 0) return schedule.First(candidates, pool.Likeness(example), count, cancellationToken);
            if (options.Strategy == QueryStrategies.ScheduleName) return schedule.Next(candidates, count, spent, cancellationToken);
            var strategy = QueryStrategies.Get(options.Strategy, options.Predictions is not null);
            var spots = (int)Math.Round(count * options.HoldoutShare);
            return Schedule.Combine(candidates, count, [(strategy, count - spots), (new SpotCheckStrategy(), spots)], cancellationToken);
        }

        /// <summary>The schedule, its parts made once from the pool as it was at first, and grown with it.</summary>
        private Schedule TheSchedule(CancellationToken cancellationToken)
        {
            var d = pool.Scaler.Dimension;
            if (_schedule is null)
            {
                var parts = Math.Min(MostParts, (int)Math.Round(_budget * PartsPerLabel));
                _cover = CoverStrategy.Over(pool.Rows[..(_baseCount * d)], d, parts, Sampling.Seed(options.Seed, 0, CoverPurpose), cancellationToken);
                _schedule = new Schedule(_cover, options.CoverShare, options.HoldoutShare, options.LikelyShare);
                _covered = _baseCount;
            }
            _cover!.Grow(pool.Rows[(_covered * d)..], d, cancellationToken);
            _covered = pool.Count;
            return _schedule;
        }

        private async Task<Round> FinishAsync(Round round, CancellationToken cancellationToken)
        {
            var started = workspace.Clock.GetTimestamp();
            var states = await workspace.Labels.GetStatesAsync(task.Name, cancellationToken);
            _state = PoolState.Of(pool, source, task, states, settings, cancellationToken);
            var asked = (await workspace.Labels.GetQueueAsync(task.Name, round.Number, cancellationToken)).Select(i => i.Image).ToHashSet();
            var yes = task.Classes[0];
            var answered = await AskedLabels.ReadAsync(workspace, task, states, round.Number, cancellationToken);
            var estimate = _state.Estimate(pool, answered, Sampling.Seed(options.Seed, round.Number, EstimatePurpose));
            var exact = _state.Exact(pool, labeler.Truth);
            var found = task.Classes.Count == 2 ? states.Count(s => s.Value == yes && asked.Contains(s.Image)) : Unexpected(answered, round.Number);
            var report = new RoundReport(
                round.Number, asked.Count, states.Count(s => s.Value is not null), states.Count(s => s.Value is null), states.Count(s => s.Value == yes), found, pool.Count,
                _state.Head is null ? null : _state.Threshold, _state.Head?.Head.Head.Regularisation, estimate?.Mean, exact?.Mean,
                workspace.Clock.GetElapsedTime(started).TotalSeconds)
            {
                Classes = task.Classes.Count == 2 ? null
                    : [.. task.Classes.Select((name, c) => new ClassNumbers(name, states.Count(s => s.Value == name), estimate?.Classes[c], exact?.Classes[c]))],
                Cost = await SpentAsync(round.Number, states.Count, cancellationToken),
            };
            var metrics = JsonSerializer.Serialize(report, Json);
            WriteLines(_reports.Append(report));
            await workspace.Labels.FinishRoundAsync(task.Name, round.Number, metrics, cancellationToken);
            return round with { State = RoundState.Done, Metrics = metrics };
        }

        /// <summary>Answers of a round that the head had not expected: while there was no head, all.</summary>
        private static int Unexpected(IReadOnlyList<AskedLabel>[] asked, int round)
        {
            var byClass = asked.Select(labels => labels.Where(l => l.Round == round).ToArray()).ToArray();
            var surprises = 0;
            for (var i = 0; i < byClass[0].Length; i++)
            {
                var likeliest = Enumerable.Range(0, byClass.Length).MaxBy(c => byClass[c][i].Probability);
                if (!byClass[likeliest][i].Positive) surprises++;
            }
            return surprises;
        }

        private async Task<RoundCost> SpentAsync(int round, int answers, CancellationToken cancellationToken)
        {
            var joined = expansion is null ? null : await expansion.KeptAsync(round, cancellationToken);
            var added = joined?.Images.Count ?? 0;
            return new RoundCost(pool.Count, joined?.Compared ?? 0, (joined?.Bytes ?? 0) + ((answers + added) * (long)pool.Scaler.Dimension * 4), added);
        }

        private async Task<PoolState> CurrentAsync(CancellationToken cancellationToken) =>
            PoolState.Of(pool, source, task, await workspace.Labels.GetStatesAsync(task.Name, cancellationToken), settings, cancellationToken);

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
