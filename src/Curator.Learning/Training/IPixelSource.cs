using Curator.Learning.Cache;

namespace Curator.Learning.Training;

/// <summary>Decoded pictures that training reads at random. Thread-safe.</summary>
internal interface IPixelSource
{
    int Count { get; }

    /// <summary>S.</summary>
    int Side { get; }

    /// <param name="pixels">[S, S, 3], overwritten.</param>
    void Copy(int image, Span<byte> pixels);
}

/// <summary>Pictures in memory: [N, S, S, 3].</summary>
internal sealed class MemoryPixels(byte[] pixels, int side) : IPixelSource
{
    public int Count => pixels.Length / (side * side * 3);

    public int Side => side;

    public void Copy(int image, Span<byte> destination) => pixels.AsSpan(image * side * side * 3, side * side * 3).CopyTo(destination);
}

/// <summary>The pictures of a <see cref="PixelCache"/> that could be read.</summary>
internal sealed class CachedPixels : IPixelSource
{
    private readonly PixelCache _cache;
    private readonly int[] _present;

    /// <param name="cache">Not owned.</param>
    public CachedPixels(PixelCache cache)
    {
        _cache = cache;
        _present = [.. Enumerable.Range(0, cache.Count).Where(i => !cache.IsAbsent(i))];
    }

    public int Count => _present.Length;

    public int Side => _cache.Side;

    public void Copy(int image, Span<byte> pixels) => _cache.Pixels(_present[image]).CopyTo(pixels);
}
