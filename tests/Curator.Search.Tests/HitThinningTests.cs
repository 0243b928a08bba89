using Curator.Core.Images;

namespace Curator.Search.Tests;

public sealed class HitThinningTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task Overlapping_footprints_leave_the_nearest_hit_of_a_place()
    {
        // Three places far apart, ten half-overlapping tiles each; tile t of a place is at [t/2, t/2 + 1] degrees east.
        await using var space = await SearchWorkspace.CreateAsync(2);
        var rows = Enumerable.Range(0, 30).SelectMany(i => new[] { 1f, i * 0.01f }).ToArray();
        await space.PutAsync("a", rows, change: (i, record) => record with { Footprint = new BoundingBox(0, (i / 10 * 50) + (i % 10 / 2.0), 1, (i / 10 * 50) + (i % 10 / 2.0) + 1) });
        using var search = new PartitionedSearch(space.Workspace, space.Encoder);
        var query = new SearchQuery { Positives = [[1, 0]], Count = 6 };
        Assert.Equal([0, 1, 2, 3, 4, 5], await RowsAsync(search, query));

        // Half a tile shared is a third of the union.
        Assert.Equal([0, 2, 4, 6, 8, 10], await RowsAsync(search, query with { SuppressOverlap = 0.3 }));
        Assert.Equal([0, 1, 2, 3, 4, 5], await RowsAsync(search, query with { SuppressOverlap = 0.4 }));
        Assert.Equal(15, (await RowsAsync(search, query with { SuppressOverlap = 0.3, Count = 30 })).Count());
    }

    [Fact]
    public async Task Tiles_across_the_antimeridian_overlap()
    {
        await using var space = await SearchWorkspace.CreateAsync(2);
        await space.PutAsync("a", [1, 0, 1, 0.1f, 1, 0.2f], change: (i, record) => record with
        {
            Footprint = i switch { 0 => new BoundingBox(0, 179, 1, -179), 1 => new BoundingBox(0, 179.5, 1, -178.5), _ => new BoundingBox(0, -179.5, 1, -178) },
        });
        using var search = new PartitionedSearch(space.Workspace, space.Encoder);
        Assert.Equal([0, 2], await RowsAsync(search, new SearchQuery { Positives = [[1, 0]], SuppressOverlap = 0.5 }));
    }

    [Fact]
    public async Task Distinct_keeps_one_of_near_duplicates_and_looks_further_until_there_are_enough()
    {
        // 100 groups of 20 near-identical rows, groups at growing distance from the query.
        await using var space = await SearchWorkspace.CreateAsync(2);
        var rows = Enumerable.Range(0, 2000).SelectMany(i => new[] { 1f, (i / 20 * 0.05f) + (i % 20 * 1e-5f) }).ToArray();
        await space.PutAsync("a", rows, Core.Embeddings.EmbeddingPrecision.Single);
        using var search = new PartitionedSearch(space.Workspace, space.Encoder);
        var hits = await RowsAsync(search, new SearchQuery { Positives = [[1, 0]], Count = 30, Distinct = 1e-5f });
        Assert.Equal(Enumerable.Range(0, 30).Select(group => group * 20), hits);
    }

    [Fact]
    public async Task Nothing_lies_beyond_the_radius_and_nothing_within_is_left_out()
    {
        await using var space = await SearchWorkspace.CreateAsync(8);
        var rows = Gaussians.Rows(500, 8, 1);
        await space.PutAsync("a", rows);
        using var search = new PartitionedSearch(space.Workspace, space.Encoder);
        var query = new SearchQuery { Positives = [rows[..8]], Count = 500 };
        var all = await search.SearchAsync(query, None);
        var near = await search.SearchAsync(query with { MaxDistance = 0.6f }, None);
        Assert.Equal(all.Where(hit => hit.Distance <= 0.6f), near);
        Assert.InRange(near.Count, 2, 499);
    }

    private static async Task<IEnumerable<int>> RowsAsync(PartitionedSearch search, SearchQuery query) =>
        (await search.SearchAsync(query, None)).Select(hit => (int)hit.Image.Row);
}
