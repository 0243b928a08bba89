using Curator.Core.Embeddings;
using Curator.Search.Indexes;
using Curator.Search.Kernels;
using Curator.Search.Partitions;

namespace Curator.Search.Tests.Indexes;

public sealed class AllocationTests
{
    [Fact]
    public void A_search_of_an_open_index_allocates_next_to_nothing_whatever_its_rows()
    {
        using var folder = new TemporaryFolder();
        foreach (var rows in new[] { 3000, 30_000 })
        {
            var x = Mixture.Rows(rows, 16, 20, 1);
            using (var writer = EmbeddingWriter.Create(folder[$"{rows}.embeddings"], rows, 16, EmbeddingPrecision.Half, new string('0', 64)))
            {
                writer.Append(x);
                writer.Commit();
            }

            using var embeddings = EmbeddingFile.Open(folder[$"{rows}.embeddings"]);
            IndexBuilder.Build(folder[$"{rows}.index"], embeddings, new FilterColumns(rows, [], []), new IndexOptions { ListsFrom = 0 }, null, 1, null, CancellationToken.None);
            using var index = PartitionIndex.Open(folder[$"{rows}.index"], "curator index");
            var query = new PreparedQuery(new SearchQuery { Positives = [x[..16]] }.Direction(16), new Rotation(16, IndexLayout.RotationSeed));
            NearestReservoir lists = new(10), nearest = new(10);
            Search();
            var before = GC.GetAllocatedBytesForCurrentThread();
            Search();

            // Nothing but what the pool of buffers takes to hand one out.
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1024);

            void Search()
            {
                lists.Reset(10);
                index.AddLists(query, 0, lists);
                nearest.Reset(10);
                index.SearchLists(query, embeddings, 10, lists.Sorted(), 200, null, nearest);
                index.SearchAll(query, embeddings, 10, null, nearest);
            }
        }
    }
}
