using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Curator.Core;
using Curator.Core.Files;

namespace Curator.Imagery.Ingest;

/// <summary>
/// The files of one shard, kept in <c>.work/ingest-PARTITION/HASH.list</c>: UTF-8 fields, each ended by a zero byte (which no path holds): the root,
/// then path, size, time and facts of each file. Its name is the hash of its bytes, so the same files give the same shard and a changed file another one.
/// </summary>
internal sealed record SourceList(string Root, IReadOnlyList<SourceEntry> Files)
{
    /// <summary>Most files in a list.</summary>
    public const int MaxFiles = 2048;

    /// <summary>Writes the list unless it is there. Returns its hash, 24 hexadecimal digits.</summary>
    public string Save(string folder)
    {
        using var bytes = new MemoryStream();
        Field(bytes, Root);
        foreach (var file in Files)
        {
            Field(bytes, file.Path);
            Field(bytes, file.SizeBytes.ToString(CultureInfo.InvariantCulture));
            Field(bytes, file.ModifiedNanoseconds.ToString(CultureInfo.InvariantCulture));
            Field(bytes, file.Facts);
        }
        var content = bytes.GetBuffer().AsMemory(0, (int)bytes.Length);
        var hash = Hash(content.Span);
        var path = PathOf(folder, hash);
        if (!File.Exists(path)) AtomicFile.Write(path, stream => stream.Write(content.Span));
        return hash;
    }

    /// <exception cref="WorkspaceException">The list is gone or damaged.</exception>
    public static SourceList Load(string folder, string hash)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(PathOf(folder, hash));
        }
        catch (IOException e)
        {
            throw Gone(hash, e);
        }
        if (Hash(bytes) != hash) throw Gone(hash, null);
        var fields = Encoding.UTF8.GetString(bytes).Split('\0');
        var files = new SourceEntry[(fields.Length - 2) / 4];
        for (var i = 0; i < files.Length; i++)
            files[i] = new SourceEntry(
                fields[1 + 4 * i], long.Parse(fields[2 + 4 * i], CultureInfo.InvariantCulture), long.Parse(fields[3 + 4 * i], CultureInfo.InvariantCulture), fields[4 + 4 * i]);
        return new SourceList(fields[0], files);
    }

    private static string PathOf(string folder, string hash) => Path.Combine(folder, hash + ".list");

    private static string Hash(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 12));

    private static void Field(MemoryStream stream, string text)
    {
        stream.Write(Encoding.UTF8.GetBytes(text));
        stream.WriteByte(0);
    }

    private static WorkspaceException Gone(string hash, Exception? cause) =>
        new($"The list of files {hash} of an ingest is missing or damaged.", "Run 'curator add' again with the same folders.", cause);
}
