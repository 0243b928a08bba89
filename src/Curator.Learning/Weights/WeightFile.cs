using System.Text.Json;
using Curator.Core;

namespace Curator.Learning.Weights;

/// <summary>Weights in a file of one of the known formats, told by its first bytes: safetensors, or a PyTorch state dict.</summary>
internal static class WeightFile
{
    private const long MaxBytes = 2_000_000_000;

    /// <exception cref="CheckpointException">Missing, damaged, of another format, or with Python objects that are no tensors.</exception>
    public static IReadOnlyList<NamedTensor> Read(string path)
    {
        try
        {
            if (new FileInfo(path).Length > MaxBytes) throw new InvalidDataException($"it has more than {MaxBytes} bytes.");
            var bytes = File.ReadAllBytes(path);
            if (TorchWeights.IsTorch(bytes)) return TorchWeights.Read(bytes);
            if (bytes.Length > 9 && bytes[8] == (byte)'{') return Safetensors.Read(bytes);
            throw new InvalidDataException("it is neither safetensors nor a state dict saved by PyTorch.");
        }
        catch (Exception e) when (e is InvalidDataException or JsonException or IOException or UnauthorizedAccessException or OverflowException)
        {
            throw new CheckpointException(
                $"'{path}' cannot be read as weights: {e.Message}", "Give a safetensors file, or a state dict: torch.save(model.state_dict(), 'weights.pth') in Python.", e);
        }
    }
}
