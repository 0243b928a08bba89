using Curator.Core.Images;
using Curator.Search.Indexes;
using Curator.Search.Kernels;

namespace Curator.Search.Partitions;

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

    private readonly OpenPartition _open;
    private readonly RowAdmission? _admission;
    private readonly bool _useIndex;
    private readonly long _firstRow;
    private readonly long _rows;

    private PartitionWork(OpenPartition open, RowAdmission? admission, bool useIndex, long firstRow, long rows) =>
        (_open, _admission, _useIndex, _firstRow, _rows) = (open, admission, useIndex, firstRow, rows);

    public static IEnumerable<PartitionWork> Plan(OpenPartition open, RowAdmission? admission, bool exact)
    {
        long scanned = 0;
        if (!exact && open.Index is { } index)
        {
            scanned = index.Rows;
            yield return new PartitionWork(open, admission, useIndex: true, 0, index.Rows);
        }

        for (; scanned < open.Embeddings.Rows; scanned += RowsPerScan)
            yield return new PartitionWork(open, admission, useIndex: false, scanned, Math.Min(RowsPerScan, open.Embeddings.Rows - scanned));
    }

    /// <summary>The nearest of this piece, ascending.</summary>
    public SearchHit[] Run(PreparedQuery query, int count, SearchTuning tuning, CancellationToken cancellationToken)
    {
        if (_rows == 0) return [];
        var nearest = new NearestReservoir((int)Math.Min(count, _rows));
        if (_useIndex) SearchIndex(query, Math.Min(count, (int)_rows), tuning, nearest, cancellationToken);
        else ExactScan.Run(_open.Embeddings, query.Direction, _firstRow, _rows, _admission, nearest, cancellationToken);
        var keys = nearest.Sorted();
        var hits = new SearchHit[keys.Length];
        for (var i = 0; i < hits.Length; i++)
            hits[i] = new SearchHit(new ImageId(_open.Partition.Number, NearestReservoir.IdOf(keys[i])), NearestReservoir.DistanceOf(keys[i]));
        return hits;
    }

    private void SearchIndex(PreparedQuery query, int count, SearchTuning tuning, NearestReservoir nearest, CancellationToken cancellationToken)
    {
        var index = _open.Index!;
        var probes = tuning.Probes;
        if (_admission is not null && !index.IsExact)
        {
            var admitted = _admission.Estimate;
            if (admitted <= FewRows || admitted <= index.Rows / FewShare)
            {
                foreach (var row in _admission.RowsBelow(index.Rows))
                    if (ExactScan.Distance(_open.Embeddings, query.Direction, row) is { } distance)
                        nearest.Add(distance, (uint)row);
                return;
            }

            // As many admitted vectors are looked at as all vectors without a filter, so that the recall stays.
            probes = (int)Math.Min(int.MaxValue, Math.Ceiling(probes * ((double)index.Rows / admitted)));
        }

        cancellationToken.ThrowIfCancellationRequested();
        index.Search(query, _open.Embeddings, count, probes, tuning.Candidates(count), _admission, nearest);
    }
}
