using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Curator.Learning.Encoders;

/// <summary>How an imported network wants its pixels.</summary>
public enum PixelScaling
{
    /// <summary>(x − mean) / deviation with ImageNet's: ResNet, DINOv2, DINOv3 …</summary>
    Imagenet,

    /// <summary>With the means and deviations of CLIP.</summary>
    Clip,

    /// <summary>−1 to 1: MobileNet, Inception …</summary>
    MinusOneOne,

    /// <summary>0 to 1.</summary>
    ZeroOne,

    /// <summary>0 to 255.</summary>
    Bytes,
}

/// <summary>Settings of <c>curator encoders import</c>, section <c>import</c>. They become part of the encoder's card.</summary>
public sealed record ImportOptions
{
    [Description("Name of the encoder. The default is the file's name.")]
    public string? Name { get; init; }

    [Description("The model's picture input. The default is its only input of four dimensions.")]
    public string? Input { get; init; }

    [Description("The model's output that is the embedding. The default is one named like an embedding, else its only one.")]
    public string? Output { get; init; }

    [Range(8, 4096)]
    [Description("Side of the pictures that the model takes, pixels; needed where the model leaves it open.")]
    public int? ImageSize { get; init; }

    [Description("How the model wants its pixels.")]
    public PixelScaling Scaling { get; init; } = PixelScaling.Imagenet;

    [Description("Channels in the order blue, green, red.")]
    public bool BlueFirst { get; init; }

    [Description("How several vectors a picture become one: first (a transformer's first token) or mean. The default is first for tokens and mean for maps.")]
    public Pooling? Pooling { get; init; }
}
