using ParquetSharp;

namespace Curator.Core.Manifests;

/// <summary>Columns and metadata keys of <c>images.parquet</c> (docs/design/files.md). Standard flat types, so that any Parquet reader opens it.</summary>
internal static class ManifestSchema
{
    public const int Version = 1;
    public const int RowsPerGroup = 8192;

    public const string VersionKey = "curator.manifest";
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

    public static Column[] CreateColumns() =>
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
    ];
}
