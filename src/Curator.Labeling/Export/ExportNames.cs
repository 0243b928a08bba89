using Curator.Labeling.Classification;

namespace Curator.Labeling.Export;

/// <summary>
/// File names in class folders: <c>CLASS/FILE</c>. Where several images of a class have the same file name (letter case ignored, for file systems that ignore it), each of
/// them gets its id: <c>tile~3-17.jpg</c>. So a name never depends on the order of the images. Names are kept as 64-bit hashes: 16 bytes an image or so; two names of one hash would
/// only get ids they do not need.
/// </summary>
internal sealed class ExportNames
{
    private readonly HashSet<ulong> _once = [];
    private readonly HashSet<ulong> _often = [];

    public void Count(FinalLabel label)
    {
        var hash = Hash(Plain(label));
        if (!_once.Add(hash)) _often.Add(hash);
    }

    /// <summary>Relative, with '/'.</summary>
    public string NameOf(FinalLabel label)
    {
        var plain = Plain(label);
        if (!_often.Contains(Hash(plain)) && !plain.Contains('~', StringComparison.Ordinal)) return plain;
        var extension = Path.GetExtension(plain);
        return $"{plain[..^extension.Length]}~{label.Image}{extension}";
    }

    public static string Folder(string className)
    {
        var safe = new string([.. className.Select(c => char.IsControl(c) || "/\\:*?\"<>|".Contains(c, StringComparison.Ordinal) ? '_' : c)]).Trim().TrimEnd('.');
        return safe.Length == 0 || safe.StartsWith('.') ? "_" + safe : safe;
    }

    private static string Plain(FinalLabel label) => $"{Folder(label.Class)}/{Path.GetFileName(label.Record.Uri)}";

    /// <summary>FNV-1a over the letters in upper case.</summary>
    private static ulong Hash(string name)
    {
        var hash = 14695981039346656037UL;
        foreach (var c in name) hash = (hash ^ char.ToUpperInvariant(c)) * 1099511628211UL;
        return hash;
    }
}
