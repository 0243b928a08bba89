namespace Curator.Learning.Networks;

/// <summary>What one step of a network does.</summary>
internal enum LayerKind
{
    /// <summary>Convolution without bias, then batch normalisation.</summary>
    ConvolutionNorm,

    Relu,

    /// <summary>Sum of two values of equal shape.</summary>
    Add,

    MaxPool,

    /// <summary>Mean over height and width: [B, C, H, W] → [B, C].</summary>
    GlobalAverage,
}

/// <summary>One step. Value 0 is the network's input; the step at position i of a plan makes value i + 1.</summary>
/// <param name="Name">Prefix of its weights' names; unique among steps with weights.</param>
/// <param name="Input">The value it works on.</param>
/// <param name="Second">The other value of <see cref="LayerKind.Add"/>.</param>
/// <param name="In">Channels it takes.</param>
/// <param name="Out">Channels it gives.</param>
/// <param name="EndsBlock">Whether it is the last convolution of a residual block's body.</param>
internal sealed record Layer(LayerKind Kind, string Name, int Input, int Second, int In, int Out, int Kernel = 1, int Stride = 1, int Padding = 0, bool EndsBlock = false);

/// <summary>
/// A backbone as data: the tensor module, the ONNX file and the check of convolutions are all made from this one description, so they
/// cannot disagree. Input [B, <see cref="Channels"/>, S, S]; output [B, <see cref="Features"/>].
/// </summary>
/// <param name="Architecture">Name in the encoder's card.</param>
/// <param name="Width">Channels of the first stage.</param>
internal sealed record NetworkPlan(string Architecture, int Width, IReadOnlyList<Layer> Layers)
{
    /// <summary>Channels of the pictures it takes.</summary>
    public int Channels => Layers[0].In;

    /// <summary>Length of the feature vector.</summary>
    public int Features => Layers[^1].Out;

    /// <summary>Of every value, the step that reads it last; the input's first.</summary>
    public int[] LastReaders()
    {
        var last = new int[Layers.Count + 1];
        for (var step = 0; step < Layers.Count; step++)
        {
            last[Layers[step].Input] = step;
            if (Layers[step].Kind == LayerKind.Add) last[Layers[step].Second] = step;
        }
        return last;
    }

    /// <summary>Numbers that a forward pass over one picture of S × S pixels keeps for the backward pass.</summary>
    public long Activations(int imageSize)
    {
        var sides = Sides(imageSize);
        return Layers.Select((layer, step) => (long)layer.Out * sides[step + 1] * sides[step + 1] * layer.Kind switch
        {
            // The convolution's output and the norm's; ReLU and sums work in place. A maximum and its place, which has eight bytes.
            LayerKind.ConvolutionNorm => 2,
            LayerKind.MaxPool => 3,
            _ => 0,
        }).Sum();
    }

    /// <summary>Every convolution with the side of its input, when the network sees S × S pixels; equal shapes once.</summary>
    public IEnumerable<(Layer Layer, int Side)> Convolutions(int imageSize)
    {
        var sides = Sides(imageSize);
        return Layers.Where(layer => layer.Kind == LayerKind.ConvolutionNorm).Select(layer => (layer, Side: sides[layer.Input]))
            .DistinctBy(pair => (pair.layer.In, pair.layer.Out, pair.layer.Kernel, pair.layer.Stride, pair.Side));
    }

    /// <summary>The side of every value, the input's first, when the network sees S × S pixels.</summary>
    public IReadOnlyList<int> Sides(int imageSize)
    {
        var sides = new List<int>(Layers.Count + 1) { imageSize };
        foreach (var layer in Layers) sides.Add(OutputSide(layer, sides[layer.Input]));
        return sides;
    }

    private static int OutputSide(Layer layer, int side) => layer.Kind switch
    {
        LayerKind.ConvolutionNorm or LayerKind.MaxPool => ((side + (2 * layer.Padding) - layer.Kernel) / layer.Stride) + 1,
        LayerKind.GlobalAverage => 1,
        _ => side,
    };
}
