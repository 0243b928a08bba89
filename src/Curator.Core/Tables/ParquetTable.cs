using ParquetSharp;

namespace Curator.Core.Tables;

/// <summary>What a column of a <see cref="ParquetTable"/> holds; every one may be empty in a row.</summary>
public enum ParquetKind
{
    Text,

    /// <summary>64-bit whole numbers.</summary>
    Whole,

    /// <summary>Double precision.</summary>
    Number,

    /// <summary>Microseconds, UTC.</summary>
    Moment,

    Bytes,

    /// <summary>A list of single-precision numbers.</summary>
    Floats,
}

/// <summary>A table of others' making for others' reading: flat Parquet, Zstandard, written row by row. The same rows give the same bytes. Not thread-safe.</summary>
public sealed class ParquetTable : IDisposable
{
    private const int RowsPerGroup = 8192;

    private readonly (string Name, ParquetKind Kind)[] _columns;
    private readonly ParquetFileWriter _writer;
    private readonly List<object?>[] _values;

    /// <param name="stream">Stays open; the file is complete after <see cref="Dispose"/>.</param>
    /// <param name="metadata">Key-value metadata of the file.</param>
    public ParquetTable(Stream stream, IEnumerable<(string Name, ParquetKind Kind)> columns, IReadOnlyDictionary<string, string> metadata)
    {
        _columns = [.. columns];
        _values = Array.ConvertAll(_columns, _ => new List<object?>(RowsPerGroup));
        _writer = new ParquetFileWriter(stream, Array.ConvertAll(_columns, Definition), null, Compression.Zstd, metadata, leaveOpen: true);
    }

    /// <param name="row">One value a column: string, long, double, DateTimeOffset, byte[] or float[] after the column's kind, or null.</param>
    public void Add(params ReadOnlySpan<object?> row)
    {
        if (row.Length != _columns.Length) throw new ArgumentException($"{row.Length} values for {_columns.Length} columns.", nameof(row));
        for (var i = 0; i < row.Length; i++) _values[i].Add(row[i]);
        if (_values[0].Count == RowsPerGroup) Flush();
    }

    public void Dispose()
    {
        if (_values[0].Count > 0) Flush();
        _writer.Close();
        _writer.Dispose();
    }

    private static Column Definition((string Name, ParquetKind Kind) column) => column.Kind switch
    {
        ParquetKind.Text => new Column<string>(column.Name),
        ParquetKind.Whole => new Column<long?>(column.Name),
        ParquetKind.Number => new Column<double?>(column.Name),
        ParquetKind.Moment => new Column<DateTime?>(column.Name, LogicalType.Timestamp(true, TimeUnit.Micros)),
        ParquetKind.Bytes => new Column<byte[]>(column.Name),
        _ => new Column<float[]>(column.Name),
    };

    private void Flush()
    {
        using (var group = _writer.AppendRowGroup())
        {
            for (var i = 0; i < _columns.Length; i++)
            {
                var values = _values[i];
                switch (_columns[i].Kind)
                {
                    case ParquetKind.Text: Write(group, values.ConvertAll(v => (string?)v)); break;
                    case ParquetKind.Whole: Write(group, values.ConvertAll(v => (long?)v)); break;
                    case ParquetKind.Number: Write(group, values.ConvertAll(v => (double?)v)); break;
                    case ParquetKind.Moment: Write(group, values.ConvertAll(v => ((DateTimeOffset?)v)?.UtcDateTime)); break;
                    case ParquetKind.Bytes: Write(group, values.ConvertAll(v => (byte[]?)v)); break;
                    default: Write(group, values.ConvertAll(v => (float[]?)v)); break;
                }
                values.Clear();
            }
        }
    }

    private static void Write<T>(RowGroupWriter group, List<T> values)
    {
        using var writer = group.NextColumn().LogicalWriter<T>();
        writer.WriteBatch([.. values]);
    }
}
