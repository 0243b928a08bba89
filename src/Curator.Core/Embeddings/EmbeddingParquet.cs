using Curator.Core.Files;
using ParquetSharp;

namespace Curator.Core.Embeddings;

/// <summary>An embedding with the image it belongs to.</summary>
/// <param name="Image">Id in the workspace, <c>3-1742</c>.</param>
/// <param name="Path">Of the source file.</param>
public sealed record NamedEmbedding(string Image, string Path, float[] Embedding);

/// <summary>
/// Embeddings as other tools keep them: Parquet with one list of numbers a row. Written as <c>image</c>, <c>path</c>, <c>embedding</c> (list of float); read from any file that
/// has an <c>embedding</c> column of floats or doubles and a column of text that names the image.
/// </summary>
public static class EmbeddingParquet
{
    private const int RowsPerGroup = 4096;
    private const string EmbeddingColumn = "embedding";
    private const string Advice = "Give a Parquet file with a text column 'image', 'path' or 'filename', and a column 'embedding' that holds a list of numbers.";

    /// <summary>Columns that may name the image, best first.</summary>
    private static readonly string[] s_keys = ["image", "path", "filename", "uri", "file", "id"];

    /// <summary>Writes the rows as they come; the file appears whole or not at all.</summary>
    /// <returns>Rows written.</returns>
    public static long Write(string path, IEnumerable<NamedEmbedding> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        long written = 0;
        AtomicFile.Write(path, stream =>
        {
            Column[] columns = [new Column<string>("image"), new Column<string>("path"), new Column<float[]>(EmbeddingColumn)];
            using var writer = new ParquetFileWriter(stream, columns, null, Compression.Zstd, null, leaveOpen: true);
            foreach (var group in rows.Chunk(RowsPerGroup))
            {
                using var target = writer.AppendRowGroup();
                WriteColumn(target, Array.ConvertAll(group, row => row.Image));
                WriteColumn(target, Array.ConvertAll(group, row => row.Path));
                WriteColumn(target, Array.ConvertAll(group, row => row.Embedding));
                written += group.Length;
            }

            writer.Close();
        });
        return written;
    }

    /// <summary>What each row says of which image, streamed a row group at a time. Rows without an embedding are passed over.</summary>
    /// <exception cref="EmbeddingStoreException">Missing, damaged, without the two columns, with embeddings of several lengths or a number that is none.</exception>
    public static IEnumerable<(string Key, float[] Embedding)> Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var reader = Open(path);
        var (key, embedding) = Guard(path, () => FindColumns(path, reader.FileMetaData.Schema));
        var dimension = 0;
        for (var group = 0; group < reader.FileMetaData.NumRowGroups; group++)
        {
            var number = group;
            var (keys, rows) = Guard(path, () =>
            {
                using var source = reader.RowGroup(number);
                var count = checked((int)source.MetaData.NumRows);
                return (ReadKeys(source, key, count), ReadLists(path, source, embedding, count));
            });
            for (var i = 0; i < keys.Length; i++)
            {
                if (rows[i] is not { Length: > 0 } row) continue;
                if (dimension == 0) dimension = row.Length;
                if (row.Length != dimension) throw new EmbeddingStoreException($"'{path}' has an embedding of {row.Length} numbers after one of {dimension}.", "Give embeddings of one length.");
                foreach (var value in row)
                    if (!float.IsFinite(value))
                        throw new EmbeddingStoreException($"'{path}' holds a number that is infinite or not a number, of '{keys[i]}'.", "Leave such rows out.");
                yield return (keys[i] ?? "", row);
            }
        }
    }

    private static ParquetFileReader Open(string path)
    {
        if (!File.Exists(path)) throw new EmbeddingStoreException($"'{path}' is not there.", Advice);
        return Guard(path, () => new ParquetFileReader(path));
    }

    private static (int Key, int Embedding) FindColumns(string path, SchemaDescriptor schema)
    {
        var names = new string[schema.NumColumns];
        for (var i = 0; i < names.Length; i++) names[i] = schema.Column(i).Path.ToDotVector()[0];
        var embedding = Array.FindIndex(names, name => name.Equals(EmbeddingColumn, StringComparison.OrdinalIgnoreCase));
        if (embedding < 0) throw new EmbeddingStoreException($"'{path}' has no column '{EmbeddingColumn}'; it has {string.Join(", ", names)}.", Advice);
        foreach (var wanted in s_keys)
        {
            var key = Array.FindIndex(names, name => name.Equals(wanted, StringComparison.OrdinalIgnoreCase));
            if (key >= 0 && schema.Column(key).PhysicalType == PhysicalType.ByteArray) return (key, embedding);
        }

        throw new EmbeddingStoreException($"'{path}' has no column of text that names the images; it has {string.Join(", ", names)}.", Advice);
    }

    private static string?[] ReadKeys(RowGroupReader group, int column, int count)
    {
        using var source = group.Column(column);
        using var reader = source.LogicalReader<string?>();
        return reader.ReadAll(count);
    }

    private static float[]?[] ReadLists(string path, RowGroupReader group, int column, int count)
    {
        using var source = group.Column(column);
        using var reader = source.LogicalReader();
        return reader switch
        {
            LogicalColumnReader<float[]> lists => lists.ReadAll(count),
            LogicalColumnReader<float?[]> lists => Array.ConvertAll(lists.ReadAll(count), list => list is null ? null : Array.ConvertAll(list, value => value ?? float.NaN)),
            LogicalColumnReader<double[]> lists => Array.ConvertAll(lists.ReadAll(count), list => list is null ? null : Array.ConvertAll(list, value => (float)value)),
            LogicalColumnReader<double?[]> lists => Array.ConvertAll(lists.ReadAll(count), list => list is null ? null : Array.ConvertAll(list, value => (float)(value ?? double.NaN))),
            _ => throw new EmbeddingStoreException($"The column '{EmbeddingColumn}' of '{path}' holds no lists of float or double.", Advice),
        };
    }

    private static void WriteColumn<T>(RowGroupWriter group, T[] values)
    {
        using var writer = group.NextColumn().LogicalWriter<T>();
        writer.WriteBatch(values);
    }

    /// <summary>What Parquet's reader says of a bad file becomes an error that a person can act on.</summary>
    private static T Guard<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception error) when (error is not (CuratorException or OutOfMemoryException))
        {
            throw new EmbeddingStoreException($"'{path}' could not be read as Parquet ({error.Message.TrimEnd('.')}).", Advice, error);
        }
    }
}
