using System.Globalization;
using Curator.Core;
using Curator.Imagery;
using Curator.Imagery.Plots;
using Curator.Imagery.Sheets;
using Curator.Learning.Training;
using Curator.Learning.Weights;

namespace Curator.Learning.Supervised;

/// <summary>What supervised training left: the best weights and how it went.</summary>
internal sealed record FineTuned(
    ClassScores HeadOnly, ClassScores Kept, int Epochs, double Seconds, double HeadTest, double KeptTest, IReadOnlyDictionary<string, byte[]> Files);

/// <summary>
/// The synchronous part of supervised training: head, then the whole network, with a checkpoint after each time through the labels. The best weights by
/// validation are kept apart and come back at the end. Runs on one thread.
/// </summary>
internal sealed class FineTuneJob(
    FineTuneOptions options, Classifier classifier, IReadOnlyList<string> classes, string fingerprint, string directory, TimeProvider clock, Action<int, int, string>? progress,
    CancellationToken cancellationToken)
{
    private const string BestPrefix = "best.", CurveName = "curve", BestName = "best-scores";
    private const int SaliencyPictures = 12;

    // One row a judged state: train loss, validation loss, accuracy, balanced accuracy; row 0 is the head alone.
    private readonly List<float[]> _curve = [];
    private NamedTensor[] _bestWeights = [];
    private ClassScores _best;
    private float _headTest;

    private string CheckpointPath => Path.Combine(directory, "last.checkpoint");

    /// <summary>Times through the labels, at most.</summary>
    private int Epochs => (int)Math.Clamp(options.TuneImages / Math.Max(1, classifier.Split.Train.Length), Math.Min(1, options.TuneEpochs), options.TuneEpochs);

    /// <param name="test">Accuracy on images that decide nothing.</param>
    public FineTuned Run(IPixelSource pixels, Func<double> test)
    {
        var started = clock.GetTimestamp();
        var (epoch, before) = Resume(test);
        var sinceBest = epoch - BestEpoch();
        for (; epoch < Epochs && sinceBest < options.Patience; epoch++)
        {
            var loss = classifier.Epoch(epoch, Epochs, cancellationToken);
            if (!double.IsFinite(loss))
                throw new CheckpointException(
                    string.Create(CultureInfo.InvariantCulture, $"The loss became {loss} in time {epoch + 1} through the labels; the last good checkpoint is kept."),
                    "Train with a smaller --tune-rate.");
            var scores = classifier.Validate();
            Judge(loss, scores);
            // Without labels kept back there is nothing to stop on.
            sinceBest = classifier.Split.Validation.Length == 0 ? 0 : epoch + 1 - BestEpoch();
            Save(epoch + 1, before + clock.GetElapsedTime(started).TotalSeconds);
            progress?.Invoke(epoch + 1, Epochs, string.Create(CultureInfo.InvariantCulture, $"loss {loss:0.000}, validation {scores.BalancedAccuracy:0.000}"));
        }
        TensorTable.Load(_bestWeights, classifier.Weights());
        var keptTest = test();
        var files = new Dictionary<string, byte[]>
        {
            ["weights.safetensors"] = Safetensors.ToBytes(TensorTable.ToArrays(TensorTable.Of("", classifier.Backbone))),
            ["head.safetensors"] = Safetensors.ToBytes(TensorTable.ToArrays(TensorTable.Of("", classifier.Head.Module))),
            ["metrics.jsonl"] = Lines(),
            ["saliency.png"] = SaliencySheet(pixels),
        };
        if (_curve.Count > 1) files["curves.png"] = Curves();
        return new FineTuned(Scores(_curve[0]), _best, epoch, before + clock.GetElapsedTime(started).TotalSeconds, _headTest, keptTest, files);
    }

    private (int Epoch, double Seconds) Resume(Func<double> test)
    {
        if (Checkpoint.TryRead(CheckpointPath, fingerprint) is { } checkpoint)
        {
            var tensors = checkpoint.Tensors;
            TensorTable.Load(tensors, classifier.State());
            _bestWeights = [.. tensors.Where(tensor => tensor.Name.StartsWith(BestPrefix, StringComparison.Ordinal)).Select(tensor => tensor with { Name = tensor.Name[BestPrefix.Length..] })];
            _best = Scores(Row(tensors, BestName, 0));
            _headTest = Row(tensors, BestName, 0)[0];
            for (var i = 0; i < tensors.First(tensor => tensor.Name == CurveName).Shape[0]; i++) _curve.Add(Row(tensors, CurveName, i));
            return ((int)checkpoint.Progress.Step, checkpoint.Progress.Seconds);
        }
        progress?.Invoke(0, Epochs, "head");
        _best = ClassScores.Unknown;
        var scores = classifier.FitHead();
        Judge(double.NaN, scores);
        _headTest = (float)test();
        return (0, 0);
    }

    private void Judge(double loss, ClassScores scores)
    {
        _curve.Add([(float)loss, (float)scores.Loss, (float)scores.Accuracy, (float)scores.BalancedAccuracy]);
        // Without labels kept back the last state is the best that is known.
        if (_bestWeights.Length > 0 && classifier.Split.Validation.Length > 0 && !scores.IsBetterThan(_best)) return;
        _best = scores;
        _bestWeights = TensorTable.ToArrays(classifier.Weights());
    }

    /// <summary>Times through the labels when the best was found.</summary>
    private int BestEpoch()
    {
        for (var i = _curve.Count - 1; i > 0; i--)
            if (_curve[i][1] == (float)_best.Loss && _curve[i][3] == (float)_best.BalancedAccuracy)
                return i;
        return 0;
    }

    private void Save(int epoch, double seconds)
    {
        var state = TensorTable.ToArrays(classifier.State());
        if (state.Any(tensor => tensor.Values.Any(value => !float.IsFinite(value))))
            throw new CheckpointException(
                string.Create(CultureInfo.InvariantCulture, $"A weight is no number any more after time {epoch} through the labels; the last good checkpoint is kept."),
                "Train with a smaller --tune-rate.");
        Checkpoint.Write(CheckpointPath, fingerprint, new Progress(epoch, Epochs, seconds, null),
        [
            .. state, .. _bestWeights.Select(tensor => tensor with { Name = BestPrefix + tensor.Name }),
            new NamedTensor(BestName, [1, 4], [_headTest, (float)_best.Loss, (float)_best.Accuracy, (float)_best.BalancedAccuracy]),
            new NamedTensor(CurveName, [_curve.Count, 4], [.. _curve.SelectMany(row => row)]),
        ]);
    }

    private static float[] Row(IReadOnlyList<NamedTensor> tensors, string name, int row) => tensors.First(tensor => tensor.Name == name).Values[(row * 4)..((row + 1) * 4)];

    private static ClassScores Scores(float[] row) => new(row[1], row[2], row[3]);

    private byte[] Lines() => System.Text.Encoding.UTF8.GetBytes(string.Concat(_curve.Select((row, i) => string.Create(
        CultureInfo.InvariantCulture, $"{{\"epoch\":{i},\"trainLoss\":{Number(row[0])},\"validationLoss\":{Number(row[1])},\"accuracy\":{Number(row[2])},\"balancedAccuracy\":{Number(row[3])}}}\n"))));

    private static string Number(float value) => float.IsFinite(value) ? value.ToString("0.######", CultureInfo.InvariantCulture) : "null";

    private byte[] Curves()
    {
        double[] x = [.. Enumerable.Range(0, _curve.Count).Select(i => (double)i)];
        return LinePlot.Render(
            [
                new PlotSeries("accuracy on labels kept back", x, [.. _curve.Select(row => (double)row[2])]) { Markers = true },
                new PlotSeries("mean of the classes' accuracies", x, [.. _curve.Select(row => (double)row[3])]) { Dashed = true },
            ],
            new PlotOptions { Title = "Supervised training", XTitle = "times through the labels (0: head only)", YTitle = "accuracy" });
    }

    /// <summary>Pictures beside what decided about them: brighter pixels matter more.</summary>
    private byte[] SaliencySheet(IPixelSource pixels)
    {
        var side = pixels.Side;
        var shown = classifier.Split.Validation.Length > 0 ? classifier.Split.Validation : classifier.Split.Train;
        var items = new List<SheetItem>();
        for (var i = 0; i < Math.Min(SaliencyPictures, shown.Length); i++)
        {
            var image = shown[(int)((long)i * shown.Length / Math.Min(SaliencyPictures, shown.Length))];
            var bytes = new byte[pixels.PictureBytes];
            pixels.Copy(image, bytes);
            // Of many bands the first three, of fewer the first as grey.
            var channels = pixels.Channels;
            byte[] picture = channels == 3 ? bytes : [.. Enumerable.Range(0, side * side * 3).Select(p => bytes[(p / 3 * channels) + (channels > 3 ? p % 3 : 0)])];
            var (predicted, map) = classifier.Saliency(image);
            var overlay = new byte[picture.Length];
            for (var p = 0; p < overlay.Length; p++) overlay[p] = (byte)(picture[p] * (0.15f + (0.85f * map[p / 3])));
            items.Add(new SheetItem(new RgbImage(side, side, picture), "picture"));
            items.Add(new SheetItem(new RgbImage(side, side, overlay), classes[predicted]));
        }
        return ContactSheet.Render(items, new SheetOptions { Title = "Which pixels matter", Subtitle = "absolute gradient of the predicted class, dark: no influence", Columns = 6, CellSide = 128 });
    }
}
