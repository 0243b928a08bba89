using System.Globalization;
using Curator.Core.Embeddings;
using Curator.Search;
using Curator.Search.Exchange;
using Curator.Search.Indexes;
using Curator.Search.Kernels;
using Curator.Search.Neighbours;
using Curator.Search.Partitions;

namespace Curator.Benchmarks.Search;

/// <summary>
/// Recall@10 against queries a second of one partition, one thread, one query a call, beside hnswlib in the same process: every setting of each in turn, several rounds, best round
/// of each. Truth is the exact search on the single-precision vectors; <c>--precision</c> says how ours are stored (half, the default, or single). Data, truth and indexes are kept in the cache folder, so a run can be repeated cheaply.
/// </summary>
internal static class SearchSuite
{
    public static void Run(Arguments arguments)
    {
        var k = arguments.Get("k", 10);
        using var log = new RunLog("search-recall", arguments);
        var (name, x, queries, dimension) = Data(arguments);
        var rows = x.Length / dimension;
        var truth = NearestNeighbours.Between(queries, x, dimension, k, VectorMetric.Cosine, 0, CancellationToken.None);
        var precision = Enum.Parse<EmbeddingPrecision>(arguments.Get("precision", nameof(EmbeddingPrecision.Half)), ignoreCase: true);
        if (precision == EmbeddingPrecision.Single) name += "-single";
        using var embeddings = SyntheticRows.GetFile(arguments.Cache, name, x, dimension, precision);

        var contenders = new List<Contender>();
        using var index = Build(arguments, name, embeddings, log);
        foreach (var probes in arguments.GetList("probes", 4, 8, 16, 32, 64))
            foreach (var candidates in arguments.GetList("candidates", 10, 20))
                contenders.Add(Ours(index, embeddings, k, probes, candidates));
        contenders.Add(Step(index, embeddings.Dimension, "curator: query prepared", 0));
        contenders.Add(Step(index, embeddings.Dimension, "curator: and lists chosen", 8));
        if (arguments.Get("peers", "hnswlib") == "hnswlib" && Hnswlib.Prepare(arguments.Cache) is not null)
        {
            foreach (var setting in arguments.Get("graphs", "16:100").Split(','))
            {
                var parts = setting.Split(':').Select(part => int.Parse(part, CultureInfo.InvariantCulture)).ToArray();
                var label = $"hnswlib M{parts[0]} efC{parts[1]}";
                var (graph, seconds, bytes) = Hnswlib.BuildOrLoad(Path.Combine(arguments.Cache, $"{name}-{parts[0]}-{parts[1]}.hnsw"), x, dimension, parts[0], parts[1]);
                log.Add(("build", label), ("rows", rows), ("cpu s", seconds), ("bytes/vector", bytes / (double)rows));
                foreach (var ef in arguments.GetList("ef", 10, 20, 40, 80, 160, 320, 640)) contenders.Add(Theirs(label, graph, k, ef));
            }
        }

        foreach (var contender in contenders) Measure(contender, queries.AsSpan(0, dimension * 50), dimension, k, null);
        for (var round = 0; round < arguments.Get("rounds", 3); round++)
            foreach (var contender in contenders)
                Measure(contender, queries, dimension, k, truth);
        foreach (var contender in contenders)
            log.Add(("search", contender.Name), ("recall", contender.Recall), ("queries/s", 1 / contender.BestSeconds), ("us/query", contender.BestSeconds * 1e6));
    }

    /// <summary>Rows and queries of unit length: the mixture, or matrices from <c>--vectors</c> and <c>--query-vectors</c> (.npy).</summary>
    private static (string Name, float[] Rows, float[] Queries, int Dimension) Data(Arguments arguments)
    {
        if (arguments.Get("vectors", "") is { Length: > 0 } path)
        {
            var (x, dimension) = ReadNpy(path);
            var (queries, _) = ReadNpy(arguments.Get("query-vectors", ""));
            return ($"{Path.GetFileNameWithoutExtension(path)}-{x.Length / dimension}x{dimension}", x, queries, dimension);
        }

        var rows = arguments.Get("rows", 100_000);
        var size = arguments.Get("dimension", 128);
        return ($"mixture2-{rows}x{size}", SyntheticRows.Get(arguments.Cache, rows, size, 1), SyntheticRows.Get(arguments.Cache, arguments.Get("queries", 1000), size, 2), size);
    }

