namespace Curator.Learning.Statistics;

/// <summary>
/// One picture at one scale in the three values that the statistics look at: the square root of the mean (equal steps look equal), red
/// against green, and yellow against blue; each 0 to 1. The square root and the soft limits of the opponent values spread the dark, dull colours
/// in which most overhead pictures lie over the whole range.
/// </summary>
internal sealed class ColourPlanes
{
    private const float RedGreenGain = 8, YellowBlueGain = 6;
    private static readonly float[] LumaOfSum = Table(766, sum => MathF.Sqrt(sum / 765f));
    private static readonly float[] RedGreenOfDifference = Table(511, i => Opponent((i - 255) / 255f, RedGreenGain));
    private static readonly float[] YellowBlueOfDifference = Table(1021, i => Opponent((i - 510) / 510f, YellowBlueGain));

    public ColourPlanes(int side)
    {
        Side = side;
        Luma = new float[side * side];
        RedGreen = new float[side * side];
        YellowBlue = new float[side * side];
    }

    public int Side { get; }

    /// <summary>[Side, Side], 0 to 1.</summary>
    public float[] Luma { get; }

    /// <inheritdoc cref="Luma"/>
    public float[] RedGreen { get; }

    /// <inheritdoc cref="Luma"/>
    public float[] YellowBlue { get; }

    /// <param name="pixels">[Side, Side, 3] RGB.</param>
    public void Fill(ReadOnlySpan<byte> pixels)
    {
        for (var i = 0; i < Luma.Length; i++)
        {
            int red = pixels[i * 3], green = pixels[(i * 3) + 1], blue = pixels[(i * 3) + 2];
            Luma[i] = LumaOfSum[red + green + blue];
            RedGreen[i] = RedGreenOfDifference[red - green + 255];
            YellowBlue[i] = YellowBlueOfDifference[red + green - (2 * blue) + 510];
        }
    }

    /// <summary>Fills from the means of <paramref name="factor"/> × <paramref name="factor"/> pixels.</summary>
    /// <param name="pixels">[Side·factor, Side·factor, 3] RGB.</param>
    public void FillReduced(ReadOnlySpan<byte> pixels, int factor)
    {
        var stride = Side * factor * 3;
        var scale = 1f / (factor * factor * 255);
        for (var y = 0; y < Side; y++)
            for (var x = 0; x < Side; x++)
            {
                int red = 0, green = 0, blue = 0;
                for (var dy = 0; dy < factor; dy++)
                {
                    var row = pixels.Slice((((y * factor) + dy) * stride) + (x * factor * 3), factor * 3);
                    for (var dx = 0; dx < row.Length; dx += 3)
                    {
                        red += row[dx];
                        green += row[dx + 1];
                        blue += row[dx + 2];
                    }
                }
                var i = (y * Side) + x;
                Luma[i] = MathF.Sqrt((red + green + blue) * scale / 3);
                RedGreen[i] = Opponent((red - green) * scale, RedGreenGain);
                YellowBlue[i] = Opponent((red + green - (2 * blue)) * scale / 2, YellowBlueGain);
            }
    }

    private static float Opponent(float value, float gain) => 0.5f + (0.5f * MathF.Tanh(value * gain));

    private static float[] Table(int count, Func<int, float> value) => [.. Enumerable.Range(0, count).Select(value)];
}
