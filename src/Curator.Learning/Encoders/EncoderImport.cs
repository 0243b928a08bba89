using System.Text.RegularExpressions;
using Curator.Core;
using Curator.Core.Catalogs;
using Microsoft.ML.OnnxRuntime;

namespace Curator.Learning.Encoders;

/// <summary><c>curator encoders import</c>: a network of other software, as ONNX, becomes an encoder of the workspace. Thread-safe.</summary>
public static partial class EncoderImport
{
    private const long MaxBytes = 2_000_000_000;

    private static readonly string[] LikelyOutputs = ["embedding", "embeddings", "image_embeds", "pooler_output", "image_features", "sentence_embedding", "last_hidden_state"];

    /// <summary>Tries the model on two pictures, and registers it with the preprocessing that it needs. The file is copied.</summary>
    /// <exception cref="CheckpointException">Not a model that can be run here, or one that gives no vector a picture.</exception>
    /// <exception cref="WorkspaceException">What the model takes is not clear; says which flag decides.</exception>
    public static async Task<EncoderRow> RunAsync(Workspace workspace, string path, ImportOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentNullException.ThrowIfNull(options);
        if (!File.Exists(path)) throw new WorkspaceException($"There is no file '{path}'.", "Give an ONNX file.");
        if (new FileInfo(path).Length > MaxBytes) throw new WorkspaceException($"'{path}' has more than {MaxBytes} bytes.", "Export the model in half precision or choose a smaller one.");
        var bytes = await File.ReadAllBytesAsync(path, cancellationToken);
        var card = await Task.Run(() => Describe(path, options), cancellationToken);
        return await new EncoderStore(workspace).AddAsync(card, new Dictionary<string, byte[]> { [OnnxEncoder.FileName] = bytes }, cancellationToken);
    }

    private static EncoderCard Describe(string path, ImportOptions options)
    {
        using var session = ImportedEncoder.Open(path);
        var (input, dimensions) = ChooseInput(session, options);
        var output = ChooseOutput(session, options);
        var channelsFirst = dimensions[1] == 3 || dimensions[3] != 3;
        var stated = channelsFirst ? dimensions[2] : dimensions[1];
        var side = options.ImageSize ?? (stated > 0 ? stated : throw new WorkspaceException($"'{path}' does not say what size of pictures it takes.", "Name it with --image-size, 224 for most."));
        if (stated > 0 && stated != side) throw new WorkspaceException($"'{path}' takes pictures of {stated} pixels, not {side}.", $"Use --image-size {stated}, or leave it out.");
        var batch = Math.Max(0, dimensions[0]);

        var card = new EncoderCard
        {
            Name = options.Name ?? NotInNames().Replace(Path.GetFileNameWithoutExtension(path), "-").Trim('-'),
            Kind = EncoderKind.Foreign,
            Dimension = 1,
            ImageSize = side,
            Mean = Mean(options.Scaling),
            Deviation = Deviation(options.Scaling),
            Input = new ImportedInput(input, output, channelsFirst, options.BlueFirst, batch, Pooling.None),
            Lineage = new EncoderLineage { From = Path.GetFileName(path), Software = typeof(EncoderImport).Assembly.GetName().Version?.ToString(3) ?? "" },
        };
        var shape = OutputShape(session, card, path);
        var (dimension, pooling) = shape switch
        {
            [_, var d] => (d, Pooling.None),
            [_, var d, 1, 1] => (d, Pooling.None),
            [_, _, var d] => (d, options.Pooling ?? Pooling.First),
            [_, var d, _, _] => (d, options.Pooling ?? Pooling.Mean),
            _ => throw new CheckpointException($"The output '{output}' of '{path}' is [{string.Join(", ", shape)}], which is no vector a picture.", "Name another with --output."),
        };
        if (shape.Length == 4 && pooling == Pooling.First) throw new WorkspaceException("Maps have no first token.", "Use --pooling mean.");
        card = card with { Dimension = (int)dimension, Input = card.Input with { Pooling = pooling } };
        TryOut(path, card);
        return card;
    }

