using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Curator.Core;
using Curator.Core.Images;
using Curator.Core.Shards;
using Curator.Learning.Cache;
using Curator.Learning.Encoders;
using Curator.Learning.Native;
using Curator.Learning.Networks;
using Curator.Learning.Onnx;
using Curator.Learning.Statistics;
using Curator.Learning.Training;
using Curator.Learning.Weights;

namespace Curator.Learning.Supervised;

/// <summary>
/// <c>curator train --task</c>: from labels to an encoder that knows the task's classes. Thread-safe; two processes with the same labels wait
/// for one another.
/// </summary>
public static class FineTuning
{
    private const int ArchiveSample = 2_000;

    /// <summary>
    /// Trains a head, then the whole network, on labeled images and registers the result as an encoder. Interrupted, the same call goes on after the last full
    /// time through the labels.
    /// </summary>
    /// <param name="task">Name of the task, for the card.</param>
    /// <param name="classes">Of the task, at least two.</param>
    /// <param name="labels">At least two classes must occur; order decides nothing.</param>
    /// <param name="test">Images that are judged at the end and decide nothing; null for none.</param>
    /// <exception cref="WorkspaceException">Too few labels or classes, no such encoder, or one without a network of ours.</exception>
    /// <exception cref="CheckpointException">The loss is no number any more, or a file is damaged.</exception>
    public static async Task<FineTuneReport> RunAsync(
        Workspace workspace, FineTuneOptions options, string task, IReadOnlyList<string> classes, IReadOnlyList<LabeledImage> labels, IProgress<StageProgress>? progress,
        CancellationToken cancellationToken, IReadOnlyList<LabeledImage>? test = null)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(classes);
        ArgumentNullException.ThrowIfNull(labels);
        if (labels.Any(label => label.Class < 0 || label.Class >= classes.Count)) throw new ArgumentOutOfRangeException(nameof(labels), "A label names no class.");
        var start = options.From is null ? null : await StartingWeights.ResolveAsync(workspace, options.From, cancellationToken);
        if (start is not null) options = options with { From = start.From };
        var fromFile = start is not null && Path.IsPathRooted(start.From);
        var source = start is null || fromFile ? null : await NetworkWeights.OpenAsync(workspace, start.From, cancellationToken);
        var weights = fromFile ? await start!.ReadAsync(workspace, Architectures.Plan(options.Architecture, options.Width, Preparation.Of(options.Preprocessing).Channels, options.EmbeddingSize), cancellationToken) : source?.Tensors;
        if (source is not null) options = options with { From = source.Encoder.Row.Id, ImageSize = source.Encoder.Card.ImageSize, Width = source.Plan.Width };
        var ordered = labels.DistinctBy(label => label.Image).OrderBy(label => label.Image).ToArray();
        var records = new ImageRecord[ordered.Length];
        for (var i = 0; i < records.Length; i++) records[i] = await workspace.GetImageAsync(ordered[i].Image, cancellationToken);
        var archive = await SampleAsync(workspace, cancellationToken);
        var judged = new List<(ImageRecord Record, int Class)>();
        foreach (var label in test ?? []) judged.Add((await workspace.GetImageAsync(label.Image, cancellationToken), label.Class));

        TorchRuntime.EnsureLoaded();
        var threads = options.Threads > 0 ? options.Threads : Environment.ProcessorCount;
        var fingerprint = Fingerprint(options, start, ordered, records);
        var purpose = "tune-" + fingerprint[..16];
        using var _ = await workspace.LockAsync(purpose, cancellationToken);
        var directory = workspace.WorkDirectory(purpose);
        var tuned = await Task.Factory.StartNew(
            () =>
            {
                TorchRuntime.SetThreads(threads);
                return Run(workspace, options, task, classes, source, weights, ordered, records, judged, archive, fingerprint, directory, threads, progress, cancellationToken);
            },
            cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        var row = await new EncoderStore(workspace).AddAsync(tuned.Card, tuned.Files, cancellationToken);
        Directory.Delete(directory, recursive: true);
        return tuned.Report with { Encoder = row };
    }

