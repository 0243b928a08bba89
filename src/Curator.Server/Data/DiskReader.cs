namespace Curator.Server.Data;

/// <summary>What a project takes up on disk, by kind. Links are not followed: an export that links to pictures takes up next to nothing.</summary>
internal static class DiskReader
{
    private static readonly EnumerationOptions s_everything = new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = true };

    public static DiskUse Read(string root)
    {
        var kinds = new Dictionary<string, (long Files, long Bytes)>();
        foreach (var file in new DirectoryInfo(root).EnumerateFiles("*", s_everything))
        {
            var kind = KindOf(Path.GetRelativePath(root, file.FullName).Replace('\\', '/'));
            var (files, bytes) = kinds.GetValueOrDefault(kind);
            kinds[kind] = (files + 1, bytes + Length(file));
        }
        var list = kinds.Select(k => new DiskKind(k.Key, k.Value.Files, k.Value.Bytes)).OrderByDescending(k => k.Bytes).ThenBy(k => k.Kind, StringComparer.Ordinal).ToList();
        return new DiskUse(list, list.Sum(k => k.Bytes), Free(root));
    }

    public static long BytesOf(string folder) => new DirectoryInfo(folder).EnumerateFiles("*", s_everything).Sum(Length);

    private static string KindOf(string path)
    {
        if (path.StartsWith("encoders/", StringComparison.Ordinal)) return "encoders";
        if (path.StartsWith("exports/", StringComparison.Ordinal)) return "exports";
        if (path.StartsWith(".work/", StringComparison.Ordinal)) return "work";
        if (path.StartsWith("curator.db", StringComparison.Ordinal)) return "database";
        return Path.GetExtension(path) switch
        {
            ".parquet" => "manifests",
            ".embeddings" => "embeddings",
            ".index" => "indexes",
            ".scores" => "scores",
            ".predictions" => "predictions",
            _ => "other",
        };
    }

    /// <summary>0 for a file that went away meanwhile.</summary>
    private static long Length(FileInfo file)
    {
        try
        {
            return file.Length;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private static long? Free(string root)
    {
        try
        {
            return new DriveInfo(root).AvailableFreeSpace;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }
}
