namespace Curator.Core.Settings;

/// <summary>The name that was probably meant.</summary>
public static class NearMiss
{
    /// <summary>The candidate nearest to <paramref name="text"/> by edits (at most a third of its length, at least two); null when none is near.</summary>
    public static string? Find(string text, IEnumerable<string> candidates)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(candidates);
        var limit = Math.Max(2, text.Length / 3);
        string? nearest = null;
        foreach (var candidate in candidates)
        {
            var distance = Distance(text.ToLowerInvariant(), candidate.ToLowerInvariant());
            if (distance > limit) continue;
            limit = distance - 1;
            nearest = candidate;
        }

        return nearest;
    }

    /// <summary>Levenshtein distance by the two-row recurrence; O(|a|·|b|).</summary>
    internal static int Distance(string a, string b)
    {
        var previous = Enumerable.Range(0, b.Length + 1).ToArray();
        var current = new int[b.Length + 1];
        for (var i = 1; i <= a.Length; i++)
        {
            current[0] = i;
            for (var j = 1; j <= b.Length; j++)
                current[j] = Math.Min(Math.Min(current[j - 1], previous[j]) + 1, previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
            (previous, current) = (current, previous);
        }

        return previous[b.Length];
    }
}
