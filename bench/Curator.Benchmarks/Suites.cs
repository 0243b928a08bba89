using Curator.Benchmarks.Export;
using Curator.Benchmarks.Imagery;
using Curator.Benchmarks.LabelServer;
using Curator.Benchmarks.Labels;
using Curator.Benchmarks.Learning;
using Curator.Benchmarks.Map;
using Curator.Benchmarks.Page;
using Curator.Benchmarks.Places;
using Curator.Benchmarks.Search;

namespace Curator.Benchmarks;

/// <summary>The suites by name. A room adds its own here.</summary>
internal static class Suites
{
    public static IReadOnlyDictionary<string, (string Help, Action<Arguments> Run)> All { get; } = new SortedDictionary<string, (string, Action<Arguments>)>
    {
        ["clouds"] = ("error of the cloud share of a tile, beside a comparison with a cloudless mosaic", CloudSuite.Run),
        ["fuzz"] = ("damaged pictures of every format through the decoders in child processes", FuzzSuite.Run),
        ["gaps"] = ("rank of the true geographic neighbour of tiles with gaps, for each way of filling", GapsSuite.Run),
        ["gibs"] = ("10,000 tiles from a stand-in of the imagery server that misbehaves, with SIGKILL in the middle", GibsSuite.Run),
        ["labels"] = ("F1 against labels given, strategy beside strategy over several seeds, on an embedded project", LabelsSuite.Run),
        ["label-commit"] = ("group commit against a commit a label, in turns", LabelCommitSuite.Run),
        ["embed-speed"] = ("pictures/s from JPEG to embeddings beside PyTorch eager and ONNX Runtime in Python", EmbedSpeedSuite.Run),
        ["knn"] = ("5-NN accuracy against minutes of training, beside encoders that need none", KnnSuite.Run),
        ["train-speed"] = ("images/s of the SimCLR step beside PyTorch, interleaved", TrainSpeedSuite.Run),
        ["learning-balance"] = ("long-tailed pool: rounds of training on random against even samples", BalanceSuite.Run),
        ["learning-labels"] = ("accuracy against labels a class: tuned, linear, from random weights", FewLabelSuite.Run),
        ["learning-methods"] = ("methods of learning without labels at equal processor time", MethodSuite.Run),
        ["map"] = ("seconds and kept neighbourhoods of layouts beside scikit-learn's t-SNE", LayoutSuite.Run),
        ["map-page"] = ("the map page with a million points in Chromium: first paint, frames while panning, picks", MapPageSuite.Run),
        ["page"] = ("from a swipe, a key or a confirmed page to the next picture drawn, in Chromium on a phone profile", PageSuite.Run),
        ["labels-thinned"] = ("labels needed for a class of 1 % of the pool, strategy beside strategy, all classes", ThinnedSuite.Run),
        ["labels-first"] = ("accuracy after the first 10 to 50 labels: typicality and coverage beside random and coreset", FirstBatchSuite.Run),
        ["labels-cost"] = ("what a round costs on archives of 10^4 to 4*10^6 pictures", RoundCostSuite.Run),
        ["export"] = ("100,000 images in every format: time and memory; what two parts of a split share, counted from what was written", ExportSuite.Run),
        ["places"] = ("views of 10^5 and 10^6 footprints over HTTP: time and bytes", PlacesSuite.Run),
        ["label-kills"] = ("SIGKILL of the server during labeling: nothing acknowledged is lost, how soon it answers again", LabelKillSuite.Run),
        ["label-load"] = ("many people labeling at once over HTTP, paced and as fast as it goes, on SQLite and PostgreSQL", LabelLoadSuite.Run),
        ["search"] = ("all of the following in turn, with their defaults", RunSearch),
        ["search-recall"] = ("recall against queries/s beside hnswlib, one thread, interleaved", SearchSuite.Run),
        ["search-kernels"] = ("512-bit against 256-bit paths", KernelSuite.Run),
        ["search-filter"] = ("filtered search at 10, 1 and 0.1 % beside an exact scan", FilterSuite.Run),
        ["search-growth"] = ("build, cold and warm open and search over row and partition counts", GrowthSuite.Run),
        ["search-centroids"] = ("shared against per-partition centroids", CentroidSuite.Run),
    };

    private static void RunSearch(Arguments arguments)
    {
        SearchSuite.Run(arguments);
        FilterSuite.Run(arguments);
        GrowthSuite.Run(arguments);
        KernelSuite.Run(arguments);
        CentroidSuite.Run(arguments);
    }
}
