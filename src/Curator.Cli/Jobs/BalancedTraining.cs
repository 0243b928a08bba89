using System.Text.Json;
using Curator.Core;
using Curator.Core.Catalogs;
using Curator.Core.Files;
using Curator.Learning.Embedding;
using Curator.Learning.Training;
using Curator.Search.Clustering;

namespace Curator.Cli.Jobs;

/// <summary>One round of training.</summary>
/// <param name="Images">Pictures that it learned from.</param>
/// <param name="Coverage">How evenly they covered the embeddings of the encoder before; null for the first round, which draws at random.</param>
internal sealed record TrainingRound(int Round, string Encoder, int Images, SampleCoverage? Coverage);

/// <summary>
/// Rounds of train → embed everything → choose evenly → train on. What is rare in the archive is then learned from as often as what is frequent. Every step is resumable by
/// itself: the same command goes on where it was.
/// </summary>
internal static class BalancedTraining
{
    private const int MostEmbeddings = 200_000;

    /// <summary>Trains the last round's encoder under the wished name; those of the rounds before are kept as <c>name-round1</c> ….</summary>
    public static async Task<(EncoderRow Encoder, IReadOnlyList<TrainingRound> Rounds)> RunAsync(
        CommandContext context, Workspace workspace, TrainOptions options, BalanceOptions balance, CancellationToken cancellationToken)
    {
        if (balance.Rounds == 1)
        {
            var only = await Training.TrainAsync(workspace, options, context.Engine, context.Progress, cancellationToken);
            return (only, []);
        }
        var name = options.Name ?? Core.Settings.SettingsResolver.Kebab(options.Method.ToString());
        var rounds = new List<TrainingRound>();
        EncoderRow? encoder = null;
        for (var round = 1; round <= balance.Rounds; round++)
        {
            var settings = options with
            {
                Name = round == balance.Rounds ? name : $"{name}-round{round}",
                From = encoder?.Id ?? options.From,
                Minutes = options.Minutes / balance.Rounds,
                Budget = options.Budget / balance.Rounds,
                Epochs = options.Epochs / balance.Rounds,
                Pool = encoder is null ? Math.Min(options.Pool, balance.RoundImages) : options.Pool,
            };
            if (settings is { Minutes: null, Budget: null, Epochs: null }) settings = settings with { Minutes = TrainOptions.DefaultMinutes / balance.Rounds };
            SampleCoverage? coverage = null;
            Core.Images.ImageId[]? images = null;
            if (encoder is not null)
            {
                await Embedding.EmbedAsync(workspace, new EmbedOptions { Encoder = encoder.Id, Threads = options.Threads }, context.Engine, context.Progress, cancellationToken);
                var sample = await EmbeddingSample.DrawAsync(workspace, encoder, MostEmbeddings, null, options.Seed, cancellationToken);
                var seed = options.Seed + round;
                var chosen = await Task.Run(
                    () => BalancedSample.Select(sample.Rows, sample.Dimension, balance.RoundImages, balance.Balance, seed, options.Threads, cancellationToken), cancellationToken);
                coverage = await Task.Run(() => BalancedSample.Measure(sample.Rows, sample.Dimension, chosen, options.Seed, options.Threads, cancellationToken), cancellationToken);
                images = [.. chosen.Select(row => sample.Images[row])];
                context.Terminal.Note(FormattableString.Invariant(
                    $"round {round}: {images.Length:N0} pictures cover {coverage.Coverage:P1} of {coverage.Clusters:N0} clusters, as evenly as {coverage.EffectiveClusters:0} of them"));
            }
            encoder = await Training.TrainAsync(workspace, settings, context.Engine, context.Progress, cancellationToken, images);
            rounds.Add(new TrainingRound(round, encoder.Id, images?.Length ?? settings.Pool, coverage));
        }
        AtomicFile.WriteText(Path.Combine(workspace.EncoderDirectory(encoder!.Id), "rounds.json"), JsonSerializer.Serialize(rounds, JsonSerializerOptions.Web));
        return (encoder, rounds);
    }
}
