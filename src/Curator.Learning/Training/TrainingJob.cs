using System.Globalization;
using Curator.Core;
using Curator.Imagery.Plots;
using Curator.Learning.Encoders;
using Curator.Learning.Native;
using Curator.Learning.Networks;
using Curator.Learning.Onnx;
using Curator.Learning.Statistics;
using Curator.Learning.Weights;

namespace Curator.Learning.Training;

/// <summary>An encoder that is ready to be registered.</summary>
internal sealed record TrainedEncoder(EncoderCard Card, IReadOnlyDictionary<string, byte[]> Files);

/// <summary>
/// The synchronous part of a training: resume, step, checkpoint, and at the end whitening, export and the comparison of the exported network
/// with the trained one. Runs on one thread.
/// </summary>
internal sealed class TrainingJob(
    TrainSpecification specification, TrainingPool pool, IReadOnlyList<NamedTensor>? start, string directory, TimeProvider clock, long units, IProgress<long>? unitsDone, Action<string>? note,
    CancellationToken cancellationToken)
{
    private const int WhiteningImages = 10_000;
    private const int NoteEverySteps = 10;
    private const int Validations = 20, MinStepsBetweenValidations = 10;

    // The settings, and what they leave open once it is chosen.
    private TrainOptions _options = specification.Options;
    private SpeedChoice? _speed;
    private readonly string _fingerprint = CheckpointFingerprint(specification, pool.Fingerprint);

    // Set with each new best validation.
    private double? _bestValidation;
    private long _bestStep;

    private string CheckpointPath => Path.Combine(directory, "last.checkpoint");

    private string BestPath => Path.Combine(directory, "best.checkpoint");

    public TrainedEncoder Run()
    {
        var normalisation = Normalisation.Of(pool.Pixels);
        var (validation, train) = Validation.Split(pool.Pixels, _options, pool.Classes);
        var checkpoint = Checkpoint.TryRead(CheckpointPath, _fingerprint);
        _speed = checkpoint is { } kept ? kept.Progress.Speed : SpeedTrial.Run(_options, train, normalisation, clock, note);
        if (_speed is not null) _options = _speed.ApplyTo(_options);
        using var trainer = new Trainer(_options, train, normalisation, clock, _speed?.Arithmetic);
        _speed = new SpeedChoice(trainer.BatchSize, trainer.Threads, trainer.Arithmetic, _speed?.TrialSeconds ?? 0);
        var (planned, secondsBefore, lastLoss) = Resume(trainer, checkpoint);
        var plan = new StepPlan(planned, _options.IsTimed ? _options.Minutes ?? TrainOptions.DefaultMinutes : null);
        var log = new MetricsLog(Path.Combine(directory, "metrics.jsonl"), trainer.Step);
        var started = clock.GetTimestamp();
        var saved = started;
        double Seconds() => secondsBefore + clock.GetElapsedTime(started).TotalSeconds;

        var judgeEvery = Math.Max(MinStepsBetweenValidations, planned / Validations);
        var stopped = false;
        long done = 0;
        while (trainer.Step < plan.Steps && !stopped)
        {
            if (cancellationToken.IsCancellationRequested)
            {
                Save(trainer, new Progress(trainer.Step, plan.Steps, Seconds(), lastLoss), log);
                cancellationToken.ThrowIfCancellationRequested();
            }
            var report = trainer.Next(plan.Steps);
            lastLoss = report.Loss;
            plan.Look(report.Step, Seconds());
            if (report.Step % NoteEverySteps == 0 || report.Step == plan.Steps || report.Step == 1) log.Add(report);
            note?.Invoke(string.Create(CultureInfo.InvariantCulture, $"loss {report.Loss:0.000}, {report.ImagesPerSecond:0} images/s"));
            // Never back, also where there turn out to be more steps.
            done = Math.Max(done, (long)((double)units * report.Step / plan.Steps));
            unitsDone?.Report(done);
            if (validation is not null && (report.Step % judgeEvery == 0 || report.Step == plan.Steps)) stopped = Validate(validation, trainer, log, judgeEvery);
            var due = clock.GetElapsedTime(saved).TotalSeconds >= _options.CheckpointSeconds || (_options.EverySteps is { } every && report.Step % every == 0);
            if (!due || report.Step == plan.Steps) continue;
            Save(trainer, new Progress(report.Step, plan.Steps, Seconds(), lastLoss), log);
            saved = clock.GetTimestamp();
        }
        // The last step is kept too: a kill during the export costs the export only.
        Save(trainer, new Progress(trainer.Step, trainer.Step, Seconds(), lastLoss), log);
        var seconds = Seconds();
        if (_bestStep > 0 && _bestStep < trainer.Step && Checkpoint.TryRead(BestPath, _fingerprint) is { } best) TensorTable.Load(best.Tensors, TensorTable.Of("backbone.", trainer.Backbone));
        note?.Invoke("exporting");
        trainer.Recalibrate();
        return Finish(trainer, normalisation, trainer.Step, seconds, log);
    }

    /// <summary>Deletes checkpoint and metrics, once the encoder is registered.</summary>
    public void RemoveWork() => Directory.Delete(directory, recursive: true);

    internal static string CheckpointFingerprint(TrainSpecification specification, string pool) =>
        Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(specification.Fingerprint + pool)));

    private (long Steps, double Seconds, double? Loss) Resume(Trainer trainer, (Progress Progress, IReadOnlyList<NamedTensor> Tensors)? found)
    {
        if (found is not { } checkpoint)
        {
            if (start is not null) TensorTable.Load(start, TensorTable.Of("", trainer.Backbone));
            return (trainer.PlanSteps(), 0, null);
        }
        trainer.Restore(checkpoint.Progress.Step, checkpoint.Tensors);
        (_bestValidation, _bestStep) = (checkpoint.Progress.BestValidation, checkpoint.Progress.BestStep);
        return (checkpoint.Progress.Steps, checkpoint.Progress.Seconds, checkpoint.Progress.Loss);
    }

    private void Save(Trainer trainer, Progress progress, MetricsLog log)
    {
        var tensors = TensorTable.ToArrays(trainer.State());
        // The loss of the next step would show it; the last good checkpoint must not be overwritten before.
        if (tensors.Any(tensor => tensor.Values.Any(value => !float.IsFinite(value))))
            throw new CheckpointException(
                string.Create(CultureInfo.InvariantCulture, $"A weight is no number any more after step {progress.Step}; the last good checkpoint is kept."),
                "Train with a smaller --learning-rate or with --precision fp32.");
        log.Save();
        Checkpoint.Write(CheckpointPath, _fingerprint, progress with { BestValidation = _bestValidation, BestStep = _bestStep, Speed = _speed }, tensors);
    }

    /// <summary>Measures, keeps the best weights apart, and says whether it is time to stop.</summary>
    private bool Validate(Validation validation, Trainer trainer, MetricsLog log, long every)
    {
        var loss = validation.Loss(trainer);
        log.AddValidation(trainer.Step, loss, validation.Neighbours(trainer, cancellationToken));
        if (_bestValidation is null || loss < _bestValidation)
        {
            (_bestValidation, _bestStep) = (loss, trainer.Step);
            Checkpoint.Write(BestPath, _fingerprint, new Progress(trainer.Step, trainer.Step, 0, loss), TensorTable.ToArrays(TensorTable.Of("backbone.", trainer.Backbone)));
        }
        return _options.EarlyStop > 0 && trainer.Step - _bestStep >= _options.EarlyStop * every;
    }

    private TrainedEncoder Finish(Trainer trainer, Normalisation normalisation, long steps, double seconds, MetricsLog log)
    {
        using var scope = TorchSharp.torch.NewDisposeScope();
        var taken = Math.Min(pool.Pixels.Count, WhiteningImages);
        var images = Enumerable.Range(0, taken).Select(i => (int)((long)i * pool.Pixels.Count / taken)).ToArray();
        var whitening = Whitening.Fit(trainer.Features(pool.Pixels, images), Math.Min(_options.EmbeddingSize, Math.Max(1, taken - 1)));
        var model = BackboneExport.Write(trainer.Backbone, _options.ImageSize, normalisation.Mean, normalisation.Deviation, whitening);
        var agreement = ExportCheck.Agreement(model, trainer, pool.Pixels, whitening, _options.ImageSize);
        if (agreement < ExportCheck.LeastAgreement)
            throw new CheckpointException(
                string.Create(CultureInfo.InvariantCulture, $"The exported network agrees with the trained one only to a cosine of {agreement:0.000000}; {ExportCheck.LeastAgreement} is needed."),
                "Run 'curator doctor', then 'curator train' again: it goes on from its checkpoint.");

        var files = new Dictionary<string, byte[]>
        {
            [OnnxEncoder.FileName] = model,
            ["weights.safetensors"] = Safetensors.ToBytes(TensorTable.ToArrays(TensorTable.Of("", trainer.Backbone))),
            ["metrics.jsonl"] = log.ToBytes(),
            [Whitening.NetworkFileName] = whitening.ToBytes(),
        };
        if (_options.JoinsStatistics) files[Whitening.FileName] = FitStatistics(images).ToBytes();
        if (log.Lines.Count > 1) files["loss.png"] = LossPlot(log);
        if (Judged(log).Any(line => line.NeighbourAccuracy is not null)) files["neighbours.png"] = NeighbourPlot(log);
        files["views.png"] = Views.ViewSheet.Render(pool.Pixels, _options);
        return new TrainedEncoder(Card(trainer, normalisation, whitening, steps, seconds, agreement, log), files);
    }

    /// <summary>
    /// The statistics' own whitening: half of the way and with a tenth of the mean variance added, the best of a few on EuroSAT
    /// (docs/design/learning.md, "Figures"); all the way blows up what few pictures show.
    /// </summary>
    private Whitening FitStatistics(int[] images)
    {
        const int length = StatisticsExtractor.Dimension;
        var statistics = new float[images.Length * length];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = _options.ThreadsOrAll, CancellationToken = cancellationToken };
        Parallel.For(0, images.Length, parallel, () => (new StatisticsEncoder(), new byte[_options.ImageSize * _options.ImageSize * 3]), (i, _, own) =>
        {
            pool.Pixels.Copy(images[i], own.Item2);
            own.Item1.Encode(PixelReduction.To(own.Item2, 1, _options.ImageSize, StatisticsExtractor.Side), 1, statistics.AsSpan(i * length, length));
            return own;
        }, own => own.Item1.Dispose());
        using var scope = TorchSharp.torch.NewDisposeScope();
        return Whitening.Fit(TorchSharp.torch.tensor(statistics, [images.Length, length]), length, ridge: 0.1, power: 0.5);
    }

    private EncoderCard Card(Trainer trainer, Normalisation normalisation, Whitening whitening, long steps, double seconds, double agreement, MetricsLog log)
    {
        var metrics = Metrics(trainer, steps, seconds, agreement, log);
        // Of the weights that come out.
        if (Judged(log).FirstOrDefault(line => line.Step == _bestStep)?.NeighbourAccuracy is { } neighbours) metrics["neighbourAccuracy"] = neighbours;
        return new EncoderCard
        {
            Name = _options.EncoderName,
            Kind = _options.JoinsStatistics ? EncoderKind.Joined : EncoderKind.Onnx,
            Architecture = Architectures.Name(_options.Architecture),
            Width = _options.Width,
            Dimension = whitening.Dimension + (_options.JoinsStatistics ? StatisticsExtractor.Dimension : 0),
            ImageSize = _options.ImageSize,
            Preprocessing = _options.Preprocessing,
            Mean = normalisation.Mean,
            Deviation = normalisation.Deviation,
            StatisticsShare = _options.JoinsStatistics ? (float)_options.StatisticsShare : 0,
            Lineage = new EncoderLineage
            {
                Images = pool.Pixels.Count,
                Partitions = specification.Partitions,
                Settings = TrainSpecification.SettingsJson(_options),
                Seed = _options.Seed,
                Steps = steps,
                From = _options.From,
                Software = typeof(TrainingJob).Assembly.GetName().Version?.ToString(3) ?? "",
            },
            Metrics = metrics,
        };
    }

    private SortedDictionary<string, double> Metrics(Trainer trainer, long steps, double seconds, double agreement, MetricsLog log) => new(StringComparer.Ordinal)
    {
        ["batchSize"] = trainer.BatchSize,
        ["threads"] = trainer.Threads,
        ["bfloat16"] = trainer.BFloat16 ? 1 : 0,
        ["trialSeconds"] = Math.Round(_speed?.TrialSeconds ?? 0, 1),
        ["imagesPerSecond"] = Math.Round(steps * trainer.ImagesPerStep / Math.Max(seconds, 1e-9), 1),
        ["lastLoss"] = Steps(log).LastOrDefault()?.Loss ?? 0,
        ["bestValidation"] = _bestValidation ?? 0,
        ["bestStep"] = _bestStep,
        ["partners"] = pool.Pixels.PartnerCount,
        ["onnxAgreement"] = Math.Round(agreement, 8),
        ["oneDnn"] = NativeContext.OneDnnEnabled ? 1 : 0,
        ["seconds"] = Math.Round(seconds, 1),
    };

    private byte[] LossPlot(MetricsLog log) => LinePlot.Render(
        [
            new PlotSeries("loss", [.. Steps(log).Select(line => (double)line.Step)], [.. Steps(log).Select(line => line.Loss!.Value)]),
            .. log.Lines.Any(line => line.Validation is not null)
                ? [new PlotSeries("on pictures kept back (NT-Xent of features)", [.. Judged(log).Select(line => (double)line.Step)], [.. Judged(log).Select(line => line.Validation!.Value)]) { Dashed = true, Markers = true }]
                : Array.Empty<PlotSeries>(),
        ],
        new PlotOptions { Title = "Training", XTitle = "step", YTitle = Methods.MethodChoice.LossName(_options.Method) });

    private static byte[] NeighbourPlot(MetricsLog log)
    {
        var judged = Judged(log).Where(line => line.NeighbourAccuracy is not null).ToArray();
        return LinePlot.Render(
            [new PlotSeries("5 nearest of pictures kept back", [.. judged.Select(line => (double)line.Step)], [.. judged.Select(line => line.NeighbourAccuracy!.Value)]) { Markers = true }],
            new PlotOptions { Title = "Neighbours of the same class folder", XTitle = "step", YTitle = "accuracy", YMin = 0, YMax = 1 });
    }

    private static IEnumerable<MetricsLog.Line> Steps(MetricsLog log) => log.Lines.Where(line => line.Validation is null);

    private static IEnumerable<MetricsLog.Line> Judged(MetricsLog log) => log.Lines.Where(line => line.Validation is not null);
}
