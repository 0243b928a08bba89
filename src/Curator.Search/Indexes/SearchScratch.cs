using System.Collections.Concurrent;
using Curator.Search.Kernels;

namespace Curator.Search.Indexes;

/// <summary>Buffers of one search of one partition, reused: a search allocates nothing but its hits.</summary>
internal sealed class SearchScratch
{
    private static readonly ConcurrentBag<SearchScratch> Free = [];

    public NearestReservoir Candidates { get; } = new(1);

    public NearestReservoir Finalists { get; } = new(1);

    public float[] Scores { get; private set; } = [];

    /// <summary>q·c by list.</summary>
    public float[] Products { get; private set; } = [];

    public static SearchScratch Rent() => Free.TryTake(out var scratch) ? scratch : new SearchScratch();

    public void Return() => Free.Add(this);

    public float[] ProductsOf(int lists)
    {
        if (Products.Length < lists) Products = new float[lists];
        return Products;
    }

    public float[] ScoresOf(int count)
    {
        if (Scores.Length < count) Scores = new float[count];
        return Scores;
    }
}
