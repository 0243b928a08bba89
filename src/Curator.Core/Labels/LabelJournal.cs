using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Curator.Core.Files;
using Curator.Core.Images;

namespace Curator.Core.Labels;

/// <summary>
/// The events of all tasks as JSON lines, with the hash chain: for audit, backup, and moving to another database. First a line for each task (<c>{"task": …}</c>), then one for each event. Streams
/// both ways.
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

    /// <summary>Writes a journal to a file, whole or not at all; one that is there is replaced.</summary>
    /// <returns>Events written.</returns>
    /// <exception cref="WorkspaceException">The file cannot be written.</exception>
    public static async Task<long> ExportAsync(LabelStore labels, string path, CancellationToken cancellationToken)
    {
        var temporary = AtomicFile.TemporaryName(path);
        try
        {
            long count;
            await using (var stream = File.Create(temporary))
            {
                count = await ExportAsync(labels, stream, cancellationToken);
                stream.Flush(flushToDisk: true);
            }

            AtomicFile.Publish(temporary, path);
            return count;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new WorkspaceException($"The journal '{path}' cannot be written: {error.Message}", "Choose another place with enough space.", error);
        }
        finally
        {
            AtomicFile.TryDelete(temporary);
        }
    }

    /// <summary>Writes all tasks and every event, one JSON object a line, UTF-8.</summary>
    /// <param name="destination">Stays open.</param>
    /// <returns>Events written.</returns>
    public static async Task<long> ExportAsync(LabelStore labels, Stream destination, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(destination);
        foreach (var task in await labels.GetTasksAsync(cancellationToken))
        {
            await JsonSerializer.SerializeAsync(destination, new TaskLine(task), Json, cancellationToken);
            await destination.WriteAsync("\n"u8.ToArray(), cancellationToken);
        }

        var count = 0L;
        await foreach (var entry in labels.GetAllEventsAsync(afterSeq: 0, cancellationToken))
        {
            await JsonSerializer.SerializeAsync(destination, entry, Json, cancellationToken);
            await destination.WriteAsync("\n"u8.ToArray(), cancellationToken);
            count++;
        }

        return count;
    }

    /// <summary>Reads the events of a journal, checking the chain as it goes.</summary>
    /// <param name="task">Gets each task before the events.</param>
    /// <exception cref="ArtefactException">A line is no event, or the chain breaks there; the events before it were given out.</exception>
    public static async IAsyncEnumerable<LabelEvent> ReadAsync(Stream source, [EnumeratorCancellation] CancellationToken cancellationToken, Action<LabelingTask>? task = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        using var reader = new StreamReader(source, Encoding.UTF8, leaveOpen: true);
        var hash = LabelChain.Genesis;
        long seq = 0, number = 0;
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            number++;
            if (seq == 0 && ParseTask(line) is { } known)
            {
                task?.Invoke(known);
                continue;
            }

            seq++;
            var entry = Parse(line) ?? throw Problem($"Line {number} of the journal is no label event.");
            if (entry.Seq != seq || LabelChain.Next(hash, entry) != entry.Hash) throw Problem($"The hash chain of the journal breaks at line {number}.");
            hash = entry.Hash;
            yield return entry;
        }
    }

    /// <summary>
    /// Takes a journal in, after reading it once to check it. Tasks that are missing are made. A project without events, or with a beginning of this very history, gets the events as they are: same
    /// seq, time and hash. Any other gets them as new events with the same operation ids, people and values, after its own. What is there already is left as it is, so that an interrupted
    /// import is simply run again.
    /// </summary>
    /// <param name="source">Can be read twice.</param>
    /// <returns>Events read.</returns>
    /// <exception cref="ArtefactException">The chain is broken; nothing was stored.</exception>
    public static async Task<long> ImportAsync(LabelStore labels, Stream source, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(source);
        var (newest, head) = await labels.GetHeadAsync(cancellationToken);
        var sameHistory = newest == 0;
        var tasks = new List<LabelingTask>();
        var start = source.Position;
        await foreach (var entry in ReadAsync(source, cancellationToken, tasks.Add)) sameHistory |= entry.Seq == newest && entry.Hash == head;
        foreach (var task in tasks) await labels.GetOrAddTaskAsync(task, cancellationToken);

        source.Position = start;
        var count = 0L;
        var batch = new List<LabelEvent>(EventsPerBatch);
        await foreach (var entry in ReadAsync(source, cancellationToken))
        {
            count++;
            batch.Add(entry);
            if (batch.Count < EventsPerBatch) continue;
            await StoreAsync(labels, batch, sameHistory, cancellationToken);
            batch.Clear();
        }

        await StoreAsync(labels, batch, sameHistory, cancellationToken);
        return count;
    }

    private static Task StoreAsync(LabelStore labels, List<LabelEvent> events, bool asTheyAre, CancellationToken cancellationToken) => asTheyAre
        ? labels.ReplayAsync([.. events], cancellationToken)
        : labels.AppendAsync(
            [.. events.Select(entry => new NewLabelEvent(entry.OperationId, entry.Task, entry.Image, entry.Person, entry.Session, entry.Kind, entry.Value, entry.ShownAt, entry.Round))],
            cancellationToken);

    private static LabelingTask? ParseTask(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<TaskLine>(line, Json)?.Task is { Name: not null, Question: not null, Classes: not null, Guidelines: not null } task ? task : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private sealed record TaskLine(LabelingTask? Task);

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
