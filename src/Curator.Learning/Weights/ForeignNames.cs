using Curator.Core;
using Curator.Learning.Networks;

namespace Curator.Learning.Weights;

/// <summary>
/// Finds a backbone's weights in a state dict of other software: torchvision's names, those behind any prefix (<c>module.</c>, <c>backbone.</c> …), the numbered
/// ones of a sequence of torchvision's children, and convolutions whose norms were folded into a bias.
/// </summary>
internal static class ForeignNames
{
    private const double NormEpsilon = Backbone.NormEpsilon;

    /// <returns>All tensors of a <see cref="Backbone"/> of this plan, under its names.</returns>
    /// <exception cref="CheckpointException">Something is missing or of another shape; says what the file has instead.</exception>
    public static IReadOnlyList<NamedTensor> Map(IReadOnlyList<NamedTensor> tensors, NetworkPlan plan, string path)
    {
        var byName = new Dictionary<string, NamedTensor>(StringComparer.Ordinal);
        foreach (var tensor in tensors) byName[tensor.Name] = tensor;
        var layers = plan.Layers.Where(layer => layer.Kind == LayerKind.ConvolutionNorm).ToArray();
        if (layers.All(layer => byName.ContainsKey(Own(layer.Name) + "_conv.weight"))) return [.. layers.SelectMany(layer => OfOwn(layer, byName, path))];

        var prefix = Prefix(byName.Keys, layers);
        return [.. layers.SelectMany(layer => OfOther(layer, prefix, byName, plan, path))];
    }

    /// <summary>The backbone's own name of a layer's modules.</summary>
    public static string Own(string layer) => layer.Replace('.', '_');

    /// <summary>torchvision's name of the norm that follows a convolution.</summary>
    public static string Norm(string convolution)
    {
        if (convolution.EndsWith(".0", StringComparison.Ordinal)) return convolution[..^1] + "1";
        var at = convolution.LastIndexOf("conv", StringComparison.Ordinal);
        return at < 0 ? convolution + "_bn" : $"{convolution[..at]}bn{convolution[(at + 4)..]}";
    }

    /// <summary>torchvision's name of a layer's convolution.</summary>
    public static string Convolution(string layer) => layer.EndsWith(".downsample", StringComparison.Ordinal) ? layer + ".0" : layer;

    private static IEnumerable<NamedTensor> OfOwn(Layer layer, Dictionary<string, NamedTensor> byName, string path)
    {
        var name = Own(layer.Name);
        yield return Need(byName, $"{name}_conv.weight", [layer.Out, layer.In, layer.Kernel, layer.Kernel], path);
        foreach (var part in (string[])["weight", "bias", "running_mean", "running_var"]) yield return Need(byName, $"{name}_norm.{part}", [layer.Out], path);
    }

    private static IEnumerable<NamedTensor> OfOther(Layer layer, string prefix, Dictionary<string, NamedTensor> byName, NetworkPlan plan, string path)
    {
        var own = Own(layer.Name);
        var convolution = FirstThere(byName, prefix, Convolution(layer.Name));
        var norm = FirstThere(byName, prefix, Norm(Convolution(layer.Name)));
        var weight = Channels(Need(byName, convolution + ".weight", null, path), layer, plan);
        yield return Shaped(weight, [layer.Out, layer.In, layer.Kernel, layer.Kernel], path) with { Name = own + "_conv.weight" };
        if (byName.ContainsKey(norm + ".running_mean"))
        {
            foreach (var part in (string[])["weight", "bias", "running_mean", "running_var"]) yield return Need(byName, $"{norm}.{part}", [layer.Out], path) with { Name = $"{own}_norm.{part}" };
            yield break;
        }
        // Folded: a norm that only adds the convolution's bias.
        var bias = Need(byName, convolution + ".bias", [layer.Out], path);
        yield return new NamedTensor(own + "_norm.weight", [layer.Out], [.. Enumerable.Repeat(1f, layer.Out)]);
        yield return bias with { Name = own + "_norm.bias" };
        yield return new NamedTensor(own + "_norm.running_mean", [layer.Out], new float[layer.Out]);
        yield return new NamedTensor(own + "_norm.running_var", [layer.Out], [.. Enumerable.Repeat((float)(1 - NormEpsilon), layer.Out)]);
    }

