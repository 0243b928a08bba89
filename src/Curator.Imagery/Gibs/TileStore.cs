using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Curator.Core.Files;

namespace Curator.Imagery.Gibs;

/// <summary>How asking for a tile ended.</summary>
internal enum TileStatus
{
    /// <summary>Its picture is in the store.</summary>
    Done,

    /// <summary>The server has no data there; its blank picture is in the store.</summary>
    Blank,

    /// <summary>The server has no such tile.</summary>
    Absent,

    /// <summary>The server only answers with another time.</summary>
    OtherTime,

    /// <summary>No right answer came within the tries; another run asks again.</summary>
    Failed,
}

/// <summary>Which tile of a set.</summary>
internal readonly record struct TileAddress(int Level, int Row, int Column);

/// <summary>One layer at one time in one grid: the tiles that a journal is about.</summary>
/// <param name="Time">Null for layers without times.</param>
internal sealed record TileSet(GibsLayer Layer, GibsTime? Time)
{
    /// <summary>Where the tile is asked for, below the server's address.</summary>
    public string Path(TileAddress tile) =>
        $"wmts/{Layer.Grid.Projection.Code()}/best/{Uri.EscapeDataString(Layer.Identifier)}/default/{(Time is { } time ? time.Text + "/" : "")}{Uri.EscapeDataString(Layer.Grid.Name)}/{tile.Level}/{tile.Row}/{tile.Column}.{Layer.Extension}";

    /// <summary>Folder of its journals, below the store.</summary>
    public string Folder => System.IO.Path.Combine(
        Layer.Grid.Projection.Code(), Core.Names.ToValid(Layer.Identifier), Core.Names.ToValid(Layer.Grid.Name), Time is { } time ? time.Text.Replace(":", "", StringComparison.Ordinal) : "static");
}

/// <summary>A line of a journal: what is known of one tile.</summary>
/// <param name="Sha256">Of its picture; empty when there is none.</param>
/// <param name="Detail">Why there is no picture.</param>
internal sealed record TileEntry(
    [property: JsonPropertyName("z")] int Level, int Row, int Column, TileStatus Status, string Sha256, int Bytes, double NoData, string? ActualTime, string? ActualLayer,
    string? ETag, DateTimeOffset At, int Tries, string? Detail)
{
    [JsonIgnore]
    public TileAddress Address => new(Level, Row, Column);

    /// <summary>Whether there is a picture.</summary>
    [JsonIgnore]
    public bool HasPicture => Status is TileStatus.Done or TileStatus.Blank;

    /// <summary>Whether another run need not ask.</summary>
    [JsonIgnore]
    public bool IsFinal => Status != TileStatus.Failed;
}

