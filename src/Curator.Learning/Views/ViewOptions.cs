namespace Curator.Learning.Views;

/// <summary>Which kind of imagery the views are made for.</summary>
public enum ViewPreset
{
    /// <summary>Seen from above: no up or down, and colour is the signal, so it is barely touched.</summary>
    Satellite,

    /// <summary>Photographs: up is up, colour varies with the light. The values of SimCLR at half strength.</summary>
    Natural,

    /// <summary>From aeroplanes and drones: no up or down, light and season change the colour somewhat.</summary>
    Aerial,

    /// <summary>Through a microscope: no up or down, stain and exposure vary, hue tells kinds apart.</summary>
    Microscopy,

    /// <summary>One channel or its copies, such as radar: brightness and contrast only.</summary>
    Grey,

    /// <summary>Several bands: brightness and contrast together, now and then a band is missing.</summary>
    Multispectral,
}

/// <summary>How strongly the two views of an image differ from it. All strengths at zero give the image itself.</summary>
internal sealed record ViewOptions
{
    /// <summary>Least share of the picture's area that a crop keeps, 0 to 1.</summary>
    public float MinArea { get; init; } = 1;

    /// <summary>Greatest share, at least <see cref="MinArea"/>.</summary>
    public float MaxArea { get; init; } = 1;

    /// <summary>Greatest ratio of width to height of a crop, and its inverse; at least 1.</summary>
    public float MaxAspect { get; init; } = 1;

    /// <summary>Greatest rotation to either side, degrees, 0 to 180; what lies beyond the edge is the picture reflected.</summary>
    public float Rotation { get; init; }

    public bool FlipHorizontal { get; init; }

    public bool FlipVertical { get; init; }

    /// <summary>Factors are drawn from 1 − strength to 1 + strength; 0 to 1.</summary>
    public float Brightness { get; init; }

    /// <inheritdoc cref="Brightness"/>
    public float Contrast { get; init; }

    /// <inheritdoc cref="Brightness"/>
    public float Saturation { get; init; }

    /// <summary>Greatest turn of the hue to either side, share of the whole circle, 0 to 0.5.</summary>
    public float Hue { get; init; }

    /// <summary>Probability that a view loses its colour.</summary>
    public float Grey { get; init; }

    /// <summary>Probability that a view is blurred.</summary>
    public float Blur { get; init; }

    /// <summary>Greatest standard deviation of the blur, pixels; the least is a tenth of a pixel.</summary>
    public float BlurDeviation { get; init; } = 1;

    /// <summary>Probability that a view loses one of its channels.</summary>
    public float ChannelDrop { get; init; }

    /// <summary>
    /// Strong colour jitter takes the signal out of satellite tiles: on EuroSAT SimCLR's published strengths end below the untrained
    /// network (docs/design/learning.md, "Views").
    /// </summary>
    public static ViewOptions Of(ViewPreset preset) => preset switch
    {
        ViewPreset.Satellite => new ViewOptions
        {
            MinArea = 0.3f, MaxAspect = 4f / 3, Rotation = 180, FlipHorizontal = true, FlipVertical = true,
            Brightness = 0.1f, Contrast = 0.1f, Saturation = 0.1f, Hue = 0.01f, Blur = 0.1f, BlurDeviation = 0.7f,
        },
        ViewPreset.Natural => new ViewOptions
        {
            MinArea = 0.2f, MaxAspect = 4f / 3, FlipHorizontal = true,
            Brightness = 0.4f, Contrast = 0.4f, Saturation = 0.4f, Hue = 0.1f, Grey = 0.2f, Blur = 0.5f, BlurDeviation = 1.2f,
        },
        ViewPreset.Aerial => new ViewOptions
        {
            MinArea = 0.25f, MaxAspect = 4f / 3, Rotation = 180, FlipHorizontal = true, FlipVertical = true,
            Brightness = 0.25f, Contrast = 0.25f, Saturation = 0.2f, Hue = 0.03f, Blur = 0.3f, BlurDeviation = 1,
        },
        ViewPreset.Microscopy => new ViewOptions
        {
            MinArea = 0.4f, MaxAspect = 1.1f, Rotation = 180, FlipHorizontal = true, FlipVertical = true,
            Brightness = 0.2f, Contrast = 0.2f, Saturation = 0.1f, Hue = 0.01f, Blur = 0.2f, BlurDeviation = 1,
        },
        ViewPreset.Grey => new ViewOptions
        {
            MinArea = 0.3f, MaxAspect = 4f / 3, Rotation = 180, FlipHorizontal = true, FlipVertical = true, Brightness = 0.2f, Contrast = 0.2f,
        },
        ViewPreset.Multispectral => new ViewOptions
        {
            MinArea = 0.3f, MaxAspect = 4f / 3, Rotation = 180, FlipHorizontal = true, FlipVertical = true, Brightness = 0.1f, Contrast = 0.1f, ChannelDrop = 0.1f,
        },
        _ => throw new ArgumentOutOfRangeException(nameof(preset), preset, null),
    };
}
