using Curator.Core;
using Curator.Core.Catalogs;
using Curator.Core.Embeddings;
using Curator.Core.Images;

namespace Curator.Search.Tests;

public sealed class PartitionedSearchTests
{
    private const int Dimension = 24;
    private static readonly CancellationToken None = CancellationToken.None;

    [Theory]
    [InlineData(EmbeddingPrecision.Half, "")]
    [InlineData(EmbeddingPrecision.Single, "")]
    [InlineData(EmbeddingPrecision.Half, "bf16-cpu")]
    public async Task Hits_are_those_of_the_exhaustive_search_over_all_partitions(EmbeddingPrecision precision, string computation)
    {
        await using var space = await SearchWorkspace.CreateAsync(Dimension);
        var a = Gaussians.Rows(700, Dimension, 1);
        var b = Gaussians.Rows(40_000, Dimension, 2);
        var first = await space.PutAsync("a", a, precision, computation: computation);
        var second = await space.PutAsync("b", b, precision, computation: computation);
        using var search = new PartitionedSearch(space.Workspace, space.Encoder);
        for (var q = 0; q < 5; q++)
        {
            var query = Gaussians.Rows(1, Dimension, 50 + q);
            var hits = await search.SearchAsync(new SearchQuery { Positives = [query], Count = 25 }, None);
            var expected = Ranked(first, a, query, precision).Concat(Ranked(second, b, query, precision)).OrderBy(hit => hit.Distance).Take(25).ToArray();
            Assert.Equal(expected.Select(hit => hit.Distance), hits.Select(hit => (double)hit.Distance), (x, y) => Math.Abs(x - y) < 1e-5);
            Assert.Equal(expected.Select(hit => hit.Image), hits.Select(hit => hit.Image));
            Assert.Equal(hits.Order(), hits);
        }
    }

    [Fact]
    public async Task Splitting_images_into_partitions_changes_no_hit()
    {
        var rows = Gaussians.Rows(600, Dimension, 4);
        await using var whole = await SearchWorkspace.CreateAsync(Dimension);
        await using var split = await SearchWorkspace.CreateAsync(Dimension);
        await whole.PutAsync("all", rows);
        for (var p = 0; p < 6; p++) await split.PutAsync($"p{p}", rows[(p * 100 * Dimension)..((p + 1) * 100 * Dimension)]);
        using var searchWhole = new PartitionedSearch(whole.Workspace, whole.Encoder);
        using var searchSplit = new PartitionedSearch(split.Workspace, split.Encoder, new PartitionedSearchOptions { MaxOpenPartitions = 2 });
        var query = new SearchQuery { Positives = [Gaussians.Rows(1, Dimension, 9)], Count = 600 };
        var one = await searchWhole.SearchAsync(query, None);
        var six = await searchSplit.SearchAsync(query, None);
        Assert.Equal(one.Select(hit => (hit.Image.Row, hit.Distance)), six.Select(hit => (((hit.Image.Partition - 1) * 100) + hit.Image.Row, hit.Distance)));
    }

    [Fact]
    public async Task Absent_and_hidden_images_are_left_out()
    {
        await using var space = await SearchWorkspace.CreateAsync(2);
        var partition = await space.PutAsync("a", [1, 0, 0, 0, 1, 0.1f, 1, 0.2f, 1, 0.3f, 1, 0.4f]);
        using var search = new PartitionedSearch(space.Workspace, space.Encoder);
        await Mark(2, ImageState.Hidden);
        await Mark(3, ImageState.Vanished);
        await Mark(4, ImageState.Duplicate);
        await Mark(5, ImageState.Changed);
        Assert.Equal([0], await Rows(new SearchQuery { Positives = [[1, 0]] }));
        Assert.Equal([0, 2, 3, 4, 5], await Rows(new SearchQuery { Positives = [[1, 0]], Without = [] }));
        await Mark(2, null);
        Assert.Equal([0, 2], await Rows(new SearchQuery { Positives = [[1, 0]] }));

        async Task Mark(long row, ImageState? state) => await space.Workspace.Catalog.SetImageStateAsync([new ImageId(partition.Number, row)], state, None);
        async Task<IEnumerable<int>> Rows(SearchQuery query) => (await search.SearchAsync(query, None)).Select(hit => (int)hit.Image.Row);
    }

