using System.Globalization;
using System.Text;
using Curator.Core;
using Curator.Core.Catalogs;
using Curator.Core.Embeddings;
using Curator.Core.Files;
using Curator.Core.Images;
using Curator.Search.Partitions;

namespace Curator.Search.Exchange;

/// <summary>Hands embeddings to other tools, streaming; the file appears whole or not at all. Rows are those of all partitions, by number, then by row; an absent embedding is a row of zeros.</summary>
public static class EmbeddingExport
{
    private const int ChunkRows = 4096;

    /// <summary>Writes a NumPy matrix, float32 [images × dimension], and beside it <c>PATH.csv</c> that tells which image each row is: id, partition, file.</summary>
    /// <returns>Rows written.</returns>
    /// <exception cref="WorkspaceException">Nothing is embedded by this encoder.</exception>
    public static async Task<long> ToNpyAsync(Workspace workspace, EncoderRow encoder, string path, CancellationToken cancellationToken)
    {
        using var search = new PartitionedSearch(workspace, encoder);
        using var plan = await search.PlanAsync(new SearchQuery { Positives = [], Without = [] }, cancellationToken);
        AtomicFile.Write(path, stream =>
        {
            stream.Write(NpyHeader.ForSingle(plan.Rows, encoder.Dimension));
            foreach (var open in plan.Open.Values)
                foreach (var (_, rows) in Chunks(open.Embeddings, cancellationToken))
                    NpyFile.WriteRows(stream, rows);
        });
        AtomicFile.Write(path + ".csv", stream =>
        {
            using var writer = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" };
            writer.WriteLine("image,partition,filename");
            foreach (var open in plan.Open.Values)
                foreach (var (row, uri) in Uris(workspace, open))
                    writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{open.Partition.Number}-{row},{Quote(open.Partition.Name)},{Quote(uri)}"));
        });
        return plan.Rows;
    }

    /// <summary>Writes <c>filename,embedding_0,…</c>, one line an image that has an embedding; the layout that other labeling tools read.</summary>
    /// <returns>Lines written.</returns>
    /// <exception cref="WorkspaceException">Nothing is embedded by this encoder.</exception>
    public static async Task<long> ToCsvAsync(Workspace workspace, EncoderRow encoder, string path, CancellationToken cancellationToken)
    {
        using var search = new PartitionedSearch(workspace, encoder);
        using var plan = await search.PlanAsync(new SearchQuery { Positives = [], Without = [] }, cancellationToken);
        long written = 0;
        AtomicFile.Write(path, stream =>
        {
            using var writer = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" };
            writer.Write("filename");
            for (var j = 0; j < encoder.Dimension; j++) writer.Write(string.Create(CultureInfo.InvariantCulture, $",embedding_{j}"));
            writer.WriteLine();
            foreach (var open in plan.Open.Values) written += WriteCsvRows(writer, workspace, open, cancellationToken);
        });
        return written;
    }

    /// <summary>Writes Parquet with the columns <c>image</c>, <c>path</c> and <c>embedding</c>, one row an image that has an embedding.</summary>
    /// <returns>Rows written.</returns>
    /// <exception cref="WorkspaceException">Nothing is embedded by this encoder.</exception>
    public static async Task<long> ToParquetAsync(Workspace workspace, EncoderRow encoder, string path, CancellationToken cancellationToken)
    {
        using var search = new PartitionedSearch(workspace, encoder);
        using var plan = await search.PlanAsync(new SearchQuery { Positives = [], Without = [] }, cancellationToken);
        return await Task.Run(() => EmbeddingParquet.Write(path, plan.Open.Values.SelectMany(open => Named(workspace, open, cancellationToken))), cancellationToken);
    }

    private static IEnumerable<NamedEmbedding> Named(Workspace workspace, OpenPartition open, CancellationToken cancellationToken)
    {
        var dimension = open.Embeddings.Dimension;
        using var uris = Uris(workspace, open).GetEnumerator();
        foreach (var (first, rows) in Chunks(open.Embeddings, cancellationToken))
            for (var i = 0; i < rows.Length / dimension && uris.MoveNext(); i++)
                if (!open.Embeddings.IsAbsent(first + i))
                    yield return new NamedEmbedding(
                        new ImageId(open.Partition.Number, first + i).ToString(), uris.Current.Uri, rows[(i * dimension)..((i + 1) * dimension)]);
    }

    private static long WriteCsvRows(StreamWriter writer, Workspace workspace, OpenPartition open, CancellationToken cancellationToken)
    {
        long written = 0;
        using var uris = Uris(workspace, open).GetEnumerator();
        var dimension = open.Embeddings.Dimension;
        foreach (var (first, rows) in Chunks(open.Embeddings, cancellationToken))
        {
            for (var i = 0; i < rows.Length / dimension; i++)
            {
                if (!uris.MoveNext()) return written;
                if (open.Embeddings.IsAbsent(first + i)) continue;
                writer.Write(Quote(uris.Current.Uri));
                for (var j = 0; j < dimension; j++)
                {
                    writer.Write(',');
                    writer.Write(rows[(i * dimension) + j].ToString("R", CultureInfo.InvariantCulture));
                }

                writer.WriteLine();
                written++;
            }
        }

        return written;
    }

    private static IEnumerable<(long First, float[] Rows)> Chunks(EmbeddingFile embeddings, CancellationToken cancellationToken)
    {
        for (long first = 0; first < embeddings.Rows; first += ChunkRows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var rows = new float[Math.Min(ChunkRows, embeddings.Rows - first) * embeddings.Dimension];
            embeddings.Read(first, rows);
            yield return (first, rows);
        }
    }

    private static IEnumerable<(long Row, string Uri)> Uris(Workspace workspace, OpenPartition open)
    {
        using var manifest = workspace.OpenManifest(open.Partition);
        long row = 0;
        foreach (var record in manifest.Read(0, open.Embeddings.Rows)) yield return (row++, record.Uri);
    }

    private static string Quote(string text) =>
        text.AsSpan().ContainsAny(',', '"', '\n') ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
}
