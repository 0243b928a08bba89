using Curator.Benchmarks.Imagery;
using Curator.Benchmarks.Labels;
using Curator.Benchmarks.Search;

namespace Curator.Benchmarks;

/// <summary>The suites by name. A room adds its own here.</summary>
internal static class Suites
{
    public static IReadOnlyDictionary<string, (string Help, Action<Arguments> Run)> All { get; } = new SortedDictionary<string, (string, Action<Arguments>)>
    {
        ["gaps"] = ("rank of the true geographic neighbour of tiles with gaps, for each way of filling", GapsSuite.Run),
        ["labels"] = ("F1 against labels given, strategy beside strategy over several seeds, on an embedded project", LabelsSuite.Run),
        ["search"] = ("recall against queries/s beside hnswlib, one thread, interleaved", SearchSuite.Run),
        ["search-filter"] = ("filtered search at 10, 1 and 0.1 % beside an exact scan", FilterSuite.Run),
        ["search-growth"] = ("build, open and search over row and partition counts", GrowthSuite.Run),
        ["search-centroids"] = ("shared against per-partition centroids", CentroidSuite.Run),
    };
}
