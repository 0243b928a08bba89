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

    /// <summary>Numbers that a forward pass over one picture of S × S pixels keeps for the backward pass.</summary>
    public long Activations(int imageSize)
    {
        var sides = new List<long> { imageSize };
        long numbers = 0;
        foreach (var layer in Layers)
        {
            sides.Add(OutputSide(layer, (int)sides[layer.Input]));
            numbers += layer.Out * sides[^1] * sides[^1] * layer.Kind switch
            {
                // The convolution's output and the norm's; ReLU and sums work in place. A maximum and its place, which has eight bytes.
                LayerKind.ConvolutionNorm => 2,
                LayerKind.MaxPool => 3,
                _ => 0,
            };
        }
        return numbers;
    }

    private static int OutputSide(Layer layer, int side) => layer.Kind switch
    {
        LayerKind.ConvolutionNorm or LayerKind.MaxPool => ((side + (2 * layer.Padding) - layer.Kernel) / layer.Stride) + 1,
        LayerKind.GlobalAverage => 1,
        _ => side,
    };

    /// <summary>Every convolution with the side of its input, when the network sees S × S pixels; equal shapes once.</summary>
    public IEnumerable<(Layer Layer, int Side)> Convolutions(int imageSize)
    {
        var sides = new List<int> { imageSize };
        var seen = new HashSet<(int, int, int, int, int)>();
        foreach (var layer in Layers)
        {
            var side = sides[layer.Input];
            if (layer.Kind == LayerKind.ConvolutionNorm && seen.Add((layer.In, layer.Out, layer.Kernel, layer.Stride, side)))
                yield return (layer, side);
            sides.Add(OutputSide(layer, side));
        }
    }
}
