using Curator.Core.Catalogs;
using Curator.Core.Images;
using Curator.Search.Clustering;
using Curator.Search.Indexes;
using Curator.Search.Neighbours;
using Curator.Search.Tests.Indexes;

namespace Curator.Search.Tests.Neighbours;

public sealed class ArchiveNeighboursTests
{
    private const int Dimension = 12;
    private static readonly CancellationToken None = CancellationToken.None;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Graph_over_partitions_is_that_of_all_rows_together(bool indexed)
    {
        await using var space = await SearchWorkspace.CreateAsync(Dimension);
        var rows = SearchWorkspace.Stored(Mixture.Rows(2300, Dimension, 30, 1), Core.Embeddings.EmbeddingPrecision.Half);
        await space.PutAsync("a", rows[..(1500 * Dimension)]);
        await space.PutAsync("b", rows[(1500 * Dimension)..]);
        if (indexed) await IndexSearchTests.IndexAsync(space, new IndexOptions());
        using var search = new PartitionedSearch(space.Workspace, space.Encoder);
        var expected = NearestNeighbours.Among(rows, Dimension, 7, VectorMetric.Cosine, 2, None);
        var seen = 0;
        await foreach (var block in ArchiveNeighbours.GraphAsync(search, 7, null, 2, None))
        {
            for (var i = 0; i < block.Count; i++, seen++)
            {
                Assert.Equal(7, block.Lengths[i]);
                Assert.Equal(expected.DistancesOf(seen).ToArray(), block.Distances[(i * 7)..((i + 1) * 7)], (a, b) => Math.Abs(a - b) < 1e-5f);
                Assert.Equal(Global(block.Images[i * 7]), expected.RowsOf(seen)[0]);
            }
        }

        Assert.Equal(2300, seen);
    }

    [Theory]
    [InlineData(Core.Embeddings.EmbeddingPrecision.Half)]
    [InlineData(Core.Embeddings.EmbeddingPrecision.Single)]
    public async Task Farthest_images_over_partitions_are_those_of_all_rows_together(Core.Embeddings.EmbeddingPrecision precision)
    {
        await using var space = await SearchWorkspace.CreateAsync(Dimension);
        var rows = SearchWorkspace.Stored(Gaussians.Rows(900, Dimension, 1), precision);
        var a = await space.PutAsync("a", rows[..(500 * Dimension)], precision);
        var b = await space.PutAsync("b", rows[(500 * Dimension)..], precision);
        using var search = new PartitionedSearch(space.Workspace, space.Encoder);
        foreach (var initial in new int[][] { [3], [3, 700, 44] })
        {
            var expected = FarthestFirst.Select(rows, Dimension, 60, initial, VectorMetric.Cosine, 1, 2, None);
            var found = await ArchiveFarthestFirst.SelectAsync(search, 60, [.. initial.Select(Image)], null, 1, 2, None);
            Assert.Equal(expected.Rows.Select(Image), found.Images);
            Assert.Equal(expected.Distances, found.Distances, (x, y) => Math.Abs(x - y) < 1e-5f);
            Assert.Equal(expected.Radius, found.Radius, 1e-5f);
        }

        await space.Workspace.Catalog.SetImageStateAsync([.. Enumerable.Range(0, 890).Select(Image)], ImageState.Hidden, None);
        var rest = await ArchiveFarthestFirst.SelectAsync(search, 60, [], null, 1, 2, None);
        Assert.Equal(Enumerable.Range(890, 10).Select(Image), rest.Images.Order());
        Assert.Equal(float.PositiveInfinity, rest.Distances[0]);
        Assert.Equal(0, rest.Radius);

        ImageId Image(int row) => row < 500 ? new(a.Number, row) : new(b.Number, row - 500);
    }

