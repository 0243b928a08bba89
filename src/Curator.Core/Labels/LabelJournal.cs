using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Curator.Core.Images;

namespace Curator.Core.Labels;

/// <summary>
/// The events of all tasks as JSON lines, with the hash chain: for audit, backup, and moving to another database. Streams both ways.
/// </summary>
public static class LabelJournal
{
    private const int EventsPerBatch = 1000;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        // Names of people stay readable; the text goes to files, not into pages.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(), new ImageIdConverter() },
    };

    /// <summary>Writes every event, one JSON object a line, UTF-8.</summary>
    /// <param name="destination">Stays open.</param>
    /// <returns>Events written.</returns>
    public static async Task<long> ExportAsync(LabelStore labels, Stream destination, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(destination);
        var count = 0L;
        await foreach (var entry in labels.GetAllEventsAsync(afterSeq: 0, cancellationToken))
        {
            await JsonSerializer.SerializeAsync(destination, entry, Json, cancellationToken);
            await destination.WriteAsync("\n"u8.ToArray(), cancellationToken);
            count++;
        }

        return count;
    }

    /// <summary>Reads a journal, checking the chain as it goes.</summary>
    /// <exception cref="ArtefactException">A line is no event, or the chain breaks there; the events before it were given out.</exception>
    public static async IAsyncEnumerable<LabelEvent> ReadAsync(Stream source, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(source);
        using var reader = new StreamReader(source, Encoding.UTF8, leaveOpen: true);
        var hash = LabelChain.Genesis;
        var seq = 0L;
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            seq++;
            var entry = Parse(line) ?? throw Problem($"Line {seq} of the journal is no label event.");
            if (entry.Seq != seq || LabelChain.Next(hash, entry) != entry.Hash) throw Problem($"The hash chain of the journal breaks at line {seq}.");
            hash = entry.Hash;
            yield return entry;
        }
    }

    /// <summary>
    /// Appends the events of a journal to a project that has the same tasks, as new events with the same operation ids, people and values: what is there already is
    /// left as it is, so that an interrupted import is simply run again. Seq, time and hash are the new project's own.
    /// </summary>
    /// <returns>Events read.</returns>
    public static async Task<long> ImportAsync(LabelStore labels, Stream source, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(labels);
        var count = 0L;
        var batch = new List<NewLabelEvent>(EventsPerBatch);
        await foreach (var entry in ReadAsync(source, cancellationToken))
        {
            batch.Add(new NewLabelEvent(entry.OperationId, entry.Task, entry.Image, entry.Person, entry.Session, entry.Kind, entry.Value, entry.ShownAt, entry.Round));
            count++;
            if (batch.Count < EventsPerBatch) continue;
            await labels.AppendAsync(batch.ToArray(), cancellationToken);
            batch.Clear();
        }

        await labels.AppendAsync(batch.ToArray(), cancellationToken);
        return count;
    }

    private static LabelEvent? Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<LabelEvent>(line, Json) is { OperationId: not null, Task: not null, Person: not null, Session: not null, Hash: not null } entry ? entry : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static ArtefactException Problem(string what) => new(what, "Export the journal again from the project that it came from.");

    private sealed class ImageIdConverter : JsonConverter<ImageId>
    {
        public override ImageId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.String && ImageId.TryParse(reader.GetString(), null, out var id) ? id : throw new JsonException("no image id");

        public override void Write(Utf8JsonWriter writer, ImageId value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
    }
}
