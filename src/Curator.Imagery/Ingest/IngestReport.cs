using Curator.Core.Images;

namespace Curator.Imagery.Ingest;

/// <summary>What an ingest did.</summary>
/// <param name="Partitions">The partitions that the pictures are in, as they are now.</param>
/// <param name="Added">Rows appended, those of changed files included.</param>
/// <param name="AlreadyThere">Files that had a row and are as they were.</param>
/// <param name="Changed">Files whose bytes differ from their row's: the old row is marked, and the new bytes got a new row or were refused.</param>
/// <param name="Vanished">Rows of these roots whose file is not there now; they are marked.</param>
/// <param name="Refused">How many files were not taken in, by reason.</param>
/// <param name="Examples">The first refused files, at most <see cref="MaxExamples"/>.</param>
public sealed record IngestReport(
    IReadOnlyList<Partition> Partitions,
    long Added,
    long AlreadyThere,
    long Changed,
    long Vanished,
    IReadOnlyDictionary<ImageProblem, long> Refused,
    IReadOnlyList<RejectedFile> Examples)
{
    public const int MaxExamples = 20;

    /// <summary>Several ingests as one.</summary>
    public static IngestReport Together(IReadOnlyCollection<IngestReport> reports) => new(
        [.. reports.SelectMany(report => report.Partitions).DistinctBy(partition => partition.Number)],
        reports.Sum(report => report.Added),
        reports.Sum(report => report.AlreadyThere),
        reports.Sum(report => report.Changed),
        reports.Sum(report => report.Vanished),
        new SortedDictionary<ImageProblem, long>(reports.SelectMany(report => report.Refused).GroupBy(pair => pair.Key).ToDictionary(group => group.Key, group => group.Sum(pair => pair.Value))),
        [.. reports.SelectMany(report => report.Examples).Take(MaxExamples)]);
}
