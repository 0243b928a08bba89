using Curator.Core;
using Microsoft.ML.OnnxRuntime;

namespace Curator.Learning.Encoders;

/// <summary>
/// A network run by ONNX Runtime, one thread a call, in batches of a fixed size (the last one filled up), so that an embedding depends
/// on nothing but its picture. The file takes bytes and holds the normalisation. Thread-safe.
/// </summary>
public sealed class OnnxEncoder : IImageEncoder
{
    /// <summary>The file's name in the encoder's folder.</summary>
    public const string FileName = "model.onnx";

    /// <summary>The network's only input: [N, S, S, C] uint8.</summary>
    internal const string InputName = "pixels";

    /// <summary>Its only output: [N, D] float32.</summary>
    internal const string OutputName = "embedding";

    /// <summary>Pictures in one run of the network.</summary>
    internal const int BatchSize = 32;

    private readonly InferenceSession _session;
    private readonly RunOptions _run = new();
    private readonly int _channels;

    /// <exception cref="CheckpointException">Not an ONNX file, or one that takes or gives something else.</exception>
    public OnnxEncoder(string path, EncoderCard card)
    {
        ArgumentNullException.ThrowIfNull(card);
        Card = card;
        _channels = card.Channels;
        using var options = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        try
        {
            _session = new InferenceSession(path, options);
        }
        catch (OnnxRuntimeException e)
        {
            _run.Dispose();
            throw new CheckpointException($"'{path}' cannot be run: {e.Message.Split('\n')[0].Trim()}", "Copy the encoder's folder again, or train it again with 'curator train'.", e);
        }
        if (!_session.InputMetadata.TryGetValue(InputName, out var input) || input.ElementType != typeof(byte)
            || !_session.OutputMetadata.TryGetValue(OutputName, out var output) || output.Dimensions is not [_, var dimension] || dimension != card.LearnedDimension)
        {
            Dispose();
            throw new CheckpointException(
                $"'{path}' does not take bytes '{InputName}' and give {card.LearnedDimension} numbers '{OutputName}'.",
                "Copy the encoder's folder again, or train it again with 'curator train'.");
        }
        Dimension = dimension;
    }

    public EncoderCard Card { get; }

    /// <summary>Length of the network's own output; a joined encoder's card has more.</summary>
    public int Dimension { get; }

    public int ImageSize => Card.ImageSize;

    public void Encode(ReadOnlySpan<byte> pixels, int count, Span<float> embeddings)
    {
        EncoderArguments.Check(this, pixels, count, embeddings);
        var pictureBytes = ImageSize * ImageSize * _channels;
        var batch = new byte[BatchSize * pictureBytes];
        long[] shape = [BatchSize, ImageSize, ImageSize, _channels];
        for (var first = 0; first < count; first += BatchSize)
        {
            var pictures = Math.Min(BatchSize, count - first);
            pixels.Slice(first * pictureBytes, pictures * pictureBytes).CopyTo(batch);
            batch.AsSpan(pictures * pictureBytes).Clear();
            using var input = OrtValue.CreateTensorValueFromMemory(batch, shape);
            using var outputs = _session.Run(_run, [InputName], [input], [OutputName]);
            var rows = embeddings.Slice(first * Dimension, pictures * Dimension);
            outputs[0].GetTensorDataAsSpan<float>()[..rows.Length].CopyTo(rows);
            for (var i = 0; i < pictures; i++) UnitLength.Normalise(rows.Slice(i * Dimension, Dimension));
        }
    }

    public void Dispose()
    {
        _session.Dispose();
        _run.Dispose();
    }
}
