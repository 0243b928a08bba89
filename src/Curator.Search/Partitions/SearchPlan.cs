using Curator.Core;
using Curator.Core.Images;
using Curator.Search.Indexes;

namespace Curator.Search.Partitions;

/// <summary>The partitions that a query concerns, leased, with what may be found in each. Several queries of the same filter may run on one plan, also at once. Ends with <see cref="Dispose"/>.</summary>
internal sealed class SearchPlan : IDisposable
{
    private readonly List<PartitionLease> _leases = [];
    private readonly List<PartitionWork> _work = [];
    private readonly Dictionary<int, RowAdmission?> _admissions = [];

    private SearchPlan()
    {
    }

    /// <summary>The partitions by number.</summary>
    public Dictionary<int, OpenPartition> Open { get; } = [];

    /// <summary>Embedded rows of the partitions.</summary>
    public long Rows => Open.Values.Sum(open => open.Embeddings.Rows);

    public static async Task<SearchPlan> CreateAsync(
        Workspace workspace, PartitionCache cache, IReadOnlyList<Partition> partitions, SearchQuery query, bool exact, CancellationToken cancellationToken)
    {
        var plan = new SearchPlan();
        try
        {
            foreach (var partition in partitions)
            {
                if (query.Filter?.Admits(partition) == false) continue;
                var lease = await cache.LeaseAsync(partition, cancellationToken);
                plan._leases.Add(lease);
                plan.Open.Add(partition.Number, lease.Open);
                var states = query.Without.Count == 0 ? RowAdmission.NoStates : await workspace.Catalog.GetImageStatesAsync(partition.Number, cancellationToken);
                var admission = RowAdmission.Create(lease.Open, query, states);
                plan._admissions.Add(partition.Number, admission);
                plan._work.AddRange(PartitionWork.Plan(lease.Open, admission, exact));
            }

            return plan;
        }
        catch
        {
            plan.Dispose();
            throw;
        }
    }

    /// <summary>Whether an image of the planned partitions may be found.</summary>
    public bool Admits(int partition, long row) => _admissions[partition]?.Admits(row) != false;

    /// <summary>The nearest of all partitions, ascending, on this thread.</summary>
    public SearchHit[] Run(PreparedQuery query, int count, SearchTuning tuning, CancellationToken cancellationToken)
    {
        var found = new SearchHit[_work.Count][];
        for (var i = 0; i < found.Length; i++) found[i] = _work[i].Run(query, count, tuning, cancellationToken);
        return Merge(found, count);
    }

    /// <summary>The same on several threads.</summary>
    public async Task<SearchHit[]> RunAsync(PreparedQuery query, int count, SearchTuning tuning, int threads, CancellationToken cancellationToken)
    {
        if (_work.Count <= 1 || threads == 1) return Run(query, count, tuning, cancellationToken);
        var found = new SearchHit[_work.Count][];
        var parallel = new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = threads == 0 ? Environment.ProcessorCount : threads };
        await Parallel.ForAsync(0, found.Length, parallel, (i, token) =>
        {
            found[i] = _work[i].Run(query, count, tuning, token);
            return ValueTask.CompletedTask;
        });
        return Merge(found, count);
    }

    public void Dispose()
    {
        foreach (var lease in _leases) lease.Dispose();
        _leases.Clear();
    }

    private static SearchHit[] Merge(SearchHit[][] found, int count)
    {
        if (found.Length == 1) return found[0];
        var all = found.SelectMany(hits => hits).ToArray();
        Array.Sort(all);
        return all.Length <= count ? all : all[..count];
    }
}
