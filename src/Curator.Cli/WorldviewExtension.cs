using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Curator.Core;
using Curator.Core.Files;

namespace Curator.Cli;

/// <summary>The files of the browser extension, as they lie beside the tool.</summary>
internal sealed class WorldviewExtension
{
    private const string ManifestName = "manifest.json";

    /// <summary>The earliest that a zip can say: the same files make the same bytes.</summary>
    private static readonly DateTimeOffset PackedAt = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly string _source;
    private readonly JsonObject _manifest;

    private WorldviewExtension(string source, JsonObject manifest) => (_source, _manifest) = (source, manifest);

    public string Version => (string?)_manifest["version"] ?? "";

    /// <summary>What browsers call it when it is loaded unpacked: it follows from the public key in the manifest.</summary>
    public string Id => IdOf(Convert.FromBase64String((string?)_manifest["key"] ?? ""));

    /// <exception cref="WorkspaceException">The tool was built without it.</exception>
    public static WorldviewExtension Open()
    {
        var source = Path.Combine(AppContext.BaseDirectory, "extension");
        return Read(source) is { } manifest
            ? new WorldviewExtension(source, manifest)
            : throw new WorkspaceException("The extension was not built into this tool.", "Run `npm ci && npm run extension` in web/, then build the tool again; ./curator does both.");
    }

    /// <summary>Writes it unpacked; an earlier version in the folder is replaced.</summary>
    /// <exception cref="WorkspaceException">The folder holds something else.</exception>
    public void Write(string folder, CancellationToken cancellationToken)
    {
        if (File.Exists(folder)) throw new WorkspaceException($"{folder} is a file.", "Name a new folder.");
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
        {
            if (!JsonNode.DeepEquals(Read(folder)?["key"], _manifest["key"]))
                throw new WorkspaceException($"{folder} holds something else.", "Name a new or empty folder: curator extension DIR");
            foreach (var path in Directory.EnumerateFiles(folder)) File.Delete(path);
        }
        Directory.CreateDirectory(folder);
        // The manifest last: with it the folder is whole.
        foreach (var path in Files().OrderBy(path => Path.GetFileName(path) == ManifestName))
        {
            cancellationToken.ThrowIfCancellationRequested();
            File.Copy(path, Path.Combine(folder, Path.GetFileName(path)), overwrite: true);
        }
    }

    /// <summary>Packs it for a store. The key is left out: stores give their own, and refuse a manifest that has one.</summary>
    public void Pack(string file, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        AtomicFile.Write(file, stream =>
        {
            using var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
            foreach (var path in Files())
            {
                cancellationToken.ThrowIfCancellationRequested();
                var entry = archive.CreateEntry(Path.GetFileName(path), CompressionLevel.SmallestSize);
                entry.LastWriteTime = PackedAt;
                using var content = entry.Open();
                content.Write(Path.GetFileName(path) == ManifestName ? WithoutKey() : File.ReadAllBytes(path));
            }
        });
    }

    internal static string IdOf(ReadOnlySpan<byte> publicKey) =>
        string.Concat(Convert.ToHexStringLower(SHA256.HashData(publicKey))[..32].Select(digit => (char)('a' + Convert.ToInt32($"{digit}", 16))));

    /// <summary>All lie in one folder, in the order of their names.</summary>
    private IEnumerable<string> Files() => Directory.EnumerateFiles(_source).Order(StringComparer.Ordinal);

    private byte[] WithoutKey()
    {
        var manifest = _manifest.DeepClone().AsObject();
        manifest.Remove("key");
        return System.Text.Encoding.UTF8.GetBytes(manifest.ToJsonString(new System.Text.Json.JsonSerializerOptions { WriteIndented = true }));
    }

    private static JsonObject? Read(string folder)
    {
        var path = Path.Combine(folder, ManifestName);
        try
        {
            return File.Exists(path) ? JsonNode.Parse(File.ReadAllBytes(path)) as JsonObject : null;
        }
        catch (System.Text.Json.JsonException)
        {
            return null;
        }
    }
}