    private static (EncoderCard Card, IReadOnlyDictionary<string, byte[]> Files, FineTuneReport Report) Run(
        Workspace workspace, FineTuneOptions options, string task, IReadOnlyList<string> classes, NetworkWeights? source, IReadOnlyList<NamedTensor>? weights, LabeledImage[] labels,
        ImageRecord[] records, List<(ImageRecord Record, int Class)> test, IReadOnlyList<ImageRecord> archive, string fingerprint, string directory, int threads, IProgress<StageProgress>? progress, CancellationToken cancellationToken)
    {
        using var scope = TorchSharp.torch.NewDisposeScope();
        var preprocessing = source?.Encoder.Card.Preprocessing ?? options.Preprocessing;
        var (pixels, present) = Decode(records, options.ImageSize, preprocessing, threads, cancellationToken);
        int[] known = [.. present.Select(i => labels[i].Class)];
        var occurring = known.Distinct().Count();
        if (occurring < 2)
            throw new WorkspaceException(
                $"{known.Length} labeled pictures of {occurring} classes can be read; supervised training needs at least two classes.", "Label pictures of another class first, with 'curator label' or 'curator learn'.");
        var card = source?.Encoder.Card;
        var normalisation = card is null ? Normalisation.Of(pixels) : new Normalisation([.. card.Mean], [.. card.Deviation]);
        var split = StratifiedSplit.Of(known, options.ValidationShare, options.Seed);
        using var classifier = new Classifier(options, source?.Plan ?? Architectures.Plan(options.Architecture, options.Width, pixels.Channels, options.EmbeddingSize), pixels, normalisation, known, classes.Count, split);
        if (weights is not null) TensorTable.Load(weights, TensorTable.Of("", classifier.Backbone));
        var (testPixels, testPresent) = Decode([.. test.Select(pair => pair.Record)], options.ImageSize, preprocessing, threads, cancellationToken);
        int[] testClasses = [.. testPresent.Select(i => test[i].Class)];

        var job = new FineTuneJob(
            options, classifier, classes, fingerprint, directory, workspace.Clock,
            (done, all, note) => progress?.Report(new StageProgress("tune", done, all, "times", note)), cancellationToken);
        var tuned = job.Run(pixels, () => classifier.Judge(testPixels, testClasses));

        var (sample, readable) = Decode(archive, options.ImageSize, preprocessing, threads, cancellationToken);
        using var features = TorchSharp.torch.cat([classifier.Features(split.Train), classifier.Features(sample, [.. Enumerable.Range(0, readable.Length)])], 0);
        var joined = card?.Kind == EncoderKind.Joined;
        var wished = card is null ? options.EmbeddingSize : card.Dimension - (joined ? StatisticsExtractor.Dimension : 0);
        // Labels press features together along what does not matter; bringing all directions to one length would undo that.
        var whitening = Whitening.Fit(features, (int)Math.Min(wished, features.shape[0] - 1), power: 0);
        var model = BackboneExport.Write(classifier.Backbone, options.ImageSize, normalisation.Mean, normalisation.Deviation, whitening);
        var files = new Dictionary<string, byte[]>(tuned.Files) { [OnnxEncoder.FileName] = model, [Whitening.NetworkFileName] = whitening.ToBytes() };
        if (joined) files[Whitening.FileName] = File.ReadAllBytes(Path.Combine(workspace.EncoderDirectory(source!.Encoder.Row.Id), Whitening.FileName));

        var report = new FineTuneReport(
            null!, split.Train.Length, split.Validation.Length, records.Length - present.Length, tuned.Epochs, tuned.HeadOnly.Accuracy, tuned.Kept.Accuracy,
            tuned.Kept.BalancedAccuracy, tuned.Seconds)
        {
            HeadTestAccuracy = tuned.HeadTest, TestAccuracy = tuned.KeptTest,
        };
        return (Card(options, task, classes, card, joined, classifier, normalisation, whitening, report), files, report);
    }