    private static (string Name, int[] Dimensions) ChooseInput(InferenceSession session, ImportOptions options)
    {
        var pictures = session.InputMetadata.Where(pair => pair.Value.Dimensions.Length == 4 && pair.Value.ElementType == typeof(float)).ToArray();
        var chosen = options.Input is { } name ? [.. pictures.Where(pair => pair.Key == name)] : pictures;
        if (chosen.Length != 1 || session.InputMetadata.Count != 1)
            throw new WorkspaceException(
                $"The model's inputs are {string.Join(", ", session.InputMetadata.Select(pair => $"{pair.Key} [{string.Join(", ", pair.Value.Dimensions)}] of {pair.Value.ElementType.Name}"))}; one of [N, 3, S, S] single-precision numbers is needed, and no other.",
                "Export the image part of the model alone, with --input naming its picture input.");
        return (chosen[0].Key, chosen[0].Value.Dimensions);
    }

    private static string ChooseOutput(InferenceSession session, ImportOptions options)
    {
        var names = session.OutputMetadata.Keys.ToArray();
        if (options.Output is { } wanted)
            return names.Contains(wanted) ? wanted : throw new WorkspaceException($"The model has no output '{wanted}'; it has {string.Join(", ", names)}.", "Name one of them with --output.");
        return LikelyOutputs.FirstOrDefault(names.Contains)
            ?? (names.Length == 1 ? names[0] : throw new WorkspaceException($"The model has the outputs {string.Join(", ", names)}.", "Name the embedding with --output."));
    }

    private static long[] OutputShape(InferenceSession session, EncoderCard card, string path)
    {
        var input = card.Input!;
        var batch = Math.Max(1, input.Batch);
        var side = card.ImageSize;
        using var run = new RunOptions();
        using var zeros = OrtValue.CreateTensorValueFromMemory(new float[batch * side * side * 3], input.ChannelsFirst ? [batch, 3, side, side] : [batch, side, side, 3]);
        try
        {
            using var outputs = session.Run(run, [input.Input], [zeros], [input.Output]);
            return outputs[0].GetTensorTypeAndShape().Shape;
        }
        catch (OnnxRuntimeException e)
        {
            throw new CheckpointException($"'{path}' cannot take pictures of {side} pixels: {e.Message.Split('\n')[0].Trim()}", "Name the side that the model was made for with --image-size.", e);
        }
    }

    /// <summary>Two different pictures must give two different, finite vectors; a wrong output is noticed now and not after a million pictures.</summary>
    private static void TryOut(string path, EncoderCard card)
    {
        using var encoder = new ImportedEncoder(path, card);
        var pixels = new byte[2 * card.ImageSize * card.ImageSize * 3];
        for (var i = 0; i < pixels.Length; i++) pixels[i] = (byte)(i < pixels.Length / 2 ? i % 251 : 255 - (i / 7 % 193));
        var embeddings = new float[2 * encoder.Dimension];
        encoder.Encode(pixels, 2, embeddings);
        if (embeddings.Any(value => !float.IsFinite(value)) || embeddings.AsSpan(0, encoder.Dimension).SequenceEqual(embeddings.AsSpan(encoder.Dimension)))
            throw new CheckpointException($"'{path}' gives the same or no numbers for different pictures.", "Check --output and --scaling.");
    }

    private static float[] Mean(PixelScaling scaling) => scaling switch
    {
        PixelScaling.Imagenet => [0.485f, 0.456f, 0.406f],
        PixelScaling.Clip => [0.48145466f, 0.4578275f, 0.40821073f],
        PixelScaling.MinusOneOne => [128 / 255f, 128 / 255f, 128 / 255f],
        _ => [0, 0, 0],
    };

    private static float[] Deviation(PixelScaling scaling) => scaling switch
    {
        PixelScaling.Imagenet => [0.229f, 0.224f, 0.225f],
        PixelScaling.Clip => [0.26862954f, 0.26130258f, 0.27577711f],
        PixelScaling.MinusOneOne => [128 / 255f, 128 / 255f, 128 / 255f],
        PixelScaling.Bytes => [1 / 255f, 1 / 255f, 1 / 255f],
        _ => [1, 1, 1],
    };

    [GeneratedRegex("[^A-Za-z0-9-]+")]
    private static partial Regex NotInNames();
}
