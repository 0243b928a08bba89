using Curator.Labeling.Classification;

namespace Curator.Labeling.Export;

/// <summary>
/// File names in an ImageFolder: <c>CLASS/FILE</c>. Where several images of a class have the same file name (letter case ignored, for file systems that ignore it), each of
/// them gets its id: <c>tile~3-17.jpg</c>. So a name never depends on the order of the images.
/// </summary>
internal sealed class ExportNames
{
    private readonly Dictionary<string, int> _uses = new(StringComparer.OrdinalIgnoreCase);

    public void Count(FinalLabel label)
    {
        var plain = Plain(label);
        _uses[plain] = _uses.GetValueOrDefault(plain) + 1;
    }

    /// <summary>Relative, with '/'.</summary>
    public string NameOf(FinalLabel label)
    {
        var plain = Plain(label);
        if (_uses[plain] == 1 && !plain.Contains('~', StringComparison.Ordinal)) return plain;
        var extension = Path.GetExtension(plain);
        return $"{plain[..^extension.Length]}~{label.Image}{extension}";
    }

    public static string Folder(string className)
    {
        var safe = new string([.. className.Select(c => char.IsControl(c) || "/\\:*?\"<>|".Contains(c, StringComparison.Ordinal) ? '_' : c)]).Trim().TrimEnd('.');
        return safe.Length == 0 || safe.StartsWith('.') ? "_" + safe : safe;
    }

    private static string Plain(FinalLabel label) => $"{Folder(label.Class)}/{Path.GetFileName(label.Record.Uri)}";
}
