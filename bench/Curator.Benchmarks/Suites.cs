using Curator.Benchmarks.Labels;
using Curator.Benchmarks.LabelServer;
using Curator.Benchmarks.Search;

namespace Curator.Benchmarks;

/// <summary>The suites by name. A room adds its own here.</summary>
internal static class Suites
{
    public static IReadOnlyDictionary<string, (string Help, Action<Arguments> Run)> All { get; } = new SortedDictionary<string, (string, Action<Arguments>)>
    {
        ["labels"] = ("F1 against labels given, strategy beside strategy over several seeds, on an embedded project", LabelsSuite.Run),
        ["label-commit"] = ("group commit against a commit a label, in turns", LabelCommitSuite.Run),
        ["label-kills"] = ("SIGKILL of the server during labeling: nothing acknowledged is lost, how soon it answers again", LabelKillSuite.Run),
        ["label-load"] = ("many people labeling at once over HTTP, paced and as fast as it goes, on SQLite and PostgreSQL", LabelLoadSuite.Run),
        ["search"] = ("recall against queries/s beside hnswlib, one thread, interleaved", SearchSuite.Run),
        ["search-filter"] = ("filtered search at 10, 1 and 0.1 % beside an exact scan", FilterSuite.Run),
        ["search-growth"] = ("build, open and search over row and partition counts", GrowthSuite.Run),
        ["search-centroids"] = ("shared against per-partition centroids", CentroidSuite.Run),
    };
}