/// <summary>
/// Fetched pictures by the SHA-256 of their bytes (<c>objects/ab/cd…</c>), and for each layer and time append-only journals of what was asked and answered. Many processes may use one store: each
/// appends to a file of its own. A line is written after its picture has its name, so what a journal tells was there; bytes are checked against their hash whenever they are read, so that what a
/// power failure or a disk spoilt is found, and fetched anew. Thread-safe.
/// </summary>
internal sealed class TileStore(string root) : IDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<TileJournal>> _journals = new();

    public string Root { get; } = Path.GetFullPath(root);

    public TileJournal Journal(TileSet set) => _journals.GetOrAdd(set.Folder, folder => new Lazy<TileJournal>(() => TileJournal.Open(Path.Combine(Root, folder)))).Value;

    /// <summary>Forgets a journal's lines until they are needed again, and closes its file.</summary>
    public void Release(TileSet set)
    {
        if (_journals.TryRemove(set.Folder, out var journal) && journal.IsValueCreated) journal.Value.Dispose();
    }

    /// <summary>Keeps the bytes under their hash. They are there when this returns, whoever is killed when; after a power failure they may be missing, which reading finds.</summary>
    public void Put(string sha256, ReadOnlySpan<byte> bytes)
    {
        var path = PathOf(sha256);
        if (TryGet(sha256) is not null) return;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var temporary = AtomicFile.TemporaryName(path);
        File.WriteAllBytes(temporary, bytes);
        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>The bytes, whose hash is checked; null when they are not there or spoilt.</summary>
    public byte[]? TryGet(string sha256)
    {
        try
        {
            var bytes = File.ReadAllBytes(PathOf(sha256));
            return Convert.ToHexStringLower(SHA256.HashData(bytes)) == sha256 ? bytes : null;
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Cheap: whether a file of the right size is there.</summary>
    public bool Has(TileEntry entry) => new FileInfo(PathOf(entry.Sha256)) is { Exists: true } file && file.Length == entry.Bytes;

    public string PathOf(string sha256) => Path.Combine(Root, "objects", sha256[..2], sha256[2..]);

    public void Dispose()
    {
        foreach (var journal in _journals.Values)
            if (journal.IsValueCreated)
                journal.Value.Dispose();
    }
}

/// <summary>The journals of one layer and time. Thread-safe.</summary>
internal sealed class TileJournal : IDisposable
{
    private const string Pattern = "*.jsonl";
    private const int ManyFiles = 8;
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    private readonly Lock _gate = new();
    private readonly string _folder;
    private readonly Dictionary<TileAddress, TileEntry> _entries = [];
    private FileStream? _file;

    private TileJournal(string folder) => _folder = folder;

    public static TileJournal Open(string folder)
    {
        var journal = new TileJournal(folder);
        if (!Directory.Exists(folder)) return journal;
        var files = Directory.GetFiles(folder, Pattern);
        foreach (var file in files) journal.Load(file);
        if (files.Length > ManyFiles) journal.Merge(files);
        return journal;
    }

    public TileEntry? Find(TileAddress tile)
    {
        lock (_gate) return _entries.GetValueOrDefault(tile);
    }

    public void Add(TileEntry entry)
    {
        var line = JsonSerializer.SerializeToUtf8Bytes(entry, Format);
        Array.Resize(ref line, line.Length + 1);
        line[^1] = (byte)'\n';
        lock (_gate)
        {
            if (_file is null)
            {
                Directory.CreateDirectory(_folder);
                _file = new FileStream(Path.Combine(_folder, $"{Guid.NewGuid():n}.jsonl"), FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            }
            _file.Write(line);
            _entries[entry.Address] = entry;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _file?.Dispose();
            _file = null;
        }
    }

    /// <summary>Of two lines about one tile the later one counts. A line that was cut off by a kill is no line.</summary>
    private void Load(string path)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            Load(stream);
        }
        catch (FileNotFoundException)
        {
            // Another process put it together with others just now; its lines stand in their new file.
        }
    }

    private void Load(Stream stream)
    {
        using var reader = new StreamReader(stream, leaveOpen: true);
        while (reader.ReadLine() is { } line)
            if (TryRead(line) is { } entry && (!_entries.TryGetValue(entry.Address, out var known) || known.At <= entry.At))
                _entries[entry.Address] = entry;
    }

    private static TileEntry? TryRead(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<TileEntry>(line, Format) is { Sha256: not null } entry && (entry.Sha256.Length == 64 || !entry.HasPicture) ? entry : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Many small files become one; those that a living process writes to stay.</summary>
    private void Merge(string[] files)
    {
        var merged = Path.Combine(_folder, $"{Guid.NewGuid():n}.jsonl");
        var idle = new List<FileStream>();
        try
        {
            foreach (var file in files)
                if (TryOwn(file) is { } owned)
                    idle.Add(owned);
            if (idle.Count < 2) return;
            foreach (var file in idle) Load(file); // with what was written since the first look
            AtomicFile.Write(merged, stream =>
            {
                foreach (var entry in _entries.Values)
                {
                    JsonSerializer.Serialize(stream, entry, Format);
                    stream.WriteByte((byte)'\n');
                }
            });
            foreach (var file in idle) File.Delete(file.Name);
        }
        finally
        {
            foreach (var file in idle) file.Dispose();
        }
    }

    private static FileStream? TryOwn(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
