using System.Text.Json;
using Curator.Core;
using Curator.Core.Embeddings;
using Curator.Core.Tables;

namespace Curator.Labeling.Export.Formats;

/// <summary>
/// <c>labels.parquet</c>: one row an image with types; <c>geometry</c> makes it GeoParquet 1.1 (WKB, OGC:CRS84). With <see cref="ExportOptions.Embeddings"/> a list of numbers a row, as
/// DuckDB, pandas, embedding-atlas and FiftyOne read it.
/// </summary>
internal sealed class ParquetWriter : IDataSetWriter
{
    private const string FileName = "labels.parquet";

    private const string GeoMetadata = """{"version":"1.1.0","primary_column":"geometry","columns":{"geometry":{"encoding":"WKB","geometry_types":["Polygon","MultiPolygon"],"orientation":"counterclockwise","edges":"planar"}}}""";

    private readonly ExportContext _context;
    private readonly Stream _stream;
    private readonly ParquetTable _table;
    private readonly EmbeddingColumn? _embeddings;

    public ParquetWriter(ExportContext context, IReadOnlyList<Core.Images.Partition> partitions, Workspace workspace)
    {
        _context = context;
        List<(string, ParquetKind)> columns =
        [
            ("image_id", ParquetKind.Text), ("filename", ParquetKind.Text), ("uri", ParquetKind.Text), ("sha256", ParquetKind.Text),
            ("label", ParquetKind.Text), ("label_index", ParquetKind.Whole), ("confidence", ParquetKind.Number), ("source", ParquetKind.Text),
            ("person", ParquetKind.Text), ("labeled_at", ParquetKind.Moment), ("split", ParquetKind.Text), ("taken_at", ParquetKind.Moment),
            ("width", ParquetKind.Whole), ("height", ParquetKind.Whole),
            ("south", ParquetKind.Number), ("west", ParquetKind.Number), ("north", ParquetKind.Number), ("east", ParquetKind.Number), ("geometry", ParquetKind.Bytes),
        ];
        if (context.Options.Embeddings)
        {
            var encoder = context.Set.Sweep?.Encoder ?? context.Task.Encoder
                ?? throw new WorkspaceException($"The task {context.Task.Name} has no encoder yet.", "Run `curator embed` and `curator learn` first, or leave --embeddings out.");
            _embeddings = new EmbeddingColumn(workspace, partitions, encoder);
            columns.Add(("embedding", ParquetKind.Floats));
        }
        var metadata = new Dictionary<string, string>
        {
            ["geo"] = GeoMetadata,
            ["curator"] = JsonSerializer.Serialize(new { task = context.Task.Name, question = context.Task.Question, classes = context.Classes, encoder = _embeddings?.Encoder }),
        };
        _stream = context.Folder.Create(FileName);
        _table = new ParquetTable(_stream, columns, metadata);
    }

    public string Reading => "`SELECT label, count(*) FROM 'labels.parquet' GROUP BY label` in DuckDB; `pandas.read_parquet`, `geopandas.read_parquet`. `uri` is where the picture lies.";

    public string Write(ExportItem item)
    {
        var (label, record) = (item.Label, item.Label.Record);
        var name = ExportText.RelativeName(record);
        var box = record.Footprint;
        List<object?> row =
        [
            label.Image.ToString(), name, record.Uri, record.Sha256, label.Class, (long)item.Class, ExportText.Confidence(label), ExportText.Source(label), label.Person, label.LabeledAt,
            item.Part, record.TakenAt, (long)record.Width, (long)record.Height, box?.South, box?.West, box?.North, box?.East, Footprints.Binary(box),
        ];
        if (_embeddings is not null) row.Add(_embeddings.Of(label.Image));
        _table.Add([.. row]);
        return name;
    }

    public void Finish()
    {
        // Disposing completes the file.
    }

    public void Dispose()
    {
        _table.Dispose();
        _stream.Dispose();
        _embeddings?.Dispose();
    }

    /// <summary>Embeddings of images that come ascending by id.</summary>
    private sealed class EmbeddingColumn(Workspace workspace, IReadOnlyList<Core.Images.Partition> partitions, string encoder) : IDisposable
    {
        private EmbeddingFile? _file;
        private int _partition;

        public string Encoder => encoder;

        /// <summary>Null for an image without an embedding.</summary>
        public float[]? Of(Core.Images.ImageId image)
        {
            if (_partition != image.Partition)
            {
                _file?.Dispose();
                _partition = image.Partition;
                _file = EmbeddingFile.Open(workspace.EmbeddingPath(partitions.First(p => p.Number == image.Partition), encoder), "curator embed");
            }
            if (image.Row >= _file!.Rows) return null;
            var row = new float[_file.Dimension];
            _file.Read(image.Row, row);
            return row.AsSpan().ContainsAnyExcept(0f) ? row : null;
        }

        public void Dispose() => _file?.Dispose();
    }
}
