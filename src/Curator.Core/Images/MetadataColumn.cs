using System.Text;

namespace Curator.Core.Images;

/// <summary>What a free column of a manifest holds.</summary>
public enum MetadataKind
{
    Text,
    Number,
}

/// <summary>A free column of a manifest: what people's own lists and containers say of their pictures, beside what Curator finds out itself.</summary>
/// <param name="Name">As <see cref="ToName"/> gives it.</param>
public sealed record MetadataColumn(string Name, MetadataKind Kind)
{
    private const int MaxLength = 60;

    private static readonly HashSet<string> s_taken =
    [
        "uri", "sha256", "size_bytes", "modified_ns", "width", "height", "channels", "bit_depth", "folder", "perceptual_hash", "mean_luma", "luma_deviation", "nodata_share",
        "taken_at", "south", "west", "north", "east", "cloud_share", "sharpness", "rendering", "gap_mask", "file",
    ];

    /// <summary>Whether a name can be that of a free column: <c>[a-z][a-z0-9_]*</c>, at most 60 long, and none of the manifest's own.</summary>
    public static bool IsValid(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.Length is > 0 and <= MaxLength && char.IsAsciiLetterLower(name[0])
            && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_') && !s_taken.Contains(name);
    }

    /// <summary>The column's name for a heading: lower case, other characters as '_'; a heading that is one of the manifest's own columns gets <c>given_</c> before it.</summary>
    public static string ToName(string heading)
    {
        ArgumentNullException.ThrowIfNull(heading);
        var name = new StringBuilder();
        foreach (var c in heading.Trim())
        {
            if (name.Length == MaxLength - 6) break;
            var lower = char.ToLowerInvariant(c);
            if (char.IsAsciiLetterLower(lower) || char.IsAsciiDigit(lower)) name.Append(lower);
            else if (name.Length > 0 && name[^1] != '_') name.Append('_');
        }

        var text = name.ToString().TrimEnd('_');
        return IsValid(text) ? text : text.Length == 0 ? "given" : $"given_{text}";
    }

    /// <summary>The columns of both, by name; a column that is of numbers in one and of text in the other becomes text.</summary>
    public static IReadOnlyList<MetadataColumn> Union(IReadOnlyList<MetadataColumn> first, IReadOnlyList<MetadataColumn> second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        var all = new SortedDictionary<string, MetadataKind>(StringComparer.Ordinal);
        foreach (var column in first.Concat(second))
            all[column.Name] = all.TryGetValue(column.Name, out var kind) && kind != column.Kind ? MetadataKind.Text : column.Kind;
        return [.. all.Select(column => new MetadataColumn(column.Key, column.Value))];
    }
}
