using System.Text.Json;
using Curator.Core;
using Curator.Core.Files;
using Curator.Learning.Native;
using Curator.Learning.Networks;
using Curator.Learning.Training;
using Curator.Learning.Weights;
using Microsoft.ML.OnnxRuntime;
using static TorchSharp.torch;

namespace Curator.Learning.Encoders;

/// <summary>What went out.</summary>
/// <param name="Agreement">Least cosine between the ONNX file in ONNX Runtime and the weights file in libtorch, over some pictures; null where libtorch is not there or the encoder has no network of ours.</param>
public sealed record ExportedEncoder(string Encoder, string Folder, IReadOnlyList<string> Files, double? Agreement);

/// <summary>
/// <c>curator encoders export</c>: an encoder for other software. <c>model.onnx</c> takes bytes and gives the embedding; <c>weights.safetensors</c> has torchvision's names, so that a ResNet of
/// width 64 loads into torchvision as it is; <c>network.json</c> and <c>encoder.py</c> rebuild any of our networks in PyTorch. Thread-safe.
/// </summary>
public static class EncoderExport
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private const int Pictures = 16;

    /// <exception cref="WorkspaceException">No such encoder, or nothing to export.</exception>
    /// <exception cref="CheckpointException">Damaged, or the two forms do not agree.</exception>
    public static async Task<ExportedEncoder> RunAsync(Workspace workspace, string nameOrId, string folder, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        var found = await new EncoderStore(workspace).VerifyAsync(nameOrId, cancellationToken);
        var (row, card) = found;
        if (!card.Files.ContainsKey(OnnxEncoder.FileName)) throw new WorkspaceException($"Encoder {row.Id} is a formula and has no weights to export.", "Export one that 'curator train' made.");
        Directory.CreateDirectory(folder);
        var source = workspace.EncoderDirectory(row.Id);
        foreach (var name in card.Files.Keys.Where(name => name != NetworkWeights.FileName).Append(EncoderCard.FileName))
        {
            var bytes = await File.ReadAllBytesAsync(Path.Combine(source, name), cancellationToken);
            AtomicFile.Write(Path.Combine(folder, name), stream => stream.Write(bytes));
        }
        double? agreement = null;
        if (card.Files.ContainsKey(NetworkWeights.FileName) && Architectures.Find(card.Architecture) is not null)
        {
            var network = await NetworkWeights.OpenAsync(workspace, row.Id, cancellationToken);
            Safetensors.Write(Path.Combine(folder, NetworkWeights.FileName), OutNames(network));
            AtomicFile.WriteText(Path.Combine(folder, "network.json"), Describe(network.Plan, card));
            AtomicFile.WriteText(Path.Combine(folder, "encoder.py"), PythonProgram());
            agreement = await Task.Run(() => Agreement(folder, network), cancellationToken);
        }
        return new ExportedEncoder(row.Id, folder, [.. Directory.GetFiles(folder).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)], agreement);
    }

    /// <summary>torchvision's names for what it has, the same pattern for the rest.</summary>
    private static IReadOnlyList<NamedTensor> OutNames(NetworkWeights network)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var layer in network.Plan.Layers.Where(layer => layer.Kind == LayerKind.ConvolutionNorm))
        {
            var (own, convolution) = (ForeignNames.Own(layer.Name), ForeignNames.Convolution(layer.Name));
            names[own + "_conv.weight"] = convolution + ".weight";
            foreach (var part in (string[])["weight", "bias", "running_mean", "running_var"]) names[$"{own}_norm.{part}"] = $"{ForeignNames.Norm(convolution)}.{part}";
        }
        return [.. network.Tensors.Select(tensor => tensor with { Name = names[tensor.Name] })];
    }

    private static string Describe(NetworkPlan plan, EncoderCard card) => JsonSerializer.Serialize(
        new
        {
            format = 1,
            architecture = plan.Architecture,
            imageSize = card.ImageSize,
            mean = card.Mean,
            deviation = card.Deviation,
            features = plan.Features,
            layers = plan.Layers.Select(layer => new
            {
                kind = layer.Kind switch { LayerKind.ConvolutionNorm => "conv", LayerKind.Relu => "relu", LayerKind.Add => "add", LayerKind.MaxPool => "maxpool", _ => "mean" },
                convolution = layer.Kind == LayerKind.ConvolutionNorm ? ForeignNames.Convolution(layer.Name) : null,
                norm = layer.Kind == LayerKind.ConvolutionNorm ? ForeignNames.Norm(ForeignNames.Convolution(layer.Name)) : null,
                input = layer.Input, second = layer.Second, @in = layer.In, @out = layer.Out, kernel = layer.Kernel, stride = layer.Stride, padding = layer.Padding,
            }),
        },
        Indented);

    private static string PythonProgram()
    {
        using var stream = typeof(EncoderExport).Assembly.GetManifestResourceStream("encoder.py")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    /// <summary>Reads both files back from the folder and compares what they give.</summary>
    private static double? Agreement(string folder, NetworkWeights network)
    {
        try
        {
            TorchRuntime.EnsureLoaded();
        }
        catch (WorkspaceException)
        {
            return null;
        }
        var card = network.Encoder.Card;
        var whiteningPath = Path.Combine(folder, Whitening.NetworkFileName);
        if (!File.Exists(whiteningPath)) return null;
        var whitening = Whitening.Read(whiteningPath, network.Plan.Features);
        var (side, channels) = (card.ImageSize, card.Channels);
        var pixels = new byte[Pictures * side * side * channels];
        new Random(1).NextBytes(pixels);

        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var backbone = new Backbone(network.Plan);
        TensorTable.Load(ForeignNames.Map(Safetensors.Read(Path.Combine(folder, NetworkWeights.FileName)), network.Plan, NetworkWeights.FileName), TensorTable.Of("", backbone));
        backbone.eval();
        var bytes = tensor(pixels, [Pictures, side, side, channels], dtype: ScalarType.Byte).permute(0, 3, 1, 2).contiguous().to(ScalarType.Float32) / Number.Of(255);
        var normal = (bytes - tensor(card.Mean.ToArray(), [1, channels, 1, 1])) / tensor(card.Deviation.ToArray(), [1, channels, 1, 1]);
        var features = backbone.forward(normal).data<float>().ToArray();

        using var session = ImportedEncoder.Open(Path.Combine(folder, OnnxEncoder.FileName));
        using var run = new RunOptions();
        using var input = OrtValue.CreateTensorValueFromMemory(pixels, [Pictures, side, side, channels]);
        using var outputs = session.Run(run, [OnnxEncoder.InputName], [input], [OnnxEncoder.OutputName]);
        var least = ExportCheck.LeastCosine(features, outputs[0].GetTensorDataAsSpan<float>(), whitening, Pictures);
        return least >= ExportCheck.LeastAgreement
            ? least
            : throw new CheckpointException($"The exported ONNX file agrees with the exported weights only to a cosine of {least:0.000000}.", "Run 'curator doctor', then export again.");
    }
}
