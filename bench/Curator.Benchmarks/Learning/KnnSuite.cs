using System.Globalization;
using Curator.Imagery.Resizing;
using Curator.Learning.Encoders;
using Curator.Learning.Native;
using Curator.Learning.Statistics;
using Curator.Learning.Training;
using Curator.Learning.Views;
using Microsoft.ML.OnnxRuntime;
using static TorchSharp.torch;

namespace Curator.Benchmarks.Learning;

/// <summary>
/// 5-NN accuracy on the test fifth of class folders against minutes of training on the rest, without labels. On the processor a minute is one of processor time on each of the threads, so
/// that a busy machine does not count against anyone. With <c>--report 5,10</c> a longer training is also judged at these minutes, when its learning rate is still high.
/// Options: <c>[--what train|baselines] [--minutes 5] [--report 5,10] [--method simclr] [--network resnet18:32] [--batch 256] [--precision auto] [--device cpu] [--threads 2] [--preset satellite] [--learning-rate 0.001]
/// [--temperature 0.2] [--weight-decay 0.0001] [--jitter X] [--saturation X] [--hue X] [--grey X] [--min-area X] [--seed 1] [--mobilenet FILE.onnx] [--tiles FILE]</c>.
/// </summary>
internal static class KnnSuite
{
    private const int Whitened = 128;

    public static void Run(Arguments arguments)
    {
        var tiles = Tiles.Load(arguments);
        TorchRuntime.EnsureLoaded();
        set_num_threads(arguments.Get("threads", 2));
        using var log = new RunLog("knn", arguments);
        using var scope = NewDisposeScope();
        var statistics = Statistics(tiles);
        if (arguments.Get("what", "train") == "baselines") Baselines(arguments, tiles, statistics, log);
        else Train(arguments, tiles, statistics, log);
    }

    private static void Train(Arguments arguments, Tiles tiles, Tensor statistics, RunLog log)
    {
        double Number(string name, double otherwise) => double.Parse(arguments.Get(name, otherwise.ToString(CultureInfo.InvariantCulture)), CultureInfo.InvariantCulture);
        var options = TrainSpeedSuite.Options(arguments, arguments.Get("network", "resnet18:32"), arguments.Get("batch", 256), arguments.Get("precision", "auto")) with
        {
            Method = Enum.Parse<LearningMethod>(arguments.Get("method", "simclr").Replace("-", "", StringComparison.Ordinal), ignoreCase: true),
            Minutes = Number("minutes", 5),
            LearningRate = Number("learning-rate", 1e-3),
            Temperature = Number("temperature", 0.2),
            WeightDecay = Number("weight-decay", 1e-4),
            Preset = Enum.Parse<ViewPreset>(arguments.Get("preset", "satellite"), ignoreCase: true),
        };
        var pixels = new TrainThenTest(tiles);
        TimeProvider clock = options.Device.StartsWith("cuda", StringComparison.Ordinal) ? TimeProvider.System : new ProcessorClock(options.Threads);
        var preset = ViewOptions.Of(options.Preset);
        var jitter = (float)Number("jitter", preset.Brightness);
        options = options with
        {
            Brightness = jitter, Contrast = jitter, Saturation = (float)Number("saturation", jitter), Hue = (float)Number("hue", preset.Hue), Grey = (float)Number("grey", preset.Grey),
            MinArea = (float)Number("min-area", preset.MinArea),
        };
        using var trainer = new Trainer(options, pixels, Normalisation.Of(pixels), clock);
        if (arguments.Get("untrained", 0) == 1) Report(log, options, tiles, statistics, trainer, "untrained", 0, 0);
        var steps = trainer.PlanSteps();
        Console.WriteLine($"{steps} steps of {trainer.BatchSize}, {trainer.Arithmetic} on {trainer.Device.Name}");
        var (start, wall) = (clock.GetTimestamp(), TimeProvider.System.GetTimestamp());
        var judging = 0.0; // minutes of the clock
        var due = new Queue<int>(arguments.GetList("report"));
        double Elapsed() => clock.GetElapsedTime(start).TotalMinutes - judging;
        for (var tenth = 1; tenth <= 10; tenth++)
        {
            StepReport last = default;
            while (trainer.Step < steps * tenth / 10)
            {
                last = trainer.Next(steps);
                if (due.Count == 0 || Elapsed() is var minutes && minutes < due.Peek()) continue;
                due.Dequeue();
                Report(log, options, tiles, statistics, trainer, "in training", minutes, TimeProvider.System.GetElapsedTime(wall).TotalMinutes);
                judging += Elapsed() - minutes;
            }
            Console.WriteLine(FormattableString.Invariant($"{tenth * 10} %: loss {last.Loss:0.000}, {last.ImagesPerSecond:0} images/s, {TimeProvider.System.GetElapsedTime(wall).TotalSeconds:0} s"));
        }
        trainer.Recalibrate();
        trainer.Device.Synchronize();
        Report(log, options, tiles, statistics, trainer, "trained", Elapsed(), TimeProvider.System.GetElapsedTime(wall).TotalMinutes);
    }

