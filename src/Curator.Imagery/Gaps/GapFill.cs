namespace Curator.Imagery.Gaps;

/// <summary>What missing pixels are replaced by, so that an encoder does not learn the shape of gaps: the three published methods and a smooth one.</summary>
public enum GapFillMethod
{
    /// <summary>Nothing: gaps stay as they are.</summary>
    None,

    /// <summary>Each missing pixel gets a colour drawn evenly from all colours.</summary>
    RandomColour,

    /// <summary>Each missing pixel gets the colour of a pixel drawn from all that are there.</summary>
    RandomPixel,

    /// <summary>
    /// Each missing pixel gets the colour of a pixel drawn from a window about it that grows until it holds one that is there; nearer ones are likelier.
    /// </summary>
    Neighbour,

    /// <summary>The colours of what lies around, blended into one another: no edge and no noise.</summary>
    Smooth,
}

/// <summary>
/// Fills missing pixels. The colour of each follows from the seed and its place alone, so the result is the same whatever the order or number of threads. Source of the methods:
/// NASA SpaceML, "Missing pixel filler", 2020; of the smooth one: <see cref="PushPull"/>. Stateless, thread-safe.
/// </summary>
public static class GapFill
{
    /// <summary>The method of a <see cref="Core.Images.Rendering.Fill"/>; null for none, and for names of later versions.</summary>
    public static GapFillMethod? ByName(string? name) => name switch
    {
        "color" => GapFillMethod.RandomColour,
        "pixel" => GapFillMethod.RandomPixel,
        "neighbor" => GapFillMethod.Neighbour,
        "smooth" => GapFillMethod.Smooth,
        _ => null,
    };

    /// <summary>The seed of a picture: the first 64 bits of its content's hash.</summary>
    public static ulong SeedOf(string sha256) => ulong.Parse(sha256.AsSpan(0, 16), System.Globalization.NumberStyles.AllowHexSpecifier, System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>First reach of the window to each side, pixels, and by how much it grows.</summary>
    internal const int Reach = 10;

    /// <summary>Draws from each window before it grows.</summary>
    internal const int Draws = 3;

    /// <summary>Windows; after these any pixel that is there is taken.</summary>
    internal const int Windows = 10;

    /// <param name="rgb"><c>[height, width, 3]</c>, uint8; missing pixels are overwritten.</param>
    /// <param name="mask"><c>[height, width]</c>, not 0 where a pixel is missing. It is not changed: keep it.</param>
    /// <remarks>A picture of which nothing is there is left as it is, except with <see cref="GapFillMethod.RandomColour"/>.</remarks>
    public static void Apply(GapFillMethod method, Span<byte> rgb, int width, int height, ReadOnlySpan<byte> mask, ulong seed)
    {
        var pixels = checked(width * height);
        if (rgb.Length != 3 * pixels) throw new ArgumentException($"{rgb.Length} bytes are not {height}×{width}×3.", nameof(rgb));
        if (mask.Length != pixels) throw new ArgumentException($"{mask.Length} bytes are not {height}×{width}.", nameof(mask));
        if (method == GapFillMethod.None || mask.IndexOfAnyExcept((byte)0) < 0) return;
        if (method == GapFillMethod.RandomColour)
        {
            for (var pixel = 0; pixel < pixels; pixel++)
                if (mask[pixel] != 0)
                {
                    var bits = Bits(seed, pixel, 0);
                    (rgb[3 * pixel], rgb[3 * pixel + 1], rgb[3 * pixel + 2]) = ((byte)bits, (byte)(bits >> 8), (byte)(bits >> 16));
                }
            return;
        }
        var there = new int[pixels - Count(mask)];
        if (there.Length == 0) return;
        if (method == GapFillMethod.Smooth)
        {
            PushPull.Fill(rgb, width, height, mask);
            return;
        }
        for (int pixel = 0, next = 0; pixel < pixels; pixel++)
            if (mask[pixel] == 0)
                there[next++] = pixel;
        for (var pixel = 0; pixel < pixels; pixel++)
        {
            if (mask[pixel] == 0) continue;
            var source = method == GapFillMethod.Neighbour ? Near(pixel, width, height, mask, seed) : -1;
            if (source < 0) source = there[Below(Bits(seed, pixel, Windows * Draws), there.Length)];
            rgb.Slice(3 * source, 3).CopyTo(rgb[(3 * pixel)..]);
        }
    }

    /// <summary>A pixel that is there from the first window in which a draw hits one; −1 when none did.</summary>
    private static int Near(int pixel, int width, int height, ReadOnlySpan<byte> mask, ulong seed)
    {
        var (x, y) = (pixel % width, pixel / width);
        for (var window = 0; window < Windows; window++)
        {
            var reach = Reach * (window + 1);
            var (left, top) = (Math.Max(0, x - reach), Math.Max(0, y - reach));
            var (across, down) = (Math.Min(width, x + reach + 1) - left, Math.Min(height, y + reach + 1) - top);
            for (var draw = 0; draw < Draws; draw++)
            {
                var place = Below(Bits(seed, pixel, window * Draws + draw), across * down);
                var candidate = (top + place / across) * width + left + place % across;
                if (mask[candidate] == 0) return candidate;
            }
        }
        return -1;
    }

    private static int Count(ReadOnlySpan<byte> mask)
    {
        var missing = 0;
        foreach (var value in mask) if (value != 0) missing++;
        return missing;
    }

    /// <summary>Multiplies instead of dividing; the bias is below 2⁻³² times the bound.</summary>
    private static int Below(ulong bits, int bound) => (int)((bits >> 32) * (ulong)bound >> 32);

    /// <summary>Random bits of a place and a draw. SplitMix64: Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", 2014.</summary>
    private static ulong Bits(ulong seed, int pixel, int draw)
    {
        var z = seed + 0x9E3779B97F4A7C15 * ((ulong)pixel * 64 + (ulong)draw + 1);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
