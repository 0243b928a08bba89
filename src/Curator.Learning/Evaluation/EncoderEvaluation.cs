using System.Globalization;
using System.Text.Json;
using Curator.Core;
using Curator.Core.Files;
using Curator.Core.Images;
using Curator.Core.Shards;
using Curator.Learning.Cache;
using Curator.Learning.Encoders;
using Curator.Learning.Native;
using Curator.Learning.Views;
using static TorchSharp.torch;

namespace Curator.Learning.Evaluation;

/// <summary><c>curator encoders evaluate</c>: what an encoder is worth on the project's own pictures. Thread-safe.</summary>
public static class EncoderEvaluation
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true, NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    private const int SpreadImages = 1_000, ViewStream = 21, Chunk = 64;

    /// <summary>Judges the encoder, and the training-free one beside it. The report is also written into the encoder's folder.</summary>
    /// <param name="labels">Class of each labeled image; null takes the class folders where there are any.</param>
    /// <param name="classes">Names of the classes of <paramref name="labels"/>.</param>
    /// <exception cref="WorkspaceException">No such encoder, or no pictures.</exception>
    public static async Task<EvaluationReport> RunAsync(
        Workspace workspace, string? encoder, IReadOnlyDictionary<ImageId, int>? labels, IReadOnlyList<string>? classes, EvaluateOptions options, IProgress<StageProgress>? progress,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentNullException.ThrowIfNull(options);
        var (images, records) = await SampleAsync(workspace, labels, options.Images, cancellationToken);
        if (records.Count == 0) throw new WorkspaceException("There are no pictures to judge by.", "Add some with 'curator add FOLDER'.");
        int[] known;
        if (labels is null)
        {
            classes = [.. records.Select(ClassFolder.Of).Where(name => name.Length > 0).Distinct().Order(StringComparer.Ordinal)];
            var numbers = classes.Select((name, i) => (name, i)).ToDictionary(pair => pair.name, pair => pair.i, StringComparer.Ordinal);
            known = [.. records.Select(record => numbers.GetValueOrDefault(ClassFolder.Of(record), -1))];
        }
        else
        {
            known = [.. images.Select(image => labels.GetValueOrDefault(image, -1))];
        }
        var store = new EncoderStore(workspace);
        using var judged = await store.OpenAsync(encoder, cancellationToken);
        var report = await Task.Run(() => Judge(judged, records, known, classes ?? [], options, progress, cancellationToken), cancellationToken);
        AtomicFile.WriteText(
            Path.Combine(workspace.EncoderDirectory(report.Encoder), EvaluationReport.FileName),
            JsonSerializer.Serialize(report, Json));
        return report;
    }

    private static EvaluationReport Judge(
        IImageEncoder encoder, List<ImageRecord> records, int[] known, IReadOnlyList<string> classes, EvaluateOptions options, IProgress<StageProgress>? progress, CancellationToken cancellationToken)
    {
        var threads = options.Threads > 0 ? options.Threads : Environment.ProcessorCount;
        var (rows, present) = Encode(encoder, records, threads, "evaluate", progress, cancellationToken);
        VoteAccuracy? votes = null, bar = null;
        RankAccuracy? atRank = null, barAtRank = null;
        int[] labeled = classes.Count < 2 ? [] : [.. Enumerable.Range(0, records.Count).Where(i => present[i] && known[i] >= 0)];
        bool[] asked = [.. labeled.Select(i => IsAsked(records[i], options.TestShare))];
        if (asked.Contains(true) && asked.Contains(false))
        {
            atRank = Rank(rows, encoder.Dimension, records, labeled, known, classes.Count, options, threads, cancellationToken);
            votes = Vote(rows, encoder.Dimension, labeled, known, asked, classes.Count, options, threads, cancellationToken);
            if (encoder.Card.Kind != EncoderKind.Statistics)
            {
                using var statistics = new StatisticsEncoder();
                var (others, _) = Encode(statistics, records, threads, "bar", progress, cancellationToken);
                barAtRank = Rank(others, statistics.Dimension, records, labeled, known, classes.Count, options, threads, cancellationToken);
                bar = Vote(others, statistics.Dimension, labeled, known, asked, classes.Count, options, threads, cancellationToken);
            }
        }
        int[] some = [.. Enumerable.Range(0, records.Count).Where(i => present[i])];
        if (some.Length < 2) throw new WorkspaceException($"Of {records.Count} pictures {some.Length} can be read.", "Run 'curator status --check'.");
        some = [.. Enumerable.Range(0, Math.Min(SpreadImages, some.Length)).Select(i => some[(int)((long)i * some.Length / Math.Min(SpreadImages, some.Length))])];
        var sample = Rows(rows, encoder.Dimension, some);
        var (alignment, rank) = OfViews(encoder, [.. some.Select(i => records[i])], sample, threads, cancellationToken);
        return new EvaluationReport(
            encoder.Card.Id, records.Count, labeled.Length, asked.Count(a => a), votes, bar, atRank, barAtRank, alignment, Spread.Uniformity(sample, encoder.Dimension), rank, classes);
    }

    private static VoteAccuracy Vote(
        float[] rows, int dimension, int[] labeled, int[] known, bool[] asked, int classCount, EvaluateOptions options, int threads, CancellationToken cancellationToken) =>
        NearestVotes.Of(Rows(rows, dimension, labeled), dimension, [.. labeled.Select(i => known[i])], asked, classCount, options.Neighbours, threads, cancellationToken);

    private static RankAccuracy Rank(
        float[] rows, int dimension, List<ImageRecord> records, int[] labeled, int[] known, int classCount, EvaluateOptions options, int threads, CancellationToken cancellationToken) =>
        RankPrecision.Of(
            Rows(rows, dimension, labeled), dimension, [.. labeled.Select(i => known[i])], [.. labeled.Select(i => records[i].Footprint)], classCount, options.RankQueries, options.Ranks, threads,
            cancellationToken);

    /// <summary>Views are made as tensors; where libtorch is not there, neither number is known.</summary>
    private static (double? Alignment, double? EffectiveRank) OfViews(IImageEncoder encoder, ImageRecord[] records, float[] rows, int threads, CancellationToken cancellationToken)
    {
        try
        {
            TorchRuntime.EnsureLoaded();
        }
        catch (WorkspaceException)
        {
            return (null, null);
        }
        var (side, channels) = (encoder.ImageSize, encoder.Card.Channels);
        var pictureBytes = side * side * channels;
        var views = new float[rows.Length];
        var loader = new PictureLoader(encoder.Card.Preprocessing);
        var cpu = ComputeDevice.Resolve("cpu");
        for (var first = 0; first < records.Length; first += Chunk)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var count = Math.Min(Chunk, records.Length - first);
            var pixels = new byte[count * pictureBytes];
            for (var i = 0; i < count; i++) loader.Load(records[first + i], side, pixels.AsSpan(i * pictureBytes, pictureBytes));
            using var scope = NewDisposeScope();
            var random = new CounterRandom(1, (ulong)first, ViewStream);
            var view = BatchViews.Apply(BatchViews.FromBytes(pixels, count, side, cpu, channels), ViewParameters.Draw(ViewOptions.Of(ViewPreset.Satellite), count, ref random, channels), cpu);
            var bytes = (view * Number.Of(255)).round().to(ScalarType.Byte).permute(0, 2, 3, 1).contiguous().data<byte>().ToArray();
            Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = threads }, i => encoder.Encode(
                bytes.AsSpan(i * pictureBytes, pictureBytes), 1, views.AsSpan((first + i) * encoder.Dimension, encoder.Dimension)));
        }
        using var outer = NewDisposeScope();
        var values = linalg.svdvals(tensor(rows, [records.Length, encoder.Dimension]).to(ScalarType.Float64)).data<double>().ToArray();
        return (Spread.Alignment(rows, views, encoder.Dimension), Spread.EffectiveRank(values));
    }

    private static (float[] Rows, bool[] Present) Encode(
        IImageEncoder encoder, List<ImageRecord> records, int threads, string stage, IProgress<StageProgress>? progress, CancellationToken cancellationToken)
    {
        var pictureBytes = encoder.ImageSize * encoder.ImageSize * encoder.Card.Channels;
        var rows = new float[(long)records.Count * encoder.Dimension];
        var present = new bool[records.Count];
        long done = 0;
        Parallel.For(0, (records.Count + Chunk - 1) / Chunk, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellationToken }, () => new PictureLoader(encoder.Card.Preprocessing), (chunk, _, loader) =>
        {
            var first = chunk * Chunk;
            var count = Math.Min(Chunk, records.Count - first);
            var pixels = new byte[count * pictureBytes];
            for (var i = 0; i < count; i++) present[first + i] = loader.Load(records[first + i], encoder.ImageSize, pixels.AsSpan(i * pictureBytes, pictureBytes)) is null;
            encoder.Encode(pixels, count, rows.AsSpan(first * encoder.Dimension, count * encoder.Dimension));
            progress?.Report(new StageProgress(stage, Interlocked.Add(ref done, count), records.Count, "images"));
            return loader;
        }, _ => { });
        return (rows, present);
    }

    private static float[] Rows(float[] rows, int dimension, int[] chosen)
    {
        var result = new float[chosen.Length * dimension];
        for (var i = 0; i < chosen.Length; i++) rows.AsSpan(chosen[i] * dimension, dimension).CopyTo(result.AsSpan(i * dimension));
        return result;
    }

    /// <summary>By the picture's own bytes, so that the same pictures are asked about whatever else is in the project.</summary>
    private static bool IsAsked(ImageRecord record, double share) => ulong.Parse(record.Sha256.AsSpan(0, 12), NumberStyles.HexNumber, CultureInfo.InvariantCulture) < share * (1L << 48);

    /// <summary>Labeled images all, or evenly spaced ones of everything.</summary>
    private static async Task<(List<ImageId> Images, List<ImageRecord> Records)> SampleAsync(
        Workspace workspace, IReadOnlyDictionary<ImageId, int>? labels, int most, CancellationToken cancellationToken)
    {
        var partitions = (await workspace.Catalog.GetPartitionsAsync(cancellationToken)).Where(partition => partition.Rows > 0).ToArray();
        var stride = labels is not null ? 1 : Math.Max(1, (int)Math.Ceiling((double)partitions.Sum(partition => partition.Rows) / most));
        var images = new List<ImageId>();
        var records = new List<ImageRecord>();
        foreach (var partition in partitions)
        {
            using var manifest = workspace.OpenManifest(partition);
            long row = -1;
            foreach (var record in manifest.Read())
            {
                var id = new ImageId(partition.Number, ++row);
                if (row % stride != 0 || (labels is not null && !labels.ContainsKey(id))) continue;
                images.Add(id);
                records.Add(record);
            }
        }
        return (images, records);
    }
}
