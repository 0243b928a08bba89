using Curator.Core;
using Microsoft.ML.OnnxRuntime;

namespace Curator.Learning.Encoders;

/// <summary>
/// A network of other software, run by ONNX Runtime, one thread a call: pictures are brought to what it wants as its card says, and its output to one vector of length
/// one. Batches have a fixed size, so that an embedding depends on nothing but its picture. Thread-safe.
/// </summary>
public sealed class ImportedEncoder : IImageEncoder
{
    private const int DefaultBatch = 8;

    private readonly InferenceSession _session;
    private readonly RunOptions _run = new();
    private readonly ImportedInput _input;
    private readonly float[] _scale, _shift;
    private readonly int _batch;

    /// <exception cref="CheckpointException">Not an ONNX file, or one that takes or gives something else than its card says.</exception>
    public ImportedEncoder(string path, EncoderCard card)
    {
        ArgumentNullException.ThrowIfNull(card);
        const string next = "Import it again with 'curator encoders import'.";
        Card = card;
        _input = card.Input ?? throw new CheckpointException($"The card of {card.Id} does not say what its network takes.", next);
        if (card.Mean.Count != 3 || card.Deviation.Count != 3 || card.Deviation.Any(value => value <= 0)) throw new CheckpointException($"The card of {card.Id} has no means and deviations of three channels.", next);
        _scale = [.. card.Deviation.Select(value => 1 / (255 * value))];
        _shift = [.. card.Mean.Zip(card.Deviation, (mean, deviation) => -mean / deviation)];
        _batch = _input.Batch > 0 ? _input.Batch : DefaultBatch;
        _session = Open(path);
        if (!_session.InputMetadata.ContainsKey(_input.Input) || !_session.OutputMetadata.ContainsKey(_input.Output))
        {
            Dispose();
            throw new CheckpointException($"'{path}' has no input '{_input.Input}' and output '{_input.Output}'.", next);
        }
    }

    public EncoderCard Card { get; }

    public int Dimension => Card.Dimension;

    public int ImageSize => Card.ImageSize;

    /// <exception cref="CheckpointException">Not an ONNX file that can be run here.</exception>
    internal static InferenceSession Open(string path)
    {
        using var options = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        try
        {
            return new InferenceSession(path, options);
        }
        catch (OnnxRuntimeException e)
        {
            throw new CheckpointException($"'{path}' cannot be run: {e.Message.Split('\n')[0].Trim()}", "Give an ONNX file that ONNX Runtime opens.", e);
        }
    }

    public void Encode(ReadOnlySpan<byte> pixels, int count, Span<float> embeddings)
    {
        EncoderArguments.Check(this, pixels, count, embeddings);
        var side = ImageSize;
        var pictureBytes = side * side * 3;
        var batch = new float[_batch * pictureBytes];
        long[] shape = _input.ChannelsFirst ? [_batch, 3, side, side] : [_batch, side, side, 3];
        for (var first = 0; first < count; first += _batch)
        {
            var pictures = Math.Min(_batch, count - first);
            for (var i = 0; i < pictures; i++) Prepare(pixels.Slice((first + i) * pictureBytes, pictureBytes), batch.AsSpan(i * pictureBytes, pictureBytes));
            batch.AsSpan(pictures * pictureBytes).Clear();
            using var input = OrtValue.CreateTensorValueFromMemory(batch, shape);
            using var outputs = _session.Run(_run, [_input.Input], [input], [_input.Output]);
            var values = outputs[0].GetTensorDataAsSpan<float>();
            var each = values.Length / _batch;
            for (var i = 0; i < pictures; i++)
            {
                var row = embeddings.Slice((first + i) * Dimension, Dimension);
                Pool(values.Slice(i * each, each), outputs[0].GetTensorTypeAndShape().Shape, row);
                UnitLength.Normalise(row);
            }
        }
    }

    public void Dispose()
    {
        _session.Dispose();
        _run.Dispose();
    }

    private void Prepare(ReadOnlySpan<byte> picture, Span<float> values)
    {
        var area = picture.Length / 3;
        for (var p = 0; p < area; p++)
            for (var c = 0; c < 3; c++)
            {
                // Means and deviations are those of red, green, blue whatever the order.
                var value = (picture[(p * 3) + c] * _scale[c]) + _shift[c];
                var channel = _input.BlueFirst ? 2 - c : c;
                values[_input.ChannelsFirst ? (channel * area) + p : (p * 3) + channel] = value;
            }
    }

    private void Pool(ReadOnlySpan<float> values, long[] shape, Span<float> row)
    {
        if (_input.Pooling != Pooling.Mean)
        {
            values[..Dimension].CopyTo(row);
            return;
        }
        var places = values.Length / Dimension;
        row.Clear();
        for (var place = 0; place < places; place++)
            for (var d = 0; d < Dimension; d++)
                row[d] += values[shape.Length == 4 ? (d * places) + place : (place * Dimension) + d] / places;
    }
}
