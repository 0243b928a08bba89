using System.Globalization;
using ParquetSharp;

namespace Curator.Core.Tables;

/// <summary>Any Parquet file of flat columns as texts: the heading first, then a record a row. Numbers are written with a decimal point, moments as ISO 8601 UTC, nothing as empty text.</summary>
public static class ParquetRecords
{
    /// <summary>Holds one row group as texts.</summary>
    /// <exception cref="WorkspaceException">The file is no Parquet, or damaged.</exception>
    public static IEnumerable<IReadOnlyList<string>> Read(string path)
    {
        using var file = Guard(path, () => new ParquetFileReader(path));
        var schema = file.FileMetaData.Schema;
        var flat = Enumerable.Range(0, schema.NumColumns).Where(i => schema.Column(i).MaxRepetitionLevel == 0).ToArray();
        yield return Array.ConvertAll(flat, i => schema.Column(i).Path.ToDotString());
        for (var group = 0; group < file.FileMetaData.NumRowGroups; group++)
        {
            var columns = Guard(path, () =>
            {
                using var reader = file.RowGroup(group);
                var rows = checked((int)reader.MetaData.NumRows);
                return Array.ConvertAll(flat, i => Texts(reader, i, rows));
            });
            for (var row = 0; columns.Length > 0 && row < columns[0].Length; row++) yield return Array.ConvertAll(columns, column => column[row]);
        }
    }

    private static string[] Texts(RowGroupReader group, int column, int rows)
    {
        using var source = group.Column(column);
        using var reader = source.LogicalReader();
        return reader.Apply(new TextsOf(rows));
    }

    private static T Guard<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception error) when (error is not (CuratorException or OutOfMemoryException))
        {
            throw new WorkspaceException($"'{path}' could not be read as Parquet ({error.Message.TrimEnd('.')}).", "Give a Parquet file of plain columns, or a CSV file with a heading.", error);
        }
    }

    private sealed class TextsOf(int rows) : ILogicalColumnReaderVisitor<string[]>
    {
        public string[] OnLogicalColumnReader<TValue>(LogicalColumnReader<TValue> columnReader) => Array.ConvertAll(columnReader.ReadAll(rows), value => Text(value));

        private static string Text(object? value) => value switch
        {
            null => "",
            string text => text,
            bool flag => flag ? "true" : "false",
            DateTime moment => DateTime.SpecifyKind(moment, DateTimeKind.Utc).ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture),
            Date day => day.DateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            DateTimeNanos moment => moment.DateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture),
            float number => number.ToString("R", CultureInfo.InvariantCulture),
            double number => number.ToString("R", CultureInfo.InvariantCulture),
            byte[] => "",
            IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
            _ => value.ToString() ?? "",
        };
    }
}
