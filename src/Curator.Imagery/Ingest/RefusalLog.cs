using System.Text.Json;
using Curator.Core.Files;
using Curator.Core.Images;

namespace Curator.Imagery.Ingest;

/// <summary>The refused files of one shard, a JSON array in <c>HASH.refused</c>.</summary>
internal static class RefusalLog
{
    public static void Save(string path, IReadOnlyList<RejectedFile> files) =>
        AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, files));

    public static IReadOnlyList<RejectedFile> Load(string path)
    {
        using var stream = File.OpenRead(path);
        return JsonSerializer.Deserialize<List<RejectedFile>>(stream) ?? [];
    }
}
