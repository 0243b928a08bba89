using System.Runtime.InteropServices;
using Curator.Learning.Methods;
using Curator.Learning.Native;

namespace Curator.Learning.Training;

/// <summary>What settings leave open about a training's speed, chosen at its start and kept in its checkpoints.</summary>
/// <param name="Arithmetic">Null where it was not tried.</param>
/// <param name="TrialSeconds">What the trial took; 0 when nothing was tried.</param>
internal sealed record SpeedChoice(int BatchSize, int Threads, Arithmetic? Arithmetic, double TrialSeconds)
{
    /// <summary>Fills in what is open; a training that goes on where there are fewer cores uses those.</summary>
    public TrainOptions ApplyTo(TrainOptions options) => options with
    {
        BatchSize = options.BatchSize ?? BatchSize, Threads = options.Threads > 0 ? options.Threads : Math.Min(Threads, Environment.ProcessorCount),
    };
}

/// <summary>
/// Chooses batch size and threads by real steps of the training, whose networks are thrown away: at most 5 seconds and a fiftieth of the minutes, apart from the step that is under way when they are over, and none where the budget is images or epochs
/// (those repeat exactly) or so short that a trial would tell nothing. Batch size decides what is learned, not only how fast: the default stays unless another is a quarter quicker an image, or does not
/// fit into memory.
/// </summary>
internal static class SpeedTrial
{
    private const double MostSeconds = 5, ShareOfMinutes = 0.02, LeastSeconds = 2, ThreadMargin = 1.1, BatchMargin = 1.25, ShareOfMemory = 0.75;
    private const int LeastBatch = 16, LeastEpochBatches = 4, GpuSteps = 10;

    public static SpeedChoice Run(TrainOptions options, IPixelSource pixels, Normalisation normalisation, TimeProvider clock, Action<string>? note)
    {
        var settled = options with { BatchSize = options.BatchSize ?? FittingBatch(options, pixels, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes), Threads = options.ThreadsOrAll };
        var seconds = options.IsTimed ? Math.Min(MostSeconds, ShareOfMinutes * 60 * (options.Minutes ?? TrainOptions.DefaultMinutes)) : 0;
        var (batchOpen, threadsOpen) = (options.BatchSize is null, options.Threads == 0);
        if (seconds < LeastSeconds || !(batchOpen || threadsOpen)) return new SpeedChoice(settled.BatchSize.Value, settled.Threads, null, 0);

        note?.Invoke("trying batch size and threads");
        var trial = new Trial(seconds);
        Arithmetic arithmetic;
        double secondsAnImage;
        using (var trainer = First(ref settled, batchOpen, pixels, normalisation, clock, trial))
        {
            arithmetic = trainer.Arithmetic;
            var steps = trainer.Device.IsCuda ? GpuSteps : 1;
            long next = 1;
            (settled, secondsAnImage) = trial.Choose(
                [.. Threads(settled.Threads, threadsOpen && !trainer.Device.IsCuda).Select(threads => settled with { Threads = threads })], ThreadMargin, _ => steps * (long)trainer.ImagesPerStep, candidate =>
                {
                    TorchRuntime.SetThreads(candidate.Threads);
                    var spent = trainer.TimeSteps(next, steps);
                    next += steps;
                    return (spent, spent / ((double)steps * trainer.ImagesPerStep));
                });
        }
        if (batchOpen)
            (settled, _) = trial.Choose(
                [settled, .. Batches(options.Method, settled.BatchSize!.Value, pixels.Count).Where(batch => Fits(options, pixels, batch, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes)).Select(batch => settled with { BatchSize = batch })],
                BatchMargin, candidate => 2L * candidate.BatchSize!.Value * candidate.Accumulate, candidate => Time(candidate, pixels, normalisation, clock, arithmetic), secondsAnImage);
        return new SpeedChoice(settled.BatchSize!.Value, settled.Threads, arithmetic, Math.Round(seconds - trial.Left, 3));
    }