    private static EncoderCard Card(
        FineTuneOptions options, string task, IReadOnlyList<string> classes, EncoderCard? source, bool joined, Classifier classifier, Normalisation normalisation, Whitening whitening,
        FineTuneReport report)
    {
        var metrics = new SortedDictionary<string, double>(StringComparer.Ordinal)
        {
            ["accuracy"] = report.Accuracy, ["balancedAccuracy"] = report.BalancedAccuracy, ["headAccuracy"] = report.HeadAccuracy, ["epochs"] = report.Epochs,
            ["seconds"] = Math.Round(report.Seconds, 1), ["validationLabels"] = report.ValidationLabels,
        };
        return new EncoderCard
        {
            Name = options.Name,
            Kind = joined ? EncoderKind.Joined : EncoderKind.Onnx,
            Architecture = classifier.Backbone.Plan.Architecture,
            Width = classifier.Backbone.Plan.Width,
            Dimension = whitening.Dimension + (joined ? StatisticsExtractor.Dimension : 0),
            ImageSize = options.ImageSize,
            Preprocessing = source?.Preprocessing ?? options.Preprocessing,
            Mean = normalisation.Mean,
            Deviation = normalisation.Deviation,
            StatisticsShare = joined ? source!.StatisticsShare : 0,
            Classes = classes,
            Lineage = new EncoderLineage
            {
                Images = source?.Lineage?.Images ?? 0,
                Partitions = source?.Lineage?.Partitions ?? [],
                Settings = JsonSerializer.SerializeToElement(options),
                Seed = options.Seed,
                Steps = (long)report.Epochs * classifier.StepsPerEpoch,
                From = options.From,
                Task = task,
                Labels = report.Labels,
                Software = typeof(FineTuning).Assembly.GetName().Version?.ToString(3) ?? "",
            },
            // JSON has no word for what is not a number: no labels were kept back.
            Metrics = new SortedDictionary<string, double>(metrics.Where(pair => double.IsFinite(pair.Value)).ToDictionary(), StringComparer.Ordinal),
        };
    }

    /// <summary>Pictures in memory, and the numbers of those that could be read.</summary>
    private static (MemoryPixels Pixels, int[] Present) Decode(IReadOnlyList<ImageRecord> records, int side, string preprocessing, int threads, CancellationToken cancellationToken)
    {
        var channels = Preparation.Of(preprocessing).Channels;
        var pictureBytes = side * side * channels;
        var bytes = new byte[(long)records.Count * pictureBytes];
        var absent = new bool[records.Count];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellationToken };
        Parallel.For(0, records.Count, parallel, () => new PictureLoader(preprocessing), (i, _, loader) =>
        {
            absent[i] = loader.Load(records[i], side, bytes.AsSpan(i * pictureBytes, pictureBytes)) is not null;
            return loader;
        }, _ => { });
        int[] present = [.. Enumerable.Range(0, records.Count).Where(i => !absent[i])];
        if (present.Length < records.Count)
        {
            var dense = new byte[present.Length * pictureBytes];
            for (var i = 0; i < present.Length; i++) bytes.AsSpan(present[i] * pictureBytes, pictureBytes).CopyTo(dense.AsSpan(i * pictureBytes));
            bytes = dense;
        }
        return (new MemoryPixels(bytes, side, channels), present);
    }

    /// <summary>Pictures of the whole archive, evenly spaced: the embedding's axes are fitted on what it will be used on.</summary>
    private static async Task<IReadOnlyList<ImageRecord>> SampleAsync(Workspace workspace, CancellationToken cancellationToken)
    {
        var partitions = (await workspace.Catalog.GetPartitionsAsync(cancellationToken)).Where(partition => partition.Rows > 0).ToArray();
        var stride = Math.Max(1, partitions.Sum(partition => partition.Rows) / ArchiveSample);
        var sample = new List<ImageRecord>();
        foreach (var partition in partitions)
        {
            using var manifest = workspace.OpenManifest(partition);
            for (long row = 0; row < partition.Rows; row += stride) sample.Add(manifest[row]);
        }
        return sample;
    }

    private static string Fingerprint(FineTuneOptions options, StartingWeights? start, LabeledImage[] labels, ImageRecord[] records)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"tune 1|{start?.Fingerprint}|{JsonSerializer.Serialize(options)}"));
        for (var i = 0; i < labels.Length; i++) hash.AppendData(Encoding.ASCII.GetBytes($"|{records[i].Sha256}{labels[i].Class}"));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
