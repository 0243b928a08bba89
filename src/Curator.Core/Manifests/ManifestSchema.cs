using Curator.Core.Images;
using ParquetSharp;

namespace Curator.Core.Manifests;

/// <summary>Columns and metadata keys of <c>images.parquet</c> (docs/design/files.md). Standard flat types, so that any Parquet reader opens it.</summary>
internal static class ManifestSchema
{
    public const int Version = 2;

    /// <summary>Read still: without the columns from <c>cloud_share</c> on.</summary>
    public const int OldestVersion = 1;

    public const int RowsPerGroup = 8192;

    public const string VersionKey = "curator.manifest";
    /// <summary>Free columns: <c>NAME:text</c> or <c>NAME:number</c>, comma-separated, by name; they are the last columns.</summary>
    public const string FreeColumnsKey = "curator.columns";

    public const string RowsKey = "curator.rows";
    public const string FingerprintKey = "curator.fingerprint";

    /// <summary><c>end:checksum</c> of the bytes of each row group, comma-separated; the first begins at 0, each next where the one before ended.</summary>
    public const string RowGroupsKey = "curator.row-groups";

    /// <summary>Holds <see cref="TailMarker"/>; its name sorts and is written last.</summary>
    public const string TailKey = "curator.tail";

    /// <summary>
    /// Followed by 16 digits of where the tail begins, a colon, and 16 digits of XxHash3 over the bytes from there to the end of the file,
    /// these 16 digits being zeros.
    /// </summary>
    public const string TailMarker = "curator-tail-xxh3:";

    public static Column[] CreateColumns(IReadOnlyList<MetadataColumn> free) =>
    [
        new Column<string>("uri"),
        new Column<string>("sha256"),
        new Column<long>("size_bytes"),
        new Column<long>("modified_ns"),
        new Column<int>("width"),
        new Column<int>("height"),
        new Column<int>("channels"),
        new Column<int>("bit_depth"),
        new Column<string>("folder"),
        new Column<long>("perceptual_hash"),
        new Column<float>("mean_luma"),
        new Column<float>("luma_deviation"),
        new Column<float>("nodata_share"),
        new Column<DateTime?>("taken_at", LogicalType.Timestamp(true, TimeUnit.Micros)),
        new Column<double?>("south"),
        new Column<double?>("west"),
        new Column<double?>("north"),
        new Column<double?>("east"),
        new Column<float?>("cloud_share"),
        new Column<float?>("sharpness"),
        new Column<string>("rendering"),
        new Column<byte[]>("gap_mask"),
        .. free.Select(Column (column) => column.Kind == MetadataKind.Number ? new Column<double?>(column.Name) : new Column<string>(column.Name)),
    ];

    public static string FormatFree(IReadOnlyList<MetadataColumn> free) =>
        string.Join(',', free.Select(column => $"{column.Name}:{(column.Kind == MetadataKind.Number ? "number" : "text")}"));

    /// <exception cref="FormatException">Not as <see cref="FormatFree"/> writes it.</exception>
    public static IReadOnlyList<MetadataColumn> ParseFree(string text)
    {
        if (text.Length == 0) return [];
        return Array.ConvertAll(text.Split(','), part => part.Split(':') switch
        {
            [var name, "number"] when MetadataColumn.IsValid(name) => new MetadataColumn(name, MetadataKind.Number),
            [var name, "text"] when MetadataColumn.IsValid(name) => new MetadataColumn(name, MetadataKind.Text),
            _ => throw new FormatException($"'{part}' is no free column"),
        });
    }
}
