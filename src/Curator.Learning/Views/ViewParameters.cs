namespace Curator.Learning.Views;

/// <summary>
/// What will be done to each image of a batch, drawn before any pixel is touched; so that the pixels' part can be checked against it.
/// </summary>
internal sealed class ViewParameters
{
    // ITU-R BT.601 luma.
    private const float Red = 0.299f, Green = 0.587f, Blue = 0.114f;

    private ViewParameters(int count, int channels)
    {
        Channels = channels;
        Affine = new float[count * 6];
        Colour = new float[count * channels * channels];
        ContrastOffset = new float[count];
        BlurDeviation = new float[count];
        Kept = new float[count * channels];
        Array.Fill(Kept, 1);
    }

    /// <summary>C.</summary>
    public int Channels { get; }

    public int Count => BlurDeviation.Length;

    /// <summary>[B, 2, 3]: normalised output coordinates (−1 to 1) to input coordinates.</summary>
    public float[] Affine { get; }

    /// <summary>[B, C, C]: new colour from old, without the offset.</summary>
    public float[] Colour { get; }

    /// <summary>[B]: how much of the mean luma is added to every channel.</summary>
    public float[] ContrastOffset { get; }

    /// <summary>[B] pixels; 0 for none.</summary>
    public float[] BlurDeviation { get; }

    /// <summary>[B, C]: 1, or 0 for a channel that is dropped.</summary>
    public float[] Kept { get; }

    public bool DropsChannels { get; private set; }

    /// <summary>Draws parameters for <paramref name="count"/> images.</summary>
    public static ViewParameters Draw(ViewOptions options, int count, ref CounterRandom random, int channels = 3)
    {
        var parameters = new ViewParameters(count, channels);
        for (var i = 0; i < count; i++)
        {
            var area = random.Between(options.MinArea, options.MaxArea);
            var logAspect = MathF.Log(options.MaxAspect);
            var aspect = MathF.Exp(random.Between(-logAspect, logAspect));
            float width = MathF.Min(1, MathF.Sqrt(area * aspect)), height = MathF.Min(1, MathF.Sqrt(area / aspect));
            float x = random.Between(width - 1, 1 - width), y = random.Between(height - 1, 1 - height);
            var degrees = random.Between(-options.Rotation, options.Rotation);
            var mirrorX = random.NextUnit() < 0.5f && options.FlipHorizontal;
            var mirrorY = random.NextUnit() < 0.5f && options.FlipVertical;
            parameters.SetArea(i, x, y, width, height, degrees, mirrorX, mirrorY);

            var brightness = random.Between(1 - options.Brightness, 1 + options.Brightness);
            var contrast = random.Between(1 - options.Contrast, 1 + options.Contrast);
            var saturation = random.Between(1 - options.Saturation, 1 + options.Saturation);
            var hue = random.Between(-options.Hue, options.Hue);
            parameters.SetColour(i, brightness, contrast, random.NextUnit() < options.Grey ? 0 : saturation, hue);

            var deviation = random.Between(0.1f, MathF.Max(0.1f, options.BlurDeviation));
            parameters.BlurDeviation[i] = random.NextUnit() < options.Blur ? deviation : 0;
            // Drawn only when asked for, so that other settings keep their numbers.
            if (options.ChannelDrop > 0 && random.NextUnit() < options.ChannelDrop) parameters.Drop(i, random.Below(channels));
        }
        return parameters;
    }

    /// <summary>The parameters of the first part's images, then those of the second's, and so on.</summary>
    /// <param name="parts">At least one, of equal channels.</param>
    public static ViewParameters Concat(params ViewParameters[] parts)
    {
        var all = new ViewParameters(parts.Sum(part => part.Count), parts[0].Channels);
        void Join(Func<ViewParameters, float[]> numbers)
        {
            var at = 0;
            foreach (var part in parts)
            {
                numbers(part).CopyTo(numbers(all), at);
                at += numbers(part).Length;
            }
        }
        Join(parameters => parameters.Affine);
        Join(parameters => parameters.Colour);
        Join(parameters => parameters.ContrastOffset);
        Join(parameters => parameters.BlurDeviation);
        Join(parameters => parameters.Kept);
        all.DropsChannels = parts.Any(part => part.DropsChannels);
        return all;
    }

    /// <summary>Parameters that leave every image as it is.</summary>
    public static ViewParameters Identity(int count, int channels = 3)
    {
        var parameters = new ViewParameters(count, channels);
        for (var i = 0; i < count; i++)
        {
            parameters.SetArea(i, 0, 0, 1, 1, 0, mirrorX: false, mirrorY: false);
            parameters.SetColour(i, 1, 1, 1, 0);
        }
        return parameters;
    }

    /// <summary>Sets a channel to zero.</summary>
    public void Drop(int image, int channel)
    {
        Kept[(image * Channels) + channel] = 0;
        DropsChannels = true;
    }

    /// <param name="x">Centre of the area, −1 to 1.</param>
    /// <param name="width">Share of the picture's width, 0 to 1.</param>
    /// <param name="degrees">Turns the area about its centre.</param>
    public void SetArea(int image, float x, float y, float width, float height, float degrees, bool mirrorX, bool mirrorY)
    {
        var (sine, cosine) = MathF.SinCos(degrees * MathF.PI / 180);
        float a = mirrorX ? -width : width, b = mirrorY ? -height : height;
        ReadOnlySpan<float> row = [cosine * a, -sine * b, x, sine * a, cosine * b, y];
        row.CopyTo(Affine.AsSpan(image * 6));
    }

    /// <summary>
    /// Brightness, then contrast about the mean luma, then saturation, then hue as one matrix; greys stay grey under the last two, so the
    /// only offset is contrast's. Hue turns the chroma plane of YIQ.
    /// </summary>
    /// <param name="hue">Share of the circle.</param>
    public void SetColour(int image, float brightness, float contrast, float saturation, float hue)
    {
        if (Channels != 3)
        {
            // Other channels have no hue: they are made brighter and flatter together.
            for (var channel = 0; channel < Channels; channel++) Colour[(((image * Channels) + channel) * Channels) + channel] = brightness * contrast;
            ContrastOffset[image] = (1 - contrast) * brightness;
            return;
        }
        var (sine, cosine) = MathF.SinCos(hue * 2 * MathF.PI);
        ReadOnlySpan<float> luma = [Red, Green, Blue];
        // Rows of RGB → I, Q and columns of I, Q → RGB.
        ReadOnlySpan<float> inPhase = [0.595716f, -0.274453f, -0.321263f], quadrature = [0.211456f, -0.522591f, 0.311135f];
        ReadOnlySpan<float> fromI = [0.9563f, -0.2721f, -1.1070f], fromQ = [0.6210f, -0.6474f, 1.7046f];
        var gain = brightness * contrast;
        for (var row = 0; row < 3; row++)
            for (var column = 0; column < 3; column++)
            {
                // With no turn the chroma part is exactly I − luma, whatever the rounding of the published tables.
                var chroma = hue == 0
                    ? (row == column ? 1 : 0) - luma[column]
                    : (fromI[row] * ((cosine * inPhase[column]) - (sine * quadrature[column]))) + (fromQ[row] * ((sine * inPhase[column]) + (cosine * quadrature[column])));
                Colour[(image * 9) + (row * 3) + column] = gain * (luma[column] + (saturation * chroma));
            }
        ContrastOffset[image] = (1 - contrast) * brightness;
    }
}