    private static (float[] Rows, int Dimension) ReadNpy(string path)
    {
        using var file = NpyFile.Open(path);
        var values = new float[file.Header.Rows * file.Header.Dimension];
        file.Read(values);
        for (var i = 0; i < values.Length; i += file.Header.Dimension) Vectors.Normalise(values.AsSpan(i, file.Header.Dimension));
        return (values, file.Header.Dimension);
    }

    private static PartitionIndex Build(Arguments arguments, string name, EmbeddingFile embeddings, RunLog log)
    {
        var options = new IndexOptions
        {
            ListsFrom = 0,
            Lists = arguments.Get("lists", 0),
            SamplesPerList = arguments.Get("samples", new IndexOptions().SamplesPerList),
            Iterations = arguments.Get("iterations", new IndexOptions().Iterations),
        };
        var path = Path.Combine(arguments.Cache, $"{name}-{IndexFingerprint.Of("", options)[..8]}.index");
        double seconds = 0;
        if (!File.Exists(path))
        {
            var start = ThreadClock.ProcessSeconds;
            IndexBuilder.Build(path, embeddings, new FilterColumns((int)embeddings.Rows, [], []), options, null, 1, null, CancellationToken.None);
            seconds = ThreadClock.ProcessSeconds - start;
        }

        var index = PartitionIndex.Open(path, "curator index");
        log.Add(
            ("build", $"curator {index.Layout.Lists} lists"), ("rows", embeddings.Rows), ("cpu s", seconds), ("bytes/vector", new FileInfo(path).Length / (double)embeddings.Rows),
            ("+ rows", (embeddings.Precision == EmbeddingPrecision.Half ? 2.0 : 4.0) * embeddings.Dimension));
        return index;
    }

    private static Contender Ours(PartitionIndex index, EmbeddingFile embeddings, int k, int probes, int candidates)
    {
        var rotation = new Rotation(embeddings.Dimension, IndexLayout.RotationSeed);
        var nearest = new NearestReservoir(k);
        var lists = new NearestReservoir(1);
        var tuning = new SearchTuning { Probes = probes, CandidatesPerHit = candidates };
        return new Contender($"curator np{probes} c{tuning.Candidates(k)}", (query, found) =>
        {
            nearest.Reset(k);
            lists.Reset(Math.Min(probes, index.Lists));
            var prepared = new PreparedQuery(query.ToArray(), rotation);
            index.AddLists(prepared, 0, lists);
            index.SearchLists(prepared, embeddings, k, lists.Sorted(), tuning.Candidates(k), null, nearest);
            var keys = nearest.Sorted();
            for (var i = 0; i < keys.Length; i++) found[i] = NearestReservoir.IdOf(keys[i]);
            return keys.Length;
        });
    }

    /// <summary>Only the first steps of a query, to see where its time goes.</summary>
    private static Contender Step(PartitionIndex index, int dimension, string name, int probes)
    {
        var rotation = new Rotation(dimension, IndexLayout.RotationSeed);
        var lists = new NearestReservoir(1);
        return new Contender(name, (query, _) =>
        {
            lists.Reset(Math.Max(1, Math.Min(probes, index.Lists)));
            var prepared = new PreparedQuery(query.ToArray(), rotation);
            if (probes == 0) return 0;
            index.AddLists(prepared, 0, lists);
            lists.Sorted();
            return 0;
        });
    }

    private static Contender Theirs(string label, Hnswlib graph, int k, int ef) => new($"{label} ef{ef}", (query, found) => graph.Search(query, k, ef, found));

    private static void Measure(Contender contender, ReadOnlySpan<float> queries, int dimension, int k, NeighbourTable? truth)
    {
        var found = new long[k];
        var hits = 0;
        var count = queries.Length / dimension;
        double seconds = 0;
        for (var q = 0; q < count; q++)
        {
            var start = ThreadClock.Seconds;
            var n = contender.Search(queries.Slice(q * dimension, dimension), found);
            seconds += ThreadClock.Seconds - start;
            if (truth is null) continue;
            var expected = truth.RowsOf(q);
            for (var i = 0; i < n; i++)
                if (expected.Contains((int)found[i]))
                    hits++;
        }

        if (truth is null) return;
        contender.Recall = hits / (double)(count * k);
        contender.BestSeconds = Math.Min(contender.BestSeconds, seconds / count);
    }

    private delegate int SearchOne(ReadOnlySpan<float> query, Span<long> found);

    private sealed class Contender(string name, SearchOne search)
    {
        public string Name => name;

        public SearchOne Search => search;

        public double Recall { get; set; }

        public double BestSeconds { get; set; } = double.PositiveInfinity;
    }
}
