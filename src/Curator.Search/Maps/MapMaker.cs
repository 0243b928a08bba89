using Curator.Core.Shards;
using Curator.Search.Clustering;
using Curator.Search.Layout;
using Curator.Search.Neighbours;

namespace Curator.Search.Maps;

/// <summary>
/// Makes one map: k-NN graph, clusters, layout, places for those outside the sample, quality. Every hundred steps the state is kept, so that a killed run goes on, and the map so far is published
/// as a preview. Used once.
/// </summary>
internal sealed class MapMaker(
    VectorRows rows, string encoder, IReadOnlyList<MapPartition> partitions, uint[] rowNumbers, MapOptions options, string fingerprint, string path, MapWork work,
    IProgress<StageProgress>? progress, CancellationToken cancellationToken)
{
    private const int KeepEvery = 100;
    private const int DensityNeighbours = 15;
    private const int DensitySamples = 5;
    private const int PlacedNeighbours = 30;
    private const int MeasuredPoints = 1000;
    private const int MeasuredNeighbours = 15;

    /// <summary>Lays everything out.</summary>
    public void Make()
    {
        var points = Sampled();
        VectorRows sample = points is null ? rows : new ChosenRows(rows, points);
        var steps = options.Method == MapMethod.Pca ? 0 : options.StepsFor(sample.Count);
        Report("project", 0, 1, "passes");
        var components = PrincipalComponents.Fit(sample, 0, cancellationToken);
        var start = components.Project(sample, 0, cancellationToken);
        var k = options.Method == MapMethod.Pca ? Math.Min(DensityNeighbours, sample.Count - 1) : options.NeighboursFor(sample.Count);
        var table = work.LoadTable(sample.Count, k) ?? FindNeighbours(sample, k);
        var means = ClusterByMeans();
        var dense = DensityClusters.Find(First(table, DensityNeighbours), options.MinClusterSizeFor(sample.Count), DensitySamples, cancellationToken);
        var positions = start;
        if (options.Method == MapMethod.Pca)
        {
            if (points is not null) positions = components.Project(rows, 0, cancellationToken);
            Publish(positions, means, points is null ? dense.Assignments : Spread(points, dense.Assignments), dense.Sizes.Length, rows.Count - sample.Count, 0, 0, measure: true);
            return;
        }

        ILayoutRun run = options.Method == MapMethod.Tsne
            ? new TsneRun(TsneAffinities.Of(table, options.Perplexity, 0, cancellationToken), start, steps, 0)
            : new UmapRun(UmapAffinities.Of(table, 0, cancellationToken), start, options.MinDistance, steps, options.Seed, 0);
        work.Resume(run);
        while (run.Step < steps)
        {
            run.Advance(cancellationToken);
            Report("layout", run.Step, steps, "steps");
            if (run.Step % KeepEvery != 0 || run.Step == steps) continue;
            work.SaveState(run);
            if (points is null && Settled(run)) Publish(run.Positions, means, dense.Assignments, dense.Sizes.Length, 0, run.Step, steps, measure: false);
        }

        if (points is null) Publish(run.Positions, means, dense.Assignments, dense.Sizes.Length, 0, steps, steps, measure: true);
        else PlaceOthers(points, sample, run.Positions, dense, means, steps);
    }

    /// <summary>Places what is not on a finished map yet among its points.</summary>
    /// <param name="pointOf">Point on that map of one of today's, −1 for a new one.</param>
    public void Extend(MapFile map, Func<int, int> pointOf)
    {
        var before = new int[rows.Count];
        for (var i = 0; i < before.Length; i++) before[i] = pointOf(i);
        int[] known = [.. Enumerable.Range(0, rows.Count).Where(i => before[i] >= 0)], added = [.. Enumerable.Range(0, rows.Count).Where(i => before[i] < 0)];
        var layout = new float[2 * known.Length];
        for (var i = 0; i < known.Length; i++) (layout[2 * i], layout[(2 * i) + 1]) = (map.Positions[2 * before[known[i]]], map.Positions[(2 * before[known[i]]) + 1]);
        var (placed, nearest) = Place(new ChosenRows(rows, known), new ChosenRows(rows, added), layout);
        var (positions, clusters, groups) = (new float[2 * rows.Count], new int[rows.Count], new int[rows.Count]);
        for (var i = 0; i < known.Length; i++) Put(known[i], layout, i, map.Clusters[before[known[i]]], map.Groups[before[known[i]]]);
        // The nearest point's cluster and group: those of the map keep their numbers and pictures.
        for (var i = 0; i < added.Length; i++) Put(added[i], placed, i, clusters[known[nearest[i]]], groups[known[nearest[i]]]);
        var representatives = map.AllRepresentatives.ToArray();
        var now = new int[map.Count];
        foreach (var i in known) now[before[i]] = i;
        for (var i = 0; i < representatives.Length; i++)
            if (representatives[i] >= 0)
                representatives[i] = now[representatives[i]];
        Report("measure", 0, 1, "passes");
        var quality = LayoutQuality.Measure(rows, positions, MeasuredNeighbours, MeasuredPoints, 0, cancellationToken);
        var info = map.Info with { Partitions = partitions, Placed = map.Info.Placed + added.Length, Quality = quality };
        MapFile.Write(path, info, fingerprint, rowNumbers, positions, clusters, groups, representatives);

        void Put(int point, float[] from, int i, int cluster, int group)
        {
            (positions[2 * point], positions[(2 * point) + 1]) = (from[2 * i], from[(2 * i) + 1]);
            (clusters[point], groups[point]) = (cluster, group);
        }
    }

    /// <summary>Points that are laid out together; null for all.</summary>
    private int[]? Sampled()
    {
        if (rows.Count <= options.Sample) return null;
        var points = new int[options.Sample];
        for (var i = 0; i < points.Length; i++) points[i] = (int)((((2L * i) + 1) * rows.Count) / (2L * points.Length));
        return points;
    }

    private NeighbourTable FindNeighbours(VectorRows sample, int k)
    {
        var table = ListedNeighbours.Nearest(sample, sample, k, new ListedOptions { Seed = options.Seed }, 0, Done("neighbours", sample.Count), cancellationToken);
        work.SaveTable(table);
        return table;
    }

    private (int[] Clusters, float[] Centroids) ClusterByMeans()
    {
        Report("cluster", 0, 1, "passes");
        var d = rows.Dimension;
        var size = Math.Min(rows.Count, options.Clusters * 512);
        var sample = new float[(long)size * d];
        for (var i = 0; i < size; i++) rows.Read((int)((((2L * i) + 1) * rows.Count) / (2L * size)), sample.AsSpan(i * d, d));
        var means = new KMeansOptions { Clusters = options.Clusters, Seed = options.Seed, Spherical = true, SamplesPerCluster = 0 };
        var centroids = KMeans.Train(sample, d, means, cancellationToken).Centroids;
        return (ListedNeighbours.Assign(rows, new CentroidAssigner(centroids, d, spherical: true), 0, cancellationToken), centroids);
    }

    private void PlaceOthers(int[] points, VectorRows sample, float[] layout, DensityResult dense, (int[] Clusters, float[] Centroids) means, int steps)
    {
        int[] others = Others(points);
        var (placed, nearest) = Place(sample, new ChosenRows(rows, others), layout);
        var positions = new float[2 * rows.Count];
        var groups = Spread(points, dense.Assignments);
        for (var i = 0; i < points.Length; i++) (positions[2 * points[i]], positions[(2 * points[i]) + 1]) = (layout[2 * i], layout[(2 * i) + 1]);
        for (var i = 0; i < others.Length; i++)
        {
            (positions[2 * others[i]], positions[(2 * others[i]) + 1]) = (placed[2 * i], placed[(2 * i) + 1]);
            groups[others[i]] = dense.Assignments[nearest[i]];
        }

        Publish(positions, means, groups, dense.Sizes.Length, others.Length, steps, steps, measure: true);
    }

    private (float[] Positions, int[] Nearest) Place(VectorRows known, VectorRows added, float[] layout)
    {
        if (added.Count == 0) return ([], []);
        var table = ListedNeighbours.Nearest(added, known, Math.Min(PlacedNeighbours, known.Count), new ListedOptions { Seed = options.Seed }, 0, Done("place", added.Count), cancellationToken);
        int[] nearest = [.. Enumerable.Range(0, added.Count).Select(i => table.RowsOf(i)[0])];
        var positions = options.Method == MapMethod.Tsne
            ? PlacedPoints.ByTsne(table, Math.Min(options.Perplexity, PlacedNeighbours / 3.0), layout, 0, cancellationToken)
            : PlacedPoints.AtMeans(table, UmapAffinities.Directed(table, 0, cancellationToken), layout, 0, cancellationToken);
        return (positions, nearest);
    }

    private void Publish(
        float[] positions, (int[] Clusters, float[] Centroids) means, int[] groups, int groupCount, long placed, int step, int steps, bool measure)
    {
        if (measure) Report("measure", 0, 1, "passes");
        var quality = measure ? LayoutQuality.Measure(rows, positions, MeasuredNeighbours, MeasuredPoints, 0, cancellationToken) : null;
        var clusterCount = means.Centroids.Length / rows.Dimension;
        int[] representatives = [.. ClusterPictures.Choose(rows, means.Clusters, clusterCount, cancellationToken), .. ClusterPictures.Choose(rows, groups, groupCount, cancellationToken)];
        var info = new MapInfo(encoder, options, partitions, clusterCount, groupCount, ClusterPictures.Count, placed, step, steps, quality);
        MapFile.Write(path, info, fingerprint, rowNumbers, positions, means.Clusters, groups, representatives);
    }

    /// <summary>Before that there is one clump to be seen.</summary>
    private bool Settled(ILayoutRun run) => options.Method != MapMethod.Tsne || run.Step > TsneRun.ExaggeratedSteps;

    private int[] Spread(int[] points, int[] values)
    {
        var spread = new int[rows.Count];
        Array.Fill(spread, -1);
        for (var i = 0; i < points.Length; i++) spread[points[i]] = values[i];
        return spread;
    }

    private int[] Others(int[] points)
    {
        var others = new List<int>(rows.Count - points.Length);
        for (int i = 0, p = 0; i < rows.Count; i++)
        {
            if (p < points.Length && points[p] == i) p++;
            else others.Add(i);
        }

        return [.. others];
    }

    private static NeighbourTable First(NeighbourTable table, int k)
    {
        if (table.K <= k) return table;
        var first = new NeighbourTable(table.Count, k, new int[table.Count * k], new float[table.Count * k]);
        for (var i = 0; i < table.Count; i++)
        {
            table.RowsOf(i)[..k].CopyTo(first.Rows.AsSpan(i * k));
            table.DistancesOf(i)[..k].CopyTo(first.Distances.AsSpan(i * k));
        }

        return first;
    }

    private void Report(string stage, long done, long total, string unit) => progress?.Report(new StageProgress(stage, done, total, unit));

    private RowProgress? Done(string stage, long total) => progress is null ? null : new RowProgress(progress, stage, total);

    /// <summary>Synchronous, unlike <see cref="Progress{T}"/>, whose reports may come in after the end.</summary>
    private sealed class RowProgress(IProgress<StageProgress> progress, string stage, long total) : IProgress<long>
    {
        public void Report(long value) => progress.Report(new StageProgress(stage, value, total, "images"));
    }
}
