using System.Text;

namespace Curator.Core;

/// <summary>
/// Names that become names of files and folders: ASCII letters, digits, dash, underscore and dot; not beginning with a dot or dash, not ending in a
/// dot, without two dots in a row, at most 100 long. No such name leads out of its folder.
/// </summary>
public static class Names
{
    private const int MaxLength = 100;

    public static bool IsValid(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.Length is > 0 and <= MaxLength
            && name[0] is not ('.' or '-') && name[^1] != '.'
            && !name.Contains("..", StringComparison.Ordinal)
            && name.All(IsAllowed);
    }

    /// <param name="what">What the name is of, for the error: <c>product</c>.</param>
    /// <exception cref="WorkspaceException">The name is none.</exception>
    public static string Check(string name, string what) => IsValid(name)
        ? name
        : throw new WorkspaceException(
            $"'{name}' cannot be the name of a {what}.", $"Use letters, digits, '-', '_' and '.' only, for example '{ToValid(name)}'.");

    /// <summary>The nearest valid name of any text, for a folder's name that becomes a product's: other characters turn to '_'.</summary>
    public static string ToValid(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var name = new StringBuilder(Math.Min(text.Length, MaxLength));
        foreach (var c in text)
        {
            if (name.Length == MaxLength) break;
            var next = IsAllowed(c) ? c : '_';
            if (next == '.' && name.Length > 0 && name[^1] == '.') next = '_';
            if (name.Length == 0 && (next is '.' or '-')) next = '_';
            name.Append(next);
        }

        if (name.Length == 0) return "_";
        if (name[^1] == '.') name[^1] = '_';
        return name.ToString();
    }

    private static bool IsAllowed(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.';
}
