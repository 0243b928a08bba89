namespace Curator.Imagery.Ingest;

/// <summary>Facts of the pixels that a manifest keeps. Sums are exact, so the same picture gives the same numbers on every machine.</summary>
/// <param name="MeanLuma">0 to 255; luma is 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601).</param>
/// <param name="LumaDeviation">0 to 127.5.</param>
/// <param name="NoDataShare">Share of pixels that are exactly (0, 0, 0), 0 to 1.</param>
internal readonly record struct PictureFacts(float MeanLuma, float LumaDeviation, float NoDataShare)
{
    /// <param name="rgb"><c>[n, 3]</c>, uint8, at least one pixel.</param>
    public static PictureFacts Of(ReadOnlySpan<byte> rgb)
    {
        UInt128 squares = 0;
        ulong sum = 0;
        long black = 0;
        for (var i = 0; i + 3 <= rgb.Length;)
        {
            // Of 65,536 pixels the squares fit 64 bits.
            var end = Math.Min(rgb.Length - 2, i + 3 * 65_536);
            ulong someSquares = 0;
            for (; i < end; i += 3)
            {
                var luma = 299UL * rgb[i] + 587UL * rgb[i + 1] + 114UL * rgb[i + 2]; // In thousandths.
                sum += luma;
                someSquares += luma * luma;
                if (luma == 0) black++;
            }
            squares += someSquares;
        }
        var pixels = (ulong)(rgb.Length / 3);
        var variance = (double)(squares * pixels - (UInt128)sum * sum) / ((double)pixels * pixels);
        return new PictureFacts((float)(sum / 1000.0 / pixels), (float)(Math.Sqrt(variance) / 1000), (float)((double)black / pixels));
    }
}