    [Fact]
    public async Task Similar_pairs_are_found_once_and_across_partitions()
    {
        await using var space = await SearchWorkspace.CreateAsync(Dimension);
        var rows = Gaussians.Rows(400, Dimension, 3);
        var twins = Gaussians.Rows(100, Dimension, 4);
        rows.AsSpan(10 * Dimension, Dimension).CopyTo(twins);
        rows.AsSpan(20 * Dimension, Dimension).CopyTo(twins.AsSpan(50 * Dimension));
        rows.AsSpan(20 * Dimension, Dimension).CopyTo(rows.AsSpan(21 * Dimension));
        rows.AsSpan(300 * Dimension, Dimension).CopyTo(rows.AsSpan(301 * Dimension));
        var a = await space.PutAsync("a", rows);
        var b = await space.PutAsync("b", twins);
        await space.Workspace.Catalog.SetImageStateAsync([new ImageId(a.Number, 301)], ImageState.Hidden, None);
        using var search = new PartitionedSearch(space.Workspace, space.Encoder);
        var pairs = new List<(ImageId, ImageId)>();
        await foreach (var pair in ArchiveNeighbours.PairsAsync(search, 0.001f, 8, null, 2, None)) pairs.Add((pair.First, pair.Second));
        Assert.Equal(
            [(A(10), B(0)), (A(20), A(21)), (A(20), B(50)), (A(21), B(50))], pairs.Order().ToArray());

        ImageId A(long row) => new(a.Number, row);
        ImageId B(long row) => new(b.Number, row);
    }

    [Fact]
    public async Task Sample_holds_visible_embedded_images_with_equal_chances()
    {
        await using var space = await SearchWorkspace.CreateAsync(1);
        var rows = Enumerable.Range(1, 100).Select(i => i % 10 == 0 ? 0f : i).ToArray();
        var partition = await space.PutAsync("a", rows);
        await space.PutAsync("b", rows);
        await space.Workspace.Catalog.SetImageStateAsync([new ImageId(partition.Number, 4)], ImageState.Vanished, None);
        var whole = await EmbeddingSample.DrawAsync(space.Workspace, space.Encoder, 1000, null, 1, None);
        Assert.Equal(179, whole.Count);
        Assert.All(whole.Images.Select((image, i) => (image, i)), pair => Assert.Equal(rows[pair.image.Row], whole.Row(pair.i)[0]));
        Assert.DoesNotContain(new ImageId(partition.Number, 4), whole.Images);

        var drawn = new Dictionary<ImageId, int>();
        for (var seed = 0; seed < 300; seed++)
            foreach (var image in (await EmbeddingSample.DrawAsync(space.Workspace, space.Encoder, 60, null, seed, None)).Images)
                drawn[image] = drawn.GetValueOrDefault(image) + 1;

        // Binomial with n = 300, p = 60/179: mean 100.6, deviation 8.2; five deviations.
        Assert.All(whole.Images, image => Assert.InRange(drawn.GetValueOrDefault(image), 59, 142));
    }

    [Fact]
    public async Task Clusters_of_the_archive_are_those_of_its_rows()
    {
        await using var space = await SearchWorkspace.CreateAsync(Dimension);
        var rows = SearchWorkspace.Stored(Mixture.Rows(700, Dimension, 8, 5), Core.Embeddings.EmbeddingPrecision.Half);
        rows.AsSpan(33 * Dimension, Dimension).Clear();
        await space.PutAsync("a", rows[..(300 * Dimension)]);
        await space.PutAsync("b", rows[(300 * Dimension)..]);
        var options = new KMeansOptions { Clusters = 8 };
        var sample = await EmbeddingSample.DrawAsync(space.Workspace, space.Encoder, 500, null, 1, None);
        var (centroids, _) = KMeans.Train(sample.Rows, Dimension, options, None);
        using var search = new PartitionedSearch(space.Workspace, space.Encoder);
        var clusters = new List<int>();
        await foreach (var block in ArchiveClusters.AssignAsync(search, centroids, options, None)) clusters.AddRange(block.Clusters);
        for (var row = 0; row < 700; row++)
        {
            if (row == 33) Assert.Equal(-1, clusters[row]);
            else Assert.Equal(Literal.Ranked(rows.AsSpan(row * Dimension, Dimension), centroids, Dimension, VectorMetric.Euclidean)[0].Row, clusters[row]);
        }
    }

    private static int Global(ImageId image) => (int)(((image.Partition - 1) * 1500) + image.Row);
}