    private static void Report(RunLog log, TrainOptions options, Tiles tiles, Tensor statistics, Trainer trainer, string what, double minutes, double wall)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var features = trainer.Features([.. Enumerable.Range(0, tiles.Names.Length)]); // [N, F], training pictures first
        var (known, asked) = (features.slice(0, 0, tiles.Train.Length, 1), features.slice(0, tiles.Train.Length, tiles.Names.Length, 1));
        var whitening = Whitening.Fit(known.slice(0, 0, Math.Min(10_000, tiles.Train.Length), 1), Whitened);
        var (white, whiteAsked) = (Apply(whitening, known), Apply(whitening, asked));
        var (calm, calmAsked) = (statistics.index_select(0, tensor(tiles.Train, dtype: ScalarType.Int64)), statistics.index_select(0, tensor(tiles.Test, dtype: ScalarType.Int64)));

        int[] knownLabels = [.. tiles.Train.Select(i => tiles.Labels[i])], askedLabels = [.. tiles.Test.Select(i => tiles.Labels[i])];
        var (learned, counted) = (NeighbourVote.Cosines(whiteAsked, white), NeighbourVote.Cosines(calmAsked, calm));
        double Joined(double share) => NeighbourVote.Accuracy((learned * (1 - share)) + (counted * share), askedLabels, knownLabels);
        // The share is chosen on training pictures alone: each of 2,000 asks the others.
        const int jury = 2000;
        var judges = Enumerable.Range(0, Math.Min(jury, tiles.Train.Length)).Select(i => i * (tiles.Train.Length / Math.Min(jury, tiles.Train.Length))).ToArray();
        var index = tensor(judges, dtype: ScalarType.Int64);
        var self = zeros([judges.Length, tiles.Train.Length]).scatter_(1, index.unsqueeze(1), ones([judges.Length, 1]) * -10);
        var (learnedJury, countedJury) = (NeighbourVote.Cosines(white.index_select(0, index), white), NeighbourVote.Cosines(calm.index_select(0, index), calm));
        double[] shares = [0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 1];
        var best = shares.MaxBy(share => NeighbourVote.Accuracy((learnedJury * (1 - share)) + (countedJury * share) + self, [.. judges.Select(i => knownLabels[i])], knownLabels));
        log.Add(
            ("what", $"{what} {options.Method} {options.Architecture}:{options.Width}"), ("device", trainer.Device.Name), ("arithmetic", trainer.Arithmetic.ToString()), ("minutes", Math.Round(minutes, 2)),
            ("wallMinutes", Math.Round(wall, 2)), ("steps", trainer.Step), ("images", trainer.Step * trainer.BatchSize),
            ("epochs", Math.Round((double)trainer.Step * trainer.BatchSize / tiles.Train.Length, 1)),
            ("images/s", Math.Round(trainer.Step * trainer.BatchSize / Math.Max(minutes * 60, 1e-9), 1)),
            ("network", Math.Round(100 * NeighbourVote.Accuracy(NeighbourVote.Cosines(asked, known), askedLabels, knownLabels), 2)),
            ("whitened", Math.Round(100 * Joined(0), 2)), ("joined0.9", Math.Round(100 * Joined(0.9), 2)), ("share", best), ("joined", Math.Round(100 * Joined(best), 2)));
    }

    private static void Baselines(Arguments arguments, Tiles tiles, Tensor statistics, RunLog log)
    {
        int[] knownLabels = [.. tiles.Train.Select(i => tiles.Labels[i])], askedLabels = [.. tiles.Test.Select(i => tiles.Labels[i])];
        void Add(string what, Tensor all)
        {
            using var scope = NewDisposeScope();
            var (known, asked) = (all.index_select(0, tensor(tiles.Train, dtype: ScalarType.Int64)), all.index_select(0, tensor(tiles.Test, dtype: ScalarType.Int64)));
            log.Add(("what", what), ("numbers", all.shape[1]), ("accuracy", Math.Round(100 * NeighbourVote.Accuracy(NeighbourVote.Cosines(asked, known), askedLabels, knownLabels), 2)));
        }
        Add("RGB 8x8x8 histogram", Histogram(tiles));
        Add("statistics", RawStatistics(tiles));
        Add("statistics, half-whitened", statistics);
        if (arguments.Get("mobilenet", "") is { Length: > 0 } model) Add("MobileNetV2 ImageNet", MobileNet(tiles, model, arguments.Get("threads", 2)));
    }

    /// <summary>As training fits it for a joined encoder; fitted on training pictures.</summary>
    private static Tensor Statistics(Tiles tiles)
    {
        using var scope = NewDisposeScope();
        var raw = RawStatistics(tiles);
        var whitening = Whitening.Fit(raw.index_select(0, tensor(tiles.Train.Take(10_000).ToArray(), dtype: ScalarType.Int64)), StatisticsExtractor.Dimension, ridge: 0.1, power: 0.5);
        return Apply(whitening, raw).MoveToOuterDisposeScope();
    }

    private static Tensor RawStatistics(Tiles tiles)
    {
        const int picture = Tiles.Side * Tiles.Side * 3, chunk = 100;
        var numbers = new float[tiles.Names.Length * StatisticsExtractor.Dimension];
        using var encoder = new StatisticsEncoder();
        Parallel.For(0, (tiles.Names.Length + chunk - 1) / chunk, new ParallelOptions { MaxDegreeOfParallelism = get_num_threads() }, part =>
        {
            var (first, count) = (part * chunk, Math.Min(chunk, tiles.Names.Length - (part * chunk)));
            encoder.Encode(tiles.Pixels.AsSpan(first * picture, count * picture), count, numbers.AsSpan(first * StatisticsExtractor.Dimension, count * StatisticsExtractor.Dimension));
        });
        return tensor(numbers, [tiles.Names.Length, StatisticsExtractor.Dimension]);
    }

    private static Tensor Histogram(Tiles tiles)
    {
        const int picture = Tiles.Side * Tiles.Side;
        var counts = new float[tiles.Names.Length * 512];
        for (var pixel = 0; pixel < tiles.Names.Length * picture; pixel++)
        {
            var rgb = tiles.Pixels.AsSpan(pixel * 3, 3);
            counts[((pixel / picture) * 512) + ((rgb[0] >> 5) * 64) + ((rgb[1] >> 5) * 8) + (rgb[2] >> 5)]++;
        }
        return tensor(counts, [tiles.Names.Length, 512]).sqrt();
    }

    /// <summary>Features of the published network, pictures stretched to its size, (x − 128) / 128.</summary>
    private static Tensor MobileNet(Tiles tiles, string model, int threads)
    {
        using var options = new SessionOptions { IntraOpNumThreads = threads };
        using var session = new InferenceSession(model, options);
        var (input, shape) = (session.InputMetadata.Keys.First(), session.InputMetadata.Values.First().Dimensions);
        var planar = shape[1] == 3;
        var side = planar ? shape[2] : shape[1];
        var dimension = session.OutputMetadata["embedding"].Dimensions[^1];
        var features = new float[tiles.Names.Length * dimension];
        var resizer = new Resizer();
        var pixels = new byte[side * side * 3];
        var values = new float[side * side * 3];
        using var run = new RunOptions();
        for (var i = 0; i < tiles.Names.Length; i++)
        {
            resizer.ToSquare(tiles.Pixels.AsSpan(i * Tiles.Side * Tiles.Side * 3, Tiles.Side * Tiles.Side * 3), Tiles.Side, Tiles.Side, pixels, side);
            for (var j = 0; j < pixels.Length; j++) values[planar ? ((j % 3) * side * side) + (j / 3) : j] = (pixels[j] - 128) / 128f;
            using var value = OrtValue.CreateTensorValueFromMemory(values, planar ? [1, 3, side, side] : [1, side, side, 3]);
            using var outputs = session.Run(run, [input], [value], ["embedding"]);
            outputs[0].GetTensorDataAsSpan<float>()[..dimension].CopyTo(features.AsSpan(i * dimension));
        }
        return tensor(features, [tiles.Names.Length, dimension]);
    }

    private static Tensor Apply(Whitening whitening, Tensor features) =>
        features.mm(tensor(whitening.Matrix, [whitening.Dimension, whitening.Features]).t()).add_(tensor(whitening.Shift));

    /// <summary>Training draws from the first pictures alone; the test pictures stand behind them, for their features.</summary>
    private sealed class TrainThenTest(Tiles tiles) : IPixelSource
    {
        public int Count => tiles.Train.Length;

        public int Side => Tiles.Side;

        public void Copy(int image, Span<byte> pixels)
        {
            var tile = image < tiles.Train.Length ? tiles.Train[image] : tiles.Test[image - tiles.Train.Length];
            tiles.Pixels.AsSpan(tile * pixels.Length, pixels.Length).CopyTo(pixels);
        }
    }

    /// <summary>Processor time of the process, spread over its threads.</summary>
    private sealed class ProcessorClock(int threads) : TimeProvider
    {
        public override long TimestampFrequency => 1_000_000;

        public override long GetTimestamp() => (long)(ThreadClock.ProcessSeconds * 1e6 / threads);
    }
}
