using Curator.Core.Images;
using Curator.Search.Indexes;
using Curator.Search.Kernels;

namespace Curator.Search.Partitions;

/// <summary>How a piece of a search is done.</summary>
internal enum WorkKind
{
    /// <summary>Rows without an index are read one after the other.</summary>
    Scan,

    /// <summary>All 8-bit rows of an index: exact.</summary>
    AllRows,

    /// <summary>Inverted lists of an index: approximate.</summary>
    Lists,

    /// <summary>Only the rows that a filter admits, where they are few: exact.</summary>
    FewRows,
}

/// <summary>
/// One piece of a search: part of a partition, done by one thread. A partition without an index is cut into pieces that are scanned; one with an index
/// is a piece, and its rows after the index's, the delta, are scanned.
/// </summary>
internal sealed class PartitionWork
{
    private const int RowsPerScan = 32_768;

    /// <summary>Below this many admitted rows, or this share, reading just those is cheaper than the lists they lie in, and exact.</summary>
    private const int FewRows = 4096;
    private const int FewShare = 64;

    /// <summary>Without an index, below this share of the rows picking them out is cheaper than reading all.</summary>
    private const int ScanShare = 16;

    private readonly OpenPartition _open;
    private readonly RowAdmission? _admission;
    private readonly long _firstRow;

    private PartitionWork(OpenPartition open, RowAdmission? admission, WorkKind kind, long firstRow, long rows) =>
        (_open, _admission, Kind, _firstRow, Rows) = (open, admission, kind, firstRow, rows);

    public WorkKind Kind { get; }

    public long Rows { get; }

    /// <summary>The index, for all kinds but scans.</summary>
    public PartitionIndex Index => _open.Index!;

    /// <summary>About how many of the rows may be found.</summary>
    public long Admitted => _admission is null ? Rows : Math.Min(Rows, _admission.Estimate);

    /// <param name="mode">How much of the archive is searched decides whether lists are needed at all.</param>
    public static IEnumerable<PartitionWork> Plan(OpenPartition open, RowAdmission? admission, SearchMode mode)
    {
        long scanned = 0;
        if (mode != SearchMode.Scan && open.Index is { Rows: > 0 } index)
        {
            scanned = index.Rows;
            yield return new PartitionWork(open, admission, KindFor(index, admission, mode), 0, index.Rows);
        }

        var kind = mode != SearchMode.Scan && admission?.Estimate <= open.Embeddings.Rows / ScanShare ? WorkKind.FewRows : WorkKind.Scan;
        for (; scanned < open.Embeddings.Rows; scanned += RowsPerScan)
            yield return new PartitionWork(open, admission, kind, scanned, Math.Min(RowsPerScan, open.Embeddings.Rows - scanned));
    }

    /// <summary>The nearest of this piece, ascending.</summary>
    /// <param name="lists">Lists to look at, for that kind; keys of distance and number.</param>
    public SearchHit[] Run(PreparedQuery query, int count, SearchTuning tuning, ReadOnlySpan<ulong> lists, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Kind == WorkKind.Lists && lists.IsEmpty) return [];
        count = (int)Math.Min(count, Rows);
        var nearest = new NearestReservoir(count);
        switch (Kind)
        {
            case WorkKind.Scan:
                ExactScan.Run(_open.Embeddings, query.Direction, _firstRow, Rows, _admission, nearest, cancellationToken);
                break;
            case WorkKind.FewRows:
                foreach (var rows in _admission!.RowsBetween(_firstRow, _firstRow + Rows).Select(row => (uint)row).Chunk(1024))
                    ExactScan.Take(_open.Embeddings, query.Direction, rows, nearest);
                break;
            case WorkKind.AllRows:
                Index.SearchAll(query, _open.Embeddings, count, _admission, nearest);
                break;
            default:
                Index.SearchLists(query, _open.Embeddings, count, lists, tuning.Candidates(count), _admission, nearest);
                break;
        }

        var keys = nearest.Sorted();
        var hits = new SearchHit[keys.Length];
        for (var i = 0; i < hits.Length; i++)
            hits[i] = new SearchHit(new ImageId(_open.Partition.Number, NearestReservoir.IdOf(keys[i])), NearestReservoir.DistanceOf(keys[i]));
        return hits;
    }

    /// <summary>Vectors that <see cref="Run"/> compares with the query, and the bytes it reads for it: stored rows of 2 bytes a number, 8-bit rows, 1-bit codes, centroids of 4 bytes a number.</summary>
    /// <param name="first">Whether centroids must be read.</param>
    public (long Rows, long Bytes) Looks(ReadOnlySpan<ulong> lists, int count, SearchTuning tuning, bool first)
    {
        long dimension = _open.Embeddings.Dimension;
        switch (Kind)
        {
            case WorkKind.Scan:
                return (Rows, Rows * dimension * (_open.Embeddings.Precision == Core.Embeddings.EmbeddingPrecision.Half ? 2 : 4));
            case WorkKind.FewRows:
                return (Admitted, Admitted * dimension * 2);
            case WorkKind.AllRows:
                return (Rows, Rows * dimension);
            default:
                var codes = Index.RowsOf(lists);
                var candidates = Math.Min(codes, Math.Max(tuning.Candidates(count), count));
                var finalists = Math.Min(candidates, SearchTuning.Finalists(count));
                return (Index.Lists + codes + candidates + finalists, (first ? Index.Lists * dimension * 4 : 0) + (codes * (dimension + 7) / 8) + (candidates * dimension) + (finalists * dimension * 2));
        }
    }

    private static WorkKind KindFor(PartitionIndex index, RowAdmission? admission, SearchMode mode)
    {
        if (admission is not null && (admission.Estimate <= FewRows || admission.Estimate <= index.Rows / FewShare)) return WorkKind.FewRows;
        return mode == SearchMode.AllRows || index.IsExact ? WorkKind.AllRows : WorkKind.Lists;
    }
}

/// <summary>How partitions with an index are searched.</summary>
internal enum SearchMode
{
    /// <summary>As if there were no index.</summary>
    Scan,

    /// <summary>Exactly, on the index's 8-bit rows.</summary>
    AllRows,

    /// <summary>Through lists where the index has them.</summary>
    Lists,
}
