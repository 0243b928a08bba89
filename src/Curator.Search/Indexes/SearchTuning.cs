using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Curator.Core;
using Curator.Core.Catalogs;

namespace Curator.Search.Indexes;

/// <summary>How much of an index with lists a search reads: more finds more and costs more. Exact partitions have no use for it.</summary>
public sealed record SearchTuning
{
    /// <summary>
    /// Lists whose vectors are looked at, were all rows in one index with √rows lists; with several partitions as many vectors are looked at, in the nearest lists of all.
    /// With a filter, as many that pass it.
    /// </summary>
    [Range(1, 1 << 20)]
    public int Probes { get; init; } = 32;

    /// <summary>Searches over fewer rows in all are exact: on 8-bit rows with a proven bound, then on the stored ones.</summary>
    [Range(0, int.MaxValue)]
    public int ExactBelow { get; init; } = 100_000;

    /// <summary>Candidates of the 1-bit scan for each hit wanted, that are compared on 8-bit rows.</summary>
    [Range(1, 10_000)]
    public int CandidatesPerHit { get; init; } = 20;

    /// <summary>Recall@10 that was measured with these values; 0 when they were not measured.</summary>
    [Range(0.0, 1.0)]
    public double MeasuredRecall { get; init; }

    internal int Candidates(int count) => checked((int)Math.Min(int.MaxValue / 8, ((long)CandidatesPerHit * count) + 10));

    /// <summary>Of the candidates, those that are compared on stored rows.</summary>
    internal static int Finalists(int count) => checked(count + Math.Max(6, count / 2));

    /// <summary>What was chosen for an encoder, or the defaults.</summary>
    public static async Task<SearchTuning> LoadAsync(Workspace workspace, EncoderRow encoder, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentNullException.ThrowIfNull(encoder);
        var json = await workspace.Catalog.GetValueAsync(Key(encoder), cancellationToken);
        return (json is null ? null : JsonSerializer.Deserialize<SearchTuning>(json)) ?? new SearchTuning();
    }

    /// <summary>Makes these values an encoder's defaults.</summary>
    public Task SaveAsync(Workspace workspace, EncoderRow encoder, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentNullException.ThrowIfNull(encoder);
        return workspace.Catalog.SetValueAsync(Key(encoder), JsonSerializer.Serialize(this), cancellationToken);
    }

    private static string Key(EncoderRow encoder) => $"search-tuning/{encoder.Id}";
}
