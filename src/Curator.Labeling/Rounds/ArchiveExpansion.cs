using System.Globalization;
using System.Text.Json;
using Curator.Core;
using Curator.Core.Images;
using Curator.Core.Labels;
using Curator.Labeling.Strategies;
using Curator.Search;
using Curator.Search.Indexes;

namespace Curator.Labeling.Rounds;

/// <summary>
/// Looks around in the whole archive between rounds: the neighbours of positive and of confusing images join a pool that is only a sample. What joined before a round is kept in the
/// catalog, so that a run that goes on has the same pool, row by row. With indexes a round costs the same whatever the archive's size: about
/// <see cref="RowsASearch"/> vectors a search.
/// </summary>
internal sealed class ArchiveExpansion(Workspace workspace, EmbeddingSource source, LabelingTask task, LearnOptions options) : IDisposable
{
    private const int RowsASearch = 20_000;

    /// <summary>A centroid has 4 bytes a number where a row's code has a bit.</summary>
    private const int CentroidWeight = 2;

    /// <summary>Rows that are looked at however many centroids there are.</summary>
    private const int FewestCodes = RowsASearch / 5;

    /// <summary>For each hit, from each partition.</summary>
    private const int FewestCandidates = 5;

    private PartitionedSearch? _search;

    /// <summary>What joined before a round, as kept; null when nothing is kept for it.</summary>
    public async Task<Joined?> KeptAsync(int round, CancellationToken cancellationToken) =>
        await workspace.Catalog.GetValueAsync(Key(round), cancellationToken) is { } json && JsonSerializer.Deserialize<Stored>(json) is { } stored
            ? new Joined([.. stored.Images.Select(text => ImageId.Parse(text, CultureInfo.InvariantCulture))], stored.Compared, stored.Bytes) : null;

    /// <summary>Finds and keeps what joins before a round.</summary>
    /// <param name="answered">Images that the last round asked, with their present answers.</param>
    public async Task<Joined> GrowAsync(
        int round, LearnPool pool, PoolState state, IReadOnlyList<(ImageId Image, int Answer)> answered, CancellationToken cancellationToken)
    {
        var (compared, bytes) = (_search?.RowsCompared ?? 0, _search?.BytesRead ?? 0);
        var found = new List<ImageId>();
        var known = new HashSet<ImageId>();
        var vectors = Around(pool, state, answered).Select(image => source.Read([image])).Where(vector => vector.AsSpan().ContainsAnyExcept(0f)).ToArray();
        if (vectors.Length > 0)
        {
            _search ??= new PartitionedSearch(workspace, source.Encoder, new PartitionedSearchOptions { Tuning = Tuning() });
            foreach (var hits in await _search.SearchEachAsync(vectors, options.ExpandNeighbours + 1, cancellationToken))
                foreach (var hit in hits)
                    if (pool.IndexOf(hit.Image) < 0 && source.IsEligible(hit.Image) && known.Add(hit.Image))
                        found.Add(hit.Image);
        }
        var joined = new Joined(found, (_search?.RowsCompared ?? 0) - compared, (_search?.BytesRead ?? 0) - bytes);
        await workspace.Catalog.SetValueAsync(Key(round), JsonSerializer.Serialize(new Stored([.. found.Select(i => i.ToString())], joined.Compared, joined.Bytes)), cancellationToken);
        return joined;
    }

    public void Dispose() => _search?.Dispose();

    /// <summary>As many positives of the last round, newest first, as fill half; the rest the most uncertain open images. With neighbours as candidates, all that was answered.</summary>
    private List<ImageId> Around(LearnPool pool, PoolState state, IReadOnlyList<(ImageId Image, int Answer)> answered)
    {
        if (options.Candidates == CandidateKind.Neighbours) return [.. answered.Where(a => a.Answer >= 0).Select(a => a.Image)];
        var around = answered.Where(a => a.Answer == 0 || (task.Classes.Count > 2 && a.Answer > 0)).Select(a => a.Image).Take((options.ExpandImages + 1) / 2).ToList();
        if (state.Head is null) return around;
        var uncertain = new MarginStrategy().Select(state.ToQueryPool(pool, 0), options.ExpandImages - around.Count, default);
        around.AddRange(uncertain.Select(row => pool.Images[row]));
        return around;
    }

    /// <summary>
    /// So many lists that a search looks at about <see cref="RowsASearch"/> vectors, with the centroids of the lists, of which a partition has the root of its rows. Every partition gives
    /// candidates for exact comparison, so that each is asked for its share of the usual number.
    /// </summary>
    private SearchTuning Tuning()
    {
        var rows = source.Parts.Sum(part => (double)part.File.Rows);
        var centroids = source.Parts.Sum(part => Math.Sqrt(part.File.Rows));
        var codes = Math.Max(FewestCodes, RowsASearch - (CentroidWeight * centroids));
        return new SearchTuning
        {
            Probes = (int)Math.Clamp(Math.Round(codes / Math.Sqrt(rows)), 1, 1 << 20), ExactBelow = RowsASearch,
            CandidatesPerHit = Math.Max(FewestCandidates, new SearchTuning().CandidatesPerHit / Math.Max(1, source.Parts.Count)),
        };
    }

    private string Key(int round) => string.Create(CultureInfo.InvariantCulture, $"learn.{task.Name}.grown.{source.Encoder.Id}.{round}");

    private sealed record Stored(string[] Images, long Compared, long Bytes);
}

/// <summary>What expansion brought before a round.</summary>
/// <param name="Images">In the order in which they join.</param>
/// <param name="Compared">Vectors that the searches compared.</param>
/// <param name="Bytes">Bytes that they read.</param>
internal sealed record Joined(IReadOnlyList<ImageId> Images, long Compared, long Bytes);
