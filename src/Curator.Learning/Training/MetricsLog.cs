using System.Globalization;
using System.Text;
using System.Text.Json;
using Curator.Core.Files;

namespace Curator.Learning.Training;

/// <summary>
/// <c>metrics.jsonl</c>: a line a noted step with step, loss, learning rate and images per second. Lines after the checkpoint that a training goes on from
/// are dropped, so no step is there twice. Not thread-safe.
/// </summary>
internal sealed class MetricsLog
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull,
    };

    private readonly string _path;
    private readonly List<Line> _lines = [];

    /// <param name="step">Of the checkpoint that the training goes on from; 0 for a new one.</param>
    public MetricsLog(string path, long step)
    {
        _path = path;
        if (step == 0 || !File.Exists(path)) return;
        foreach (var text in File.ReadLines(path))
        {
            try
            {
                if (JsonSerializer.Deserialize<Line>(text, Json) is { } line && line.Step <= step) _lines.Add(line);
            }
            catch (JsonException)
            {
                // A damaged line costs a point of a plot, not the training.
            }
        }
    }

    public IReadOnlyList<Line> Lines => _lines;

    public void Add(StepReport report) =>
        _lines.Add(new Line(report.Step, Math.Round(report.Loss, 6), report.LearningRate, Math.Round(report.ImagesPerSecond, 1)));

    /// <param name="neighbours">What <see cref="NeighbourCheck"/> says; null without classes.</param>
    public void AddValidation(long step, double loss, double? neighbours = null) =>
        _lines.Add(new Line(step, null, null, null) { Validation = Math.Round(loss, 6), NeighbourAccuracy = neighbours is { } share ? Math.Round(share, 4) : null });

    public byte[] ToBytes()
    {
        var text = new StringBuilder();
        foreach (var line in _lines) text.Append(CultureInfo.InvariantCulture, $"{JsonSerializer.Serialize(line, Json)}\n");
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <exception cref="Core.CheckpointException">Disk full, or no permission; the file that was there stays.</exception>
    public void Save()
    {
        try
        {
            AtomicFile.Write(_path, stream => stream.Write(ToBytes()));
        }
        catch (Exception e) when (WriteProblem.Is(e))
        {
            throw WriteProblem.Of($"'{_path}'", e);
        }
    }

    /// <summary>One noted step.</summary>
    /// <param name="Loss">Null on lines of a validation, as what follows.</param>
    internal sealed record Line(long Step, double? Loss, double? LearningRate, double? ImagesPerSecond)
    {
        /// <summary>Loss on pictures kept back; null on lines of a step.</summary>
        public double? Validation { get; init; }

        /// <summary>Share of the pictures kept back whose nearest neighbours are of their class folder; null without such folders.</summary>
        public double? NeighbourAccuracy { get; init; }
    }
}
