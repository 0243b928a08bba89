using Curator.Core;
using Curator.Learning.Weights;
using static TorchSharp.torch;

namespace Curator.Learning.Training;

/// <summary>Named tensors to and from arrays.</summary>
internal static class TensorTable
{
    /// <summary>Weights and running statistics of a module, without counters that nothing reads.</summary>
    public static IEnumerable<(string Name, Tensor Value)> Of(string prefix, nn.Module module) =>
        module.named_parameters().Select(pair => (Name: prefix + pair.name, Value: (Tensor)pair.parameter))
            .Concat(module.named_buffers().Where(pair => pair.buffer.dtype == ScalarType.Float32).Select(pair => (Name: prefix + pair.name, Value: pair.buffer)))
            .OrderBy(pair => pair.Name, StringComparer.Ordinal);

    public static NamedTensor[] ToArrays(IEnumerable<(string Name, Tensor Value)> tensors)
    {
        using var scope = NewDisposeScope();
        return [.. tensors.Select(pair => new NamedTensor(pair.Name, pair.Value.shape, pair.Value.detach().cpu().contiguous().data<float>().ToArray()))];
    }

    /// <summary>Copies values into the tensors of the same names.</summary>
    /// <exception cref="CheckpointException">A name is missing or has another shape.</exception>
    public static void Load(IReadOnlyList<NamedTensor> arrays, IEnumerable<(string Name, Tensor Value)> tensors)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var byName = arrays.ToDictionary(array => array.Name, StringComparer.Ordinal);
        foreach (var (name, value) in tensors)
        {
            if (!byName.TryGetValue(name, out var array) || !array.Shape.SequenceEqual(value.shape))
                throw new CheckpointException(
                    $"The weights '{name}' are {(array is null ? "missing" : $"[{string.Join(", ", array.Shape)}]")}; the network needs [{string.Join(", ", value.shape)}].",
                    "Train again with 'curator train', or use weights of the same architecture and width.");
            value.copy_(tensor(array.Values, array.Shape, device: value.device));
        }
    }
}