    /// <summary>What stands before <c>conv1.weight</c> (or its number), where most other layers are found too.</summary>
    private static string Prefix(IEnumerable<string> names, Layer[] layers)
    {
        var all = names.ToHashSet(StringComparer.Ordinal);
        var first = Convolution(layers[0].Name);
        return all.SelectMany(name => new[] { first, Numbered(first) }
                .Where(wanted => name == wanted + ".weight" || name.EndsWith($".{wanted}.weight", StringComparison.Ordinal))
                .Select(wanted => name[..^(wanted.Length + ".weight".Length)]))
            .Distinct()
            .OrderByDescending(prefix => layers.Count(layer => all.Contains($"{prefix}{Convolution(layer.Name)}.weight") || all.Contains($"{prefix}{Numbered(Convolution(layer.Name))}.weight")))
            .ThenBy(prefix => prefix.Length).FirstOrDefault() ?? "";
    }

    private static string FirstThere(Dictionary<string, NamedTensor> byName, string prefix, string name) =>
        byName.ContainsKey($"{prefix}{name}.weight") ? prefix + name : byName.ContainsKey($"{prefix}{Numbered(name)}.weight") ? prefix + Numbered(name) : prefix + name;

    /// <summary>A ResNet's children by number: convolution, norm, ReLU, pool, four layers.</summary>
    private static string Numbered(string name) => name switch
    {
        "conv1" => "0",
        "bn1" => "1",
        _ when name.StartsWith("layer", StringComparison.Ordinal) && name.Length > 6 && char.IsAsciiDigit(name[5]) => $"{name[5] - '0' + 3}{name[6..]}",
        _ => name,
    };

    /// <summary>The first kernel of other software sees three channels; for more or fewer each gets their mean, so that the sum stays.</summary>
    private static NamedTensor Channels(NamedTensor kernel, Layer layer, NetworkPlan plan)
    {
        if (layer.Input != 0 || kernel.Shape is not [_, 3, _, _] || plan.Channels == 3) return kernel;
        var area = (int)(kernel.Shape[2] * kernel.Shape[3]);
        var values = new float[kernel.Shape[0] * plan.Channels * area];
        for (var o = 0; o < kernel.Shape[0]; o++)
            for (var c = 0; c < plan.Channels; c++)
                for (var k = 0; k < area; k++)
                    values[(((o * plan.Channels) + c) * area) + k] =
                        (kernel.Values[(((o * 3) + 0) * area) + k] + kernel.Values[(((o * 3) + 1) * area) + k] + kernel.Values[(((o * 3) + 2) * area) + k]) / plan.Channels;
        return kernel with { Shape = [kernel.Shape[0], plan.Channels, kernel.Shape[2], kernel.Shape[3]], Values = values };
    }

    private static NamedTensor Need(Dictionary<string, NamedTensor> byName, string name, long[]? shape, string path)
    {
        if (!byName.TryGetValue(name, out var tensor))
            throw new CheckpointException(
                $"'{path}' has no '{name}'; it has {string.Join(", ", byName.Keys.Take(4))} … ({byName.Count} tensors).",
                "Choose the --architecture that these weights were trained with.");
        return shape is null ? tensor : Shaped(tensor, shape, path);
    }

    private static NamedTensor Shaped(NamedTensor tensor, long[] shape, string path) => tensor.Shape.SequenceEqual(shape)
        ? tensor
        : throw new CheckpointException(
            $"'{tensor.Name}' of '{path}' is [{string.Join(", ", tensor.Shape)}]; the network needs [{string.Join(", ", shape)}].",
            "Choose the --architecture and --width that these weights were trained with (torchvision's ResNets: --width 64).");
}
