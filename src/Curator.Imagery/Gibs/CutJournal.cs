using System.Text.Json;
using System.Text.Json.Serialization;

namespace Curator.Imagery.Gibs;

/// <summary>A line of a day's <c>tiles.jsonl</c>: one tile that was cut, or left out.</summary>
/// <param name="File">Relative to the journal's folder, with '/'.</param>
/// <param name="Time">As the server writes it; null for layers without times.</param>
/// <param name="Box">South, west, north, east, degrees; exact, where the file name is rounded.</param>
/// <param name="Pixels">Left, top, width and height on the level.</param>
/// <param name="Made">Hash of what it was made of: the server's tiles by their hashes, and how they were cut.</param>
/// <param name="Sha256">Of the file; null for tiles that are left out since too much of them is empty.</param>
internal sealed record CutLine(string File, string? Time, double[] Box, int[] Pixels, string Made, string? Sha256, long Bytes, double NoData);

/// <summary>The tiles of one day in a partition, append-only. A line is written after its file has its name. Thread-safe; one process at a time.</summary>
internal sealed class CutJournal : IDisposable
{
    public const string FileName = "tiles.jsonl";
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    private readonly Lock _gate = new();
    private readonly Dictionary<string, CutLine> _lines = [];
    private readonly FileStream _stream;

    public CutJournal(string folder)
    {
        Directory.CreateDirectory(folder);
        _stream = new FileStream(Path.Combine(folder, FileName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
        using (var reader = new StreamReader(_stream, leaveOpen: true))
            while (reader.ReadLine() is { } text)
                if (TryRead(text) is { } line)
                    _lines[line.File] = line;
        // A line that a kill cut off must not take the next one with it.
        if (_stream.Length == 0) return;
        _stream.Seek(-1, SeekOrigin.End);
        if (_stream.ReadByte() != '\n') _stream.WriteByte((byte)'\n');
    }

    public CutLine? Find(string file)
    {
        lock (_gate) return _lines.GetValueOrDefault(file);
    }

    public void Add(CutLine line)
    {
        var text = JsonSerializer.SerializeToUtf8Bytes(line, Format);
        Array.Resize(ref text, text.Length + 1);
        text[^1] = (byte)'\n';
        lock (_gate)
        {
            _stream.Write(text);
            _lines[line.File] = line;
        }
    }

    public void Dispose() => _stream.Dispose();

    private static CutLine? TryRead(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<CutLine>(text, Format) is { File: not null, Made: not null } line ? line : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
