using Curator.Core.Images;
using Curator.Learning.Cache;
using Curator.Learning.Views;

namespace Curator.Learning.Training;

/// <summary>Decoded pictures that training reads at random. Thread-safe.</summary>
internal interface IPixelSource
{
    int Count { get; }

    /// <summary>S.</summary>
    int Side { get; }

    /// <summary>C: 3 for RGB.</summary>
    int Channels => 3;

    /// <summary>Bytes of one picture.</summary>
    int PictureBytes => Side * Side * Channels;

    /// <param name="pixels">[S, S, C], overwritten.</param>
    void Copy(int image, Span<byte> pixels);

    /// <summary>Whether some pictures have partners: the same place at another date.</summary>
    bool HasPartners => false;

    /// <summary>A partner of the picture, drawn by <paramref name="random"/>; the picture itself where it has none.</summary>
    void CopyPartner(int image, ref CounterRandom random, Span<byte> pixels) => Copy(image, pixels);
}

/// <summary>Pictures in memory: [N, S, S, C].</summary>
internal sealed class MemoryPixels(byte[] pixels, int side, int channels = 3) : IPixelSource
{
    public int Count => pixels.Length / (side * side * channels);

    public int Side => side;

    public int Channels => channels;

    public void Copy(int image, Span<byte> destination) => pixels.AsSpan(image * side * side * channels, side * side * channels).CopyTo(destination);
}

/// <summary>The pictures of some caches, one after the other, that could be read.</summary>
internal sealed class CachedPixels : IPixelSource
{
    private readonly (PixelCache Cache, int Image)[] _present;
    private readonly PlacePairs? _pairs;

    /// <param name="caches">Not owned; at least one, all of one side.</param>
    /// <param name="records">Of all pictures of the caches, to find places that were seen more than once; null to leave that.</param>
    public CachedPixels(IReadOnlyList<PixelCache> caches, IReadOnlyList<ImageRecord>? records = null)
    {
        Side = caches.Count > 0 ? caches[0].Side : 0;
        Channels = caches.Count > 0 ? caches[0].Channels : 3;
        _present = [.. caches.SelectMany(cache => Enumerable.Range(0, cache.Count).Where(image => !cache.IsAbsent(image)).Select(image => (cache, image)))];
        if (records is null) return;
        var absent = caches.SelectMany(cache => Enumerable.Range(0, cache.Count).Select(cache.IsAbsent)).ToArray();
        _pairs = PlacePairs.Of([.. records.Where((_, i) => !absent[i])]);
    }

    public bool HasPartners => _pairs is not null;

    /// <summary>Pictures with a partner.</summary>
    public int PartnerCount => _pairs?.Count ?? 0;

    public void CopyPartner(int image, ref CounterRandom random, Span<byte> pixels)
    {
        var others = _pairs is null ? [] : _pairs.Of(image);
        Copy(others.Length == 0 ? image : others[random.Below(others.Length)], pixels);
    }

    public int Count => _present.Length;

    public int Side { get; }

    public int Channels { get; }

    public void Copy(int image, Span<byte> pixels) => _present[image].Cache.Pixels(_present[image].Image).CopyTo(pixels);
}
