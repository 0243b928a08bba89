using Curator.Core;
using Curator.Core.Images;

namespace Curator.Imagery.Health;

/// <summary>What may be the matter with a picture that could be read.</summary>
public enum HealthProblem
{
    /// <summary>More than half of it was never seen.</summary>
    NoData,

    /// <summary>Its mean brightness, where it was seen, is below 16 of 255.</summary>
    Dark,

    /// <summary>Its brightness deviates less than 4: nothing can be learnt of it, and it resembles all others like it.</summary>
    Featureless,

    /// <summary>It has edges, and all of them are soft (<see cref="ImageRecord.Sharpness"/> below 0.75).</summary>
    Blurry,

    /// <summary>More than 95 % of it are clouds.</summary>
    Cloudy,

    /// <summary>Its size is not that of nine in ten pictures of its partition.</summary>
    OddSize,
}

/// <summary>One kind of problem and how often it is there.</summary>
/// <param name="Examples">Addresses of the first ones, at most <see cref="PictureHealth.MaxExamples"/>.</param>
public sealed record HealthFinding(HealthProblem Problem, long Images, IReadOnlyList<string> Examples);

/// <summary>
/// Counts pictures with problems by what their rows say; no picture is read. A picture counts under the first problem of <see cref="HealthProblem"/> that it has, and under
/// <see cref="HealthProblem.OddSize"/> besides. The limits' errors are in docs/design/imagery.md.
/// </summary>
public static class PictureHealth
{
    public const int MaxExamples = 3;

    private const float NoDataAbove = 0.5f;
    private const float DarkBelow = 16;
    private const float FeaturelessBelow = 4;
    private const float BlurryBelow = 0.75f;
    private const float CloudyAbove = 0.95f;
    private const double UsualShare = 0.9;

    /// <summary>Streams the partition's manifest: O(rows), about 275,000 a second.</summary>
    /// <exception cref="ArtefactException">The manifest is damaged.</exception>
    public static IReadOnlyList<HealthFinding> Of(Workspace workspace, Partition partition, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentNullException.ThrowIfNull(partition);
        if (partition.Rows == 0) return [];
        var found = new SortedDictionary<HealthProblem, (long Images, List<string> Examples)>();
        var sizes = new Dictionary<(int Width, int Height), (long Images, List<string> Examples)>();
        using var manifest = workspace.OpenManifest(partition);
        long row = 0;
        foreach (var record in manifest.Read())
        {
            if ((++row & 8191) == 0) cancellationToken.ThrowIfCancellationRequested();
            if (ProblemOf(record) is { } problem) found[problem] = Counted(found.GetValueOrDefault(problem), record.Uri);
            sizes[(record.Width, record.Height)] = Counted(sizes.GetValueOrDefault((record.Width, record.Height)), record.Uri);
        }

        var usual = sizes.MaxBy(size => size.Value.Images);
        if (usual.Value.Images < row && usual.Value.Images >= UsualShare * row)
        {
            var odd = sizes.Where(size => size.Key != usual.Key).OrderBy(size => size.Key).ToList();
            found[HealthProblem.OddSize] = (odd.Sum(size => size.Value.Images), [.. odd.SelectMany(size => size.Value.Examples).Take(MaxExamples)]);
        }

        return [.. found.Select(pair => new HealthFinding(pair.Key, pair.Value.Images, pair.Value.Examples))];
    }

    /// <summary>The first problem that a row tells of, size apart; null when none.</summary>
    internal static HealthProblem? ProblemOf(ImageRecord record)
    {
        if (record.NoDataShare > NoDataAbove) return HealthProblem.NoData;
        if (record.MeanLuma < DarkBelow * (1 - record.NoDataShare)) return HealthProblem.Dark;
        if (record.LumaDeviation < FeaturelessBelow) return HealthProblem.Featureless;
        if (record.CloudShare > CloudyAbove) return HealthProblem.Cloudy;
        return record.Sharpness < BlurryBelow ? HealthProblem.Blurry : null;
    }

    private static (long Images, List<string> Examples) Counted((long Images, List<string>? Examples) before, string uri)
    {
        var examples = before.Examples ?? [];
        if (examples.Count < MaxExamples) examples.Add(uri);
        return (before.Images + 1, examples);
    }
}
