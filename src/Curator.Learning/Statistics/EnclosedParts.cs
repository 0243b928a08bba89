namespace Curator.Learning.Statistics;

/// <summary>
/// What in a picture is cut off from its frame, and by how much. Picture a plane as a landscape and walk from each pixel to the frame so that the
/// highest point of the way is as low as can be: what that point lies above the pixel is the pixel's depth. Depth is 0 for all that runs to the frame
/// and the contrast to its surroundings for a dark part with brighter things all around it; the upturned landscape gives bright parts. Nothing is thresholded
/// and nothing learned. The filled landscape is the grey-scale reconstruction by erosion with the frame as marker: Vincent 1993, "Morphological Grayscale Reconstruction in
/// Image Analysis", §2.3 and §3 (hole filling); computed by one priority flood from the frame, Barnes, Lehman, Mulla 2014, "Priority-Flood", algorithm 2. That surroundings
/// tend to touch the frame is Wei et al. 2012, "Geodesic Saliency Using Background Priors". O(pixels + levels). Not thread-safe.
/// </summary>
internal sealed class EnclosedParts
{
    /// <summary>Depths of one plane and one polarity: zero, then about one octave a bin.</summary>
    public const int DepthBins = 8;

    /// <summary>Three planes × dark or bright × depths.</summary>
    public const int Bins = 3 * 2 * DepthBins;

    private const int Levels = 256;
    private const int Nothing = -1;

    // Depth in levels → position in bins. Equal steps of contrast count by their ratio, as in the histograms of differences.
    private static readonly float[] Positions = [.. Enumerable.Range(0, Levels).Select(depth => MathF.Log2(depth + 1) / 8 * (DepthBins - 1))];

    private readonly int _side;
    private readonly int _stride;
    private readonly byte[] _levels;
    private readonly byte[] _filled;
    private readonly bool[] _reached;
    private readonly int[] _next;
    private readonly int[] _heads = new int[Levels];

    /// <param name="side">Of the planes, at least 1.</param>
    public EnclosedParts(int side)
    {
        _side = side;
        _stride = side + 2;
        _levels = new byte[_stride * _stride];
        _filled = new byte[_stride * _stride];
        _reached = new bool[_stride * _stride];
        _next = new int[_stride * _stride];
    }

    /// <summary>Counts the depths of all pixels, each shared between its two nearest bins.</summary>
    /// <param name="planes">Of the side given at construction.</param>
    /// <param name="histogram">[plane, dark or bright, <see cref="DepthBins"/>], added to.</param>
    public void Count(ColourPlanes planes, Span<float> histogram)
    {
        CountPlane(planes.Luma, histogram);
        CountPlane(planes.RedGreen, histogram[(2 * DepthBins)..]);
        CountPlane(planes.YellowBlue, histogram[(4 * DepthBins)..]);
    }

    private void CountPlane(ReadOnlySpan<float> plane, Span<float> histogram)
    {
        Span<byte> depths = stackalloc byte[plane.Length];
        for (var polarity = 0; polarity < 2; polarity++)
        {
            Depths(plane, bright: polarity == 1, depths);
            var bins = histogram.Slice(polarity * DepthBins, DepthBins);
            foreach (var depth in depths)
            {
                var position = Positions[depth];
                var bin = Math.Min((int)position, DepthBins - 2);
                bins[bin] += 1 - (position - bin);
                bins[bin + 1] += position - bin;
            }
        }
    }

    /// <summary>The depth of every pixel, by paths over the four neighbours.</summary>
    /// <param name="plane">[side, side], 0 to 1; looked at in 256 levels.</param>
    /// <param name="bright">Whether the bright parts are deep instead of the dark ones.</param>
    /// <param name="depths">[side, side] in levels, overwritten.</param>
    internal void Depths(ReadOnlySpan<float> plane, bool bright, Span<byte> depths)
    {
        // A ring of pixels that count as reached stands around the picture, so that no step needs to look where it is.
        Array.Fill(_reached, true);
        Array.Fill(_heads, Nothing);
        for (var y = 0; y < _side; y++)
            for (var x = 0; x < _side; x++)
            {
                var level = (byte)Math.Clamp((int)((plane[(y * _side) + x] * (Levels - 1)) + 0.5f), 0, Levels - 1);
                var i = ((y + 1) * _stride) + x + 1;
                _levels[i] = bright ? (byte)(Levels - 1 - level) : level;
                _reached[i] = false;
            }

        for (var y = 0; y < _side; y++)
            for (var x = 0; x < _side; x += y == 0 || y == _side - 1 ? 1 : Math.Max(1, _side - 1))
                Reach(((y + 1) * _stride) + x + 1, 0);

        for (var water = 0; water < Levels; water++)
            while (_heads[water] is var i and not Nothing)
            {
                _heads[water] = _next[i];
                Reach(i - _stride, water);
                Reach(i - 1, water);
                Reach(i + 1, water);
                Reach(i + _stride, water);
            }

        for (var y = 0; y < _side; y++)
            for (var x = 0; x < _side; x++)
            {
                var i = ((y + 1) * _stride) + x + 1;
                depths[(y * _side) + x] = (byte)(_filled[i] - _levels[i]);
            }
    }

    /// <summary>Pixel i is reached for the first time when the flood stands at <paramref name="water"/>: the lowest it can be reached at.</summary>
    private void Reach(int i, int water)
    {
        if (_reached[i]) return;
        _reached[i] = true;
        var filled = Math.Max(water, _levels[i]);
        _filled[i] = (byte)filled;
        _next[i] = _heads[filled];
        _heads[filled] = i;
    }
}
