using Curator.Core.Images;
using Curator.Search.Indexes;

namespace Curator.Search.Partitions;

/// <summary>The partitions that a query concerns, leased, with what may be found in each. Several queries of the same filter may run on one plan, also at once. Ends with <see cref="Dispose"/>.</summary>
internal sealed class SearchPlan : IDisposable
{
    private readonly List<PartitionLease> _leases = [];
    private readonly Dictionary<int, RowAdmission?> _admissions = [];
    private readonly SearchTuning _tuning;
    private PartitionWork[] _work = [];
    private long _rowsCompared;
    private long _bytesRead;
    private bool _hasRun;

    private SearchPlan(SearchTuning tuning) => _tuning = tuning;

    /// <summary>The partitions by number.</summary>
    public SortedDictionary<int, OpenPartition> Open { get; } = [];

    /// <summary>Embedded rows of the partitions.</summary>
    public long Rows { get; private set; }

    /// <summary>Whether every search on this plan is exact.</summary>
    public bool IsExact => Array.TrueForAll(_work, work => work.Kind != WorkKind.Lists);

    /// <param name="partitions">Those with embeddings, and the stamps of their files.</param>
    /// <param name="scan">Leaves indexes aside.</param>
    public static async Task<SearchPlan> CreateAsync(
        CatalogSnapshot catalog, PartitionCache cache, IReadOnlyList<(Partition Partition, PartitionStamp Stamp)> partitions, SearchQuery query, SearchTuning tuning, bool scan,
        CancellationToken cancellationToken)
    {
        var plan = new SearchPlan(tuning);
        try
        {
            var labeled = await catalog.LabeledAsync(query.Filter?.Labels ?? [], cancellationToken);
            foreach (var (partition, stamp) in partitions)
            {
                if (query.Filter?.Admits(partition) == false) continue;
                var lease = await cache.LeaseAsync(partition, stamp, cancellationToken);
                plan._leases.Add(lease);
                plan.Open.Add(partition.Number, lease.Open);
                plan.Rows += lease.Open.Embeddings.Rows;
            }

            plan.CheckFree(query.Filter?.Columns ?? []);
            foreach (var (number, open) in plan.Open)
            {
                var hidden = await catalog.HiddenAsync(number, query.Without, cancellationToken);
                plan._admissions.Add(number, RowAdmission.Create(open, query, hidden, [.. labeled.Select(answers => (answers.Holds, answers.Rows[number].ToArray()))]));
            }

            var mode = scan ? SearchMode.Scan : plan.Rows < tuning.ExactBelow ? SearchMode.AllRows : SearchMode.Lists;
            plan._work = [.. plan.Open.Values.SelectMany(open => PartitionWork.Plan(open, plan._admissions[open.Partition.Number], mode))];
            return plan;
        }
        catch
        {
            plan.Dispose();
            throw;
        }
    }

    /// <exception cref="Core.WorkspaceException">A condition is on a column that no manifest has.</exception>
    private void CheckFree(IReadOnlyList<ColumnCondition> conditions)
    {
        if (Open.Count == 0 || conditions.All(condition => !condition.IsFree)) return;
        MetadataColumn[] free = [.. Open.Values.SelectMany(open => open.FreeColumns).Distinct()];
        foreach (var condition in conditions) condition.Check(free);
    }

    /// <summary>Whether an image of the planned partitions may be found.</summary>
    public bool Admits(int partition, long row) => _admissions[partition]?.Admits(row) != false;

    /// <summary>The nearest of all partitions, ascending, on this thread.</summary>
    public SearchHit[] Run(PreparedQuery query, int count, CancellationToken cancellationToken)
    {
        var lists = Choose(query, count);
        var found = new SearchHit[_work.Length][];
        for (var i = 0; i < found.Length; i++) found[i] = _work[i].Run(query, count, _tuning, lists[i], cancellationToken);
        return Merge(found, count);
    }

    /// <summary>The same on several threads; the same hits.</summary>
    public async Task<SearchHit[]> RunAsync(PreparedQuery query, int count, int threads, CancellationToken cancellationToken)
    {
        if (_work.Length <= 1 || threads == 1) return Run(query, count, cancellationToken);
        var lists = Choose(query, count);
        var found = new SearchHit[_work.Length][];
        var parallel = new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = threads == 0 ? Environment.ProcessorCount : threads };
        await Parallel.ForAsync(0, found.Length, parallel, (i, token) =>
        {
            found[i] = _work[i].Run(query, count, _tuning, lists[i], token);
            return ValueTask.CompletedTask;
        });
        return Merge(found, count);
    }

    /// <summary>Vectors compared so far by runs on this plan.</summary>
    public long RowsCompared => Interlocked.Read(ref _rowsCompared);

    /// <summary>Bytes that they took; those of centroids once, since the runs after the first find them in the processor's cache.</summary>
    public long BytesRead => Interlocked.Read(ref _bytesRead);

    private ulong[][] Choose(PreparedQuery query, int count)
    {
        var lists = ListBudget.Choose(_work, query, _tuning);
        var first = Interlocked.Exchange(ref _hasRun, true) is false;
        for (var i = 0; i < lists.Length; i++)
        {
            var (rows, bytes) = _work[i].Looks(lists[i], count, _tuning, first);
            Interlocked.Add(ref _rowsCompared, rows);
            Interlocked.Add(ref _bytesRead, bytes);
        }

        return lists;
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
