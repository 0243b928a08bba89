using Curator.Core.Catalogs;
using Curator.Core.Images;
using Curator.Search.Kernels;

namespace Curator.Search;

/// <summary>
/// What to look for. Several pictures become one direction by Rocchio's rule (Rocchio 1971): the mean of the unit-length positives minus
/// <see cref="NegativeWeight"/> times the mean of the unit-length negatives. One dot product an image whatever their number, and with one positive and no negative the
/// plain cosine search. The distance of every hit is measured to that direction.
/// </summary>
public sealed record SearchQuery
{
    /// <summary>Embeddings of what is wanted, at least one, each [dimension] with any length but zero; normalised by the engine.</summary>
    public required IReadOnlyList<float[]> Positives { get; init; }

    /// <summary>Embeddings of what is not wanted; normalised by the engine.</summary>
    public IReadOnlyList<float[]> Negatives { get; init; } = [];

    /// <summary>How strongly negatives push away: 0 not at all, 1 as strongly as positives pull.</summary>
    public float NegativeWeight { get; init; } = 0.5f;

    /// <summary>Hits wanted at most, from 1.</summary>
    public int Count { get; init; } = 100;

    /// <summary>Which images count; null for all.</summary>
    public SearchFilter? Filter { get; init; }

    /// <summary>Images in these states are left out.</summary>
    public IReadOnlyCollection<ImageState> Without { get; init; } = [ImageState.Vanished, ImageState.Changed, ImageState.Duplicate, ImageState.Hidden];

    /// <summary>Hits farther than this are left out: a radius search, of at most <see cref="Count"/> hits. 1 − cos, 0 to 2.</summary>
    public float MaxDistance { get; init; } = 2;

    /// <summary>
    /// Keeps one hit a place: of hits whose footprints share more than this part (intersection over union, 0 to 1) only the nearest to the query stays. Null keeps all, and
    /// pictures without a footprint always stay.
    /// </summary>
    public double? SuppressOverlap { get; init; }

    /// <summary>Keeps one hit of near-duplicates: of hits whose embeddings are within this distance of each other only the nearest to the query stays. Null keeps all; 0.01 is a good value.</summary>
    public float? Distinct { get; init; }

    internal bool Thins => SuppressOverlap is not null || Distinct is not null;

    /// <summary>The one direction that is searched: [dimension], unit length.</summary>
    /// <exception cref="ArgumentException">No positive, another dimension, a vector of zeros or not finite, or positives and negatives that cancel.</exception>
    public float[] Direction(int dimension)
    {
        if (Positives.Count == 0) throw new ArgumentException("A query needs at least one positive embedding.", nameof(dimension));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Count);
        var direction = new float[dimension];
        Add(Positives, 1f, direction);
        Add(Negatives, -NegativeWeight, direction);
        if (Vectors.Normalise(direction) < 1e-6f)
            throw new ArgumentException("The query's embeddings cancel out and leave no direction; give another picture or a smaller negative weight.", nameof(dimension));
        return direction;
    }

    private static void Add(IReadOnlyList<float[]> embeddings, float weight, float[] direction)
    {
        foreach (var embedding in embeddings)
        {
            if (embedding.Length != direction.Length)
                throw new ArgumentException($"A query embedding has {embedding.Length} numbers, the index {direction.Length}: it comes from another encoder.", nameof(embeddings));
            var unit = (float[])embedding.Clone();
            var length = Vectors.Normalise(unit);
            if (!float.IsFinite(length) || length == 0)
                throw new ArgumentException("A query embedding is all zeros or not finite.", nameof(embeddings));
            for (var j = 0; j < unit.Length; j++) direction[j] += weight / embeddings.Count * unit[j];
        }
    }
}

/// <summary>An image found.</summary>
/// <param name="Distance">1 − cos, 0 to 2, to the query's direction. Hits are ascending by distance, ties by image id.</param>
public readonly record struct SearchHit(ImageId Image, float Distance) : IComparable<SearchHit>
{
    public int CompareTo(SearchHit other)
    {
        var order = Distance.CompareTo(other.Distance);
        return order != 0 ? order : Image.CompareTo(other.Image);
    }

    public static bool operator <(SearchHit left, SearchHit right) => left.CompareTo(right) < 0;

    public static bool operator <=(SearchHit left, SearchHit right) => left.CompareTo(right) <= 0;

    public static bool operator >(SearchHit left, SearchHit right) => left.CompareTo(right) > 0;

    public static bool operator >=(SearchHit left, SearchHit right) => left.CompareTo(right) >= 0;
}
