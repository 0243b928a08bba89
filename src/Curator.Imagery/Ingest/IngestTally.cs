using Curator.Core.Images;

namespace Curator.Imagery.Ingest;

/// <summary>Counts of an ingest while it goes on. Not thread-safe.</summary>
internal sealed class IngestTally
{
    private readonly SortedDictionary<ImageProblem, long> _refused = [];
    private readonly List<RejectedFile> _examples = [];

    public long Added { get; set; }

    public long AlreadyThere { get; set; }

    public long Changed { get; set; }

    public long Vanished { get; set; }

    public void Refuse(RejectedFile file)
    {
        _refused[file.Problem] = _refused.GetValueOrDefault(file.Problem) + 1;
        if (_examples.Count < IngestReport.MaxExamples) _examples.Add(file);
    }

    public IngestReport ToReport(IReadOnlyList<Partition> partitions) =>
        new(partitions, Added, AlreadyThere, Changed, Vanished, _refused, _examples);
}