    [Fact]
    public async Task Filters_leave_what_matches_and_nothing_else()
    {
        await using var space = await SearchWorkspace.CreateAsync(2);
        var day = new DateTimeOffset(2020, 6, 1, 0, 0, 0, TimeSpan.Zero);
        var rows = Enumerable.Range(0, 100).SelectMany(i => new[] { 1f, i / 100f }).ToArray();
        var a = await space.PutAsync("modis", rows, change: (i, record) => i == 99 ? record : record with
        {
            TakenAt = day.AddDays(i),
            Footprint = new BoundingBox(i - 50, i - 50, i - 49, i - 49),
        });
        var b = await space.PutAsync("viirs", rows, period: "2021");
        using var search = new PartitionedSearch(space.Workspace, space.Encoder);

        Assert.All(await Search(new SearchFilter { Products = ["MODIS"] }), hit => Assert.Equal(a.Number, hit.Image.Partition));
        Assert.All(await Search(new SearchFilter { Periods = ["2021"] }), hit => Assert.Equal(b.Number, hit.Image.Partition));
        Assert.Empty(await Search(new SearchFilter { Resolutions = ["250m"] }));
        Assert.Equal(Enumerable.Range(10, 5), await Rows(new SearchFilter { From = day.AddDays(10), To = day.AddDays(15) }));
        Assert.Equal(Enumerable.Range(97, 2), await Rows(new SearchFilter { From = day.AddDays(97) }));
        Assert.Equal([59, 60, 61], await Rows(new SearchFilter { Box = new BoundingBox(10, 10, 11, 11) }));
        Assert.Equal([7, 70], await Rows(new SearchFilter { Among = new HashSet<ImageId> { new(a.Number, 7), new(a.Number, 70), new(9, 7), new(b.Number, 700) } }));
        Assert.Equal([0, 50], await Rows(new SearchFilter { Where = id => id.Partition == a.Number && id.Row % 50 == 0 }));
        Assert.Equal([50], await Rows(new SearchFilter { From = day.AddDays(10), Where = id => id.Row % 50 == 0 }));

        async Task<IReadOnlyList<SearchHit>> Search(SearchFilter filter) =>
            await search.SearchAsync(new SearchQuery { Positives = [[1, 0]], Count = 500, Filter = filter }, None);
        async Task<IEnumerable<int>> Rows(SearchFilter filter) => (await Search(filter)).Select(hit => (int)hit.Image.Row).Order();
    }

    [Fact]
    public async Task Images_embedded_later_are_found_by_the_next_search()
    {
        await using var space = await SearchWorkspace.CreateAsync(Dimension);
        var rows = Gaussians.Rows(300, Dimension, 1);
        await space.PutAsync("a", rows, embedded: 200);
        using var search = new PartitionedSearch(space.Workspace, space.Encoder);
        Assert.Equal(200, (await search.SearchAsync(new SearchQuery { Positives = [rows[..Dimension]], Count = 500 }, None)).Count);
        await space.PutAsync("a", rows);
        Assert.Equal(300, (await search.SearchAsync(new SearchQuery { Positives = [rows[..Dimension]], Count = 500 }, None)).Count);
    }

    [Fact]
    public async Task Nothing_embedded_names_the_command_that_embeds()
    {
        await using var space = await SearchWorkspace.CreateAsync(Dimension);
        using var search = new PartitionedSearch(space.Workspace, space.Encoder);
        var error = await Assert.ThrowsAsync<WorkspaceException>(() => search.SearchAsync(new SearchQuery { Positives = [new float[Dimension].Select(_ => 1f).ToArray()] }, None));
        Assert.Contains("curator embed --encoder test@1", error.NextStep, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Embeddings_of_other_images_are_refused()
    {
        await using var space = await SearchWorkspace.CreateAsync(Dimension);
        var partition = await space.PutAsync("a", Gaussians.Rows(10, Dimension, 1));
        await space.Workspace.Catalog.SetManifestAsync(partition.Number, 10, SearchWorkspace.Hex("other images"), None);
        using var search = new PartitionedSearch(space.Workspace, space.Encoder);
        var error = await Assert.ThrowsAsync<EmbeddingStoreException>(() => search.SearchAsync(new SearchQuery { Positives = [Gaussians.Rows(1, Dimension, 1)] }, None));
        Assert.Contains("curator embed", error.NextStep, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Searches_may_run_at_once_while_partitions_are_closed_under_them()
    {
        await using var space = await SearchWorkspace.CreateAsync(Dimension);
        for (var p = 0; p < 5; p++) await space.PutAsync($"p{p}", Gaussians.Rows(200, Dimension, p));
        using var search = new PartitionedSearch(space.Workspace, space.Encoder, new PartitionedSearchOptions { MaxOpenPartitions = 1 });
        var query = new SearchQuery { Positives = [Gaussians.Rows(1, Dimension, 77)], Count = 50 };
        var expected = await search.SearchAsync(query, None);
        var all = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => search.SearchAsync(query, None))));
        Assert.All(all, hits => Assert.Equal(expected, hits));
    }

    [Fact]
    public async Task Stored_embedding_of_an_image_can_be_asked_for()
    {
        await using var space = await SearchWorkspace.CreateAsync(2);
        var partition = await space.PutAsync("a", [1, 2, 0, 0]);
        using var search = new PartitionedSearch(space.Workspace, space.Encoder);
        Assert.Equal<IEnumerable<float>>([1f, 2f], await search.GetEmbeddingAsync(new ImageId(partition.Number, 0), None));
        Assert.Null(await search.GetEmbeddingAsync(new ImageId(partition.Number, 1), None));
        Assert.Null(await search.GetEmbeddingAsync(new ImageId(partition.Number, 2), None));
        Assert.Null(await search.GetEmbeddingAsync(new ImageId(99, 0), None));
    }

    private static IEnumerable<(ImageId Image, double Distance)> Ranked(Partition partition, float[] rows, float[] query, EmbeddingPrecision precision) =>
        Literal.Ranked(query, SearchWorkspace.Stored(rows, precision), Dimension, VectorMetric.Cosine).Select(r => (new ImageId(partition.Number, r.Row), r.Distance));
}