    /// <summary>The default, or the greatest power of two below it whose step fits into memory.</summary>
    internal static int FittingBatch(TrainOptions options, IPixelSource pixels, long memoryBytes)
    {
        var batch = TrainOptions.DefaultBatchSize;
        while (batch > LeastBatch && !Fits(options, pixels, batch, memoryBytes)) batch /= 2;
        return batch;
    }

    /// <summary>Other sizes in the method's range, the nearest to the default first, that leave at least four batches to a time through the pictures.</summary>
    internal static IEnumerable<int> Batches(LearningMethod method, int given, int images)
    {
        var (least, most) = MethodChoice.Batches(method);
        for (var factor = 2; factor <= most; factor *= 2)
        {
            if (given * factor <= most && given * factor <= images / LeastEpochBatches) yield return given * factor;
            if (given / factor >= least) yield return given / factor;
        }
    }

    /// <summary>All cores, half and a quarter of them: with two threads a core, or beside other work, fewer can be quicker.</summary>
    private static IEnumerable<int> Threads(int all, bool open) => open ? new[] { all, all / 2, all / 4 }.Where(threads => threads > 0).Distinct() : [all];

    private static bool Fits(TrainOptions options, IPixelSource pixels, int batch, long memoryBytes) =>
        // A GPU's memory is not the machine's; there a batch that does not fit says so itself.
        memoryBytes <= 0 || ComputeDevice.Resolve(options.Device.Split(',')[0]).IsCuda
            || StepBytes(options, pixels.Channels, Math.Min(batch, pixels.Count)) <= ShareOfMemory * memoryBytes;

    /// <summary>
    /// Memory of a step, roughly: what the backward pass needs of every layer, in single precision, three times, which is what ResNet-18 with both stems was seen to take (gradients,
    /// reordered copies and an allocator that gives nothing back).
    /// </summary>
    internal static long StepBytes(TrainOptions options, int channels, int batch)
    {
        const int copies = 3;
        return copies * sizeof(float) * options.Plan(channels).Activations(options.ViewSide) * options.ViewCount * batch;
    }

    /// <summary>A training after its first step, which builds kernels and grows the heap. Where a GPU's memory does not reach, with half of the batch, and so on.</summary>
    private static Trainer First(ref TrainOptions settled, bool batchOpen, IPixelSource pixels, Normalisation normalisation, TimeProvider clock, Trial trial)
    {
        while (true)
        {
            var trainer = new Trainer(settled, pixels, normalisation, clock);
            try
            {
                trial.Spend(trainer.TimeSteps(0, 1));
                settled = settled with { BatchSize = trainer.BatchSize };
                return trainer;
            }
            catch (ExternalException) when (batchOpen && trainer.BatchSize > LeastBatch)
            {
                settled = settled with { BatchSize = trainer.BatchSize / 2 };
                trainer.Dispose();
            }
            catch
            {
                trainer.Dispose();
                throw;
            }
        }
    }

    private static (double Spent, double SecondsAnImage) Time(TrainOptions candidate, IPixelSource pixels, Normalisation normalisation, TimeProvider clock, Arithmetic arithmetic)
    {
        var start = clock.GetTimestamp();
        try
        {
            using var trainer = new Trainer(candidate, pixels, normalisation, clock, arithmetic);
            var steps = trainer.Device.IsCuda ? GpuSteps : 1;
            trainer.TimeSteps(0, 1);
            var seconds = trainer.TimeSteps(1, steps);
            return (clock.GetElapsedTime(start).TotalSeconds, seconds / ((double)steps * trainer.ImagesPerStep));
        }
        catch (ExternalException)
        {
            // libtorch's own error: out of memory, or kernels that refuse so many.
            return (clock.GetElapsedTime(start).TotalSeconds, double.PositiveInfinity);
        }
    }
}
