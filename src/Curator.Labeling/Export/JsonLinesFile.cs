using System.Text;
using System.Text.Json;

namespace Curator.Labeling.Export;

/// <summary>A JSON document whose long list is written as its members come, one a line.</summary>
internal sealed class JsonLinesFile : IDisposable
{
    private readonly Stream _stream;
    private readonly string _end;
    private readonly Utf8JsonWriter _json;
    private bool _any;
    private bool _ended;

    /// <param name="begin">Everything before the first member.</param>
    /// <param name="end">Everything after the last.</param>
    public JsonLinesFile(Stream stream, string begin, string end)
    {
        (_stream, _end) = (stream, end);
        _json = new Utf8JsonWriter(stream, ExportText.Json);
        Raw(begin);
    }

    public long Count { get; private set; }

    /// <summary>A member: one JSON value.</summary>
    /// <param name="name">Its name when the list is an object.</param>
    public void Add(Action<Utf8JsonWriter> write, string? name = null)
    {
        Raw(_any ? ",\n" : "\n");
        if (name is not null) Raw(JsonSerializer.Serialize(name) + ":");
        write(_json);
        _json.Flush();
        _json.Reset();
        _any = true;
        Count++;
    }

    public void Dispose()
    {
        if (_ended) return;
        _ended = true;
        Raw("\n" + _end);
        _json.Dispose();
        _stream.Dispose();
    }

    private void Raw(string text) => _stream.Write(Encoding.UTF8.GetBytes(text));
}
