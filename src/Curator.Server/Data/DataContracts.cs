using System.ComponentModel;
using Curator.Core.Shards;

namespace Curator.Server.Data;

/// <summary>All that a project holds.</summary>
internal sealed record DataDescription(
    string Workspace, long Images, IReadOnlyList<PartitionDescription> Partitions, IReadOnlyList<StageDescription> Stages, IReadOnlyList<RunningWork> Running, DiskUse Disk);

/// <param name="Marked">Images by what happened to them: vanished, changed, duplicate, hidden.</param>
/// <param name="Refused">Files that could not be taken in, by reason.</param>
/// <param name="EmbeddedWith">Encoders that have embeddings here.</param>
/// <param name="IndexedWith">Encoders that have an index here.</param>
/// <param name="Bytes">Of the files that the project keeps of it.</param>
internal sealed record PartitionDescription(
    int Number,
    string Name,
    long Images,
    [property: Description("Images by what happened to them since they were added.")] IReadOnlyDictionary<string, long> Marked,
    [property: Description("Files that could not be taken in, by reason.")] IReadOnlyDictionary<string, long> Refused,
    IReadOnlyList<string> EmbeddedWith,
    IReadOnlyList<string> IndexedWith,
    [property: Description("Of the files that the project keeps of the partition.")] long Bytes);

/// <summary>Shards of a stage.</summary>
internal sealed record StageDescription(string Stage, ShardState State, long Shards, long Units, long Done, long Skipped);

/// <summary>Rounds or a sweep of a task that a page began.</summary>
/// <param name="Total">0 where it is not known how much there is.</param>
internal sealed record RunningWork(string Task, string Work, string State, long Done, long Total, bool Elsewhere);

/// <param name="Kinds">Bytes by kind, the largest first.</param>
/// <param name="Free">On the project's file system; null where that is not told.</param>
internal sealed record DiskUse(IReadOnlyList<DiskKind> Kinds, long Total, long? Free);

/// <param name="Kind">manifests, embeddings, indexes, scores, predictions, encoders, exports, work, database, other.</param>
internal sealed record DiskKind(string Kind, long Files, long Bytes);

/// <summary>Health of the pictures of a partition.</summary>
/// <param name="Read">Images looked at: all, or of large partitions rows drawn evenly; counts are of these.</param>
/// <param name="Problems">Images by what is odd about them: no-data, dark, bright, featureless, tiny, long.</param>
/// <param name="Luma">Images by mean luma in sixteen equal steps.</param>
/// <param name="Sizes">The most frequent ones.</param>
/// <param name="SameBytes">Images with the bytes of an earlier one.</param>
internal sealed record PartitionHealth(
    long Read,
    long Images,
    IReadOnlyDictionary<string, long> Problems,
    IReadOnlyList<OddImages> Examples,
    IReadOnlyList<long> Luma,
    IReadOnlyList<SizeCount> Sizes,
    long Placed,
    long Dated,
    DateTimeOffset? First,
    DateTimeOffset? Last,
    long SameBytes);

/// <summary>A few images with one problem.</summary>
internal sealed record OddImages(string Problem, IReadOnlyList<OddImage> Images);

internal sealed record OddImage(string ImageId, string Picture);

internal sealed record SizeCount(int Width, int Height, long Images);

/// <summary>An encoder and what its card says.</summary>
/// <param name="Problem">Why its card cannot be read; null when it can.</param>
/// <param name="Images">That it was trained on; 0 for one that was not trained here.</param>
/// <param name="Settings">Of its training that are not lists.</param>
internal sealed record EncoderDescription(
    string Id,
    DateTimeOffset CreatedAt,
    int Dimension,
    string? Kind,
    string? Architecture,
    int ImageSize,
    string? Preprocessing,
    long Images,
    long Steps,
    string? From,
    string? Task,
    int Labels,
    IReadOnlyDictionary<string, double> Metrics,
    IReadOnlyDictionary<string, string> Settings,
    long Bytes,
    string? Problem);

/// <summary>Loss against steps, at most a few hundred points, averaged between.</summary>
internal sealed record TrainingCurve(IReadOnlyList<CurvePoint> Loss, IReadOnlyList<CurvePoint> Validation, double? ImagesPerSecond);

internal sealed record CurvePoint(double Step, double Value);
