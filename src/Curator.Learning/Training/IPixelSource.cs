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

/// <summary>The pictures of some caches, one after the other, that could be read.</summary>
internal sealed class CachedPixels : IPixelSource
{
    private readonly (PixelCache Cache, int Image)[] _present;

    /// <param name="caches">Not owned; at least one, all of one side.</param>
    public CachedPixels(IReadOnlyList<PixelCache> caches)
    {
        Side = caches.Count > 0 ? caches[0].Side : 0;
        _present = [.. caches.SelectMany(cache => Enumerable.Range(0, cache.Count).Where(image => !cache.IsAbsent(image)).Select(image => (cache, image)))];
    }

    public int Count => _present.Length;

    public int Side { get; }

    public void Copy(int image, Span<byte> pixels) => _present[image].Cache.Pixels(_present[image].Image).CopyTo(pixels);
}
