using Curator.Core;
using Curator.Core.Embeddings;
using Curator.Search.Indexes;
using Curator.Search.Kernels;

namespace Curator.Search.Tests.Indexes;

public sealed class DamagedIndexTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task Every_cut_is_detected()
    {
        await using var space = await SearchWorkspace.CreateAsync(16);
        using var folder = new TemporaryFolder();
        var whole = await BuildAsync(space, folder["whole"]);
        var path = folder["cut"];
        for (var i = 0; i < 1000; i++)
        {
            await using (var file = File.Create(path)) await file.WriteAsync(whole.AsMemory(0, (int)((long)i * whole.Length / 1000)));
            Assert.Throws<IndexFormatException>(() => PartitionIndex.Open(path, "curator index"));
        }
    }

    [Fact]
    public async Task Every_flipped_bit_is_detected()
    {
        await using var space = await SearchWorkspace.CreateAsync(16);
        using var folder = new TemporaryFolder();
        var bytes = await BuildAsync(space, folder["whole"]);
        using var embeddings = EmbeddingFile.Open(space.Workspace.EmbeddingPath((await space.Workspace.Catalog.GetPartitionsAsync(None))[0], space.Encoder.Id));
        var random = new Random(1);
        var path = folder["flipped"];
        await File.WriteAllBytesAsync(path, bytes);
        var query = Mixture.Rows(1, 16, 20, 2);
        uint[] expected;
        using (var whole = PartitionIndex.Open(path, "curator index")) expected = Search(whole, embeddings, query);
        int atOpening = 0, atReading = 0;
        for (var i = 0; i < 10_000; i++)
        {
            var bit = random.NextInt64(8L * bytes.Length);
            await FlipAsync(path, bit);
            try
            {
                using var index = PartitionIndex.Open(path, "curator index");
                Assert.NotEmpty(index.Verify());
                atReading++;
                // What is opened is not searched wrongly: the right hits, or an error.
                Assert.Equal(expected, Search(index, embeddings, query));
            }
            catch (IndexFormatException)
            {
                if (atOpening + atReading == i) atOpening++;
            }

            await FlipAsync(path, bit);
        }

        Assert.Equal(10_000, atOpening + atReading);
        Assert.True(atOpening > 0 && atReading > 0);
        using var repaired = PartitionIndex.Open(path, "curator index");
        Assert.Empty(repaired.Verify());
    }

    [Fact]
    public async Task Damage_in_rows_that_a_search_touches_is_an_error_that_names_the_command()
    {
        await using var space = await SearchWorkspace.CreateAsync(16);
        var x = Mixture.Rows(2000, 16, 10, 1);
        var partition = await space.PutAsync("a", x);
        await IndexSearchTests.IndexAsync(space, new IndexOptions());
        var path = space.Workspace.IndexPath(partition, space.Encoder.Id);
        await FlipAsync(path, 8 * (new FileInfo(path).Length - 4096));
        using var search = new PartitionedSearch(space.Workspace, space.Encoder);
        var error = await Assert.ThrowsAsync<IndexFormatException>(() => search.SearchAsync(new SearchQuery { Positives = [x[..16]] }, None));
        Assert.Contains("curator index --encoder test@1", error.NextStep, StringComparison.Ordinal);
        var together = await Assert.ThrowsAsync<IndexFormatException>(() => search.SearchEachAsync([x[..16], x[16..32]], 10, None));
        Assert.Equal(error.NextStep, together.NextStep);
        Assert.Equal(1, (await IndexSearchTests.IndexAsync(space, new IndexOptions { Seed = 2 })).Built);
        Assert.Equal(0, (await search.SearchAsync(new SearchQuery { Positives = [x[..16]] }, None))[0].Image.Row);
    }

    private static uint[] Search(PartitionIndex index, EmbeddingFile embeddings, float[] query)
    {
        var prepared = new PreparedQuery(new SearchQuery { Positives = [query] }.Direction(16), new Rotation(16, IndexLayout.RotationSeed));
        var lists = new NearestReservoir(index.Lists);
        var nearest = new NearestReservoir(10);
        index.AddLists(prepared, 0, lists);
        index.SearchLists(prepared, embeddings, 10, lists.Sorted(), 200, null, nearest);
        return [.. nearest.Sorted().ToArray().Select(NearestReservoir.IdOf)];
    }

    private static async Task<byte[]> BuildAsync(SearchWorkspace space, string path)
    {
        var partition = await space.PutAsync("a", Mixture.Rows(4000, 16, 20, 1));
        using (var embeddings = EmbeddingFile.Open(space.Workspace.EmbeddingPath(partition, space.Encoder.Id)))
            IndexBuilder.Build(path, embeddings, new Partitions.FilterColumns(4000, [], []), new IndexOptions { ListsFrom = 0 }, null, 2, null, None);
        return await File.ReadAllBytesAsync(path);
    }

    private static async Task FlipAsync(string path, long bit)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
        file.Position = bit / 8;
        var value = file.ReadByte();
        file.Position = bit / 8;
        file.WriteByte((byte)(value ^ (1 << (int)(bit % 8))));
    }
}
