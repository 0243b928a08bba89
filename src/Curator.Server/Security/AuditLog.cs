using System.Text.Json;
using System.Text.Json.Serialization;
using Curator.Core;

namespace Curator.Server.Security;

/// <summary>What is written down of who came in, what was opened to others, and what was taken out.</summary>
public enum AuditEvent
{
    SessionOpened,
    LinkRefused,
    LinkMade,
    LinkRevoked,
    TaskMade,
    TaskChanged,

    /// <summary>Pictures were left out of searches and rounds.</summary>
    PicturesHidden,

    /// <summary>Hidden pictures count again.</summary>
    PicturesShown,

    /// <summary>A labeled set, a journal of answers or a backup was written.</summary>
    Exported,

    /// <summary>Labels or a backup were taken in.</summary>
    Imported,

    /// <summary>Something was removed for good.</summary>
    Deleted,
}

/// <summary>
/// Appends to <c>.work/serve/audit.jsonl</c>, a JSON object a line: when, what, who, by which link, from which address. Never a token. Readable by its owner only. Wrong links are throttled, so nobody can
/// fill the disk with it. Thread-safe; safe between processes.
/// </summary>
public sealed class AuditLog(Workspace workspace) : IDisposable
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    private readonly SemaphoreSlim _turn = new(1);
    private readonly string _path = Path.Combine(workspace.WorkDirectory("serve"), "audit.jsonl");

    /// <summary>Writes down what the command line did, as the account that ran it.</summary>
    public Task WriteAsync(AuditEvent what, string detail, CancellationToken cancellationToken) => WriteAsync(what, Environment.UserName, null, null, detail, cancellationToken);

    /// <param name="detail">A role, a task: what the event is about.</param>
    public async Task WriteAsync(AuditEvent what, string? person, string? link, string? address, string? detail, CancellationToken cancellationToken)
    {
        var line = JsonSerializer.SerializeToUtf8Bytes(new Entry(workspace.Clock.GetUtcNow(), what, person, link, address, detail), Json);
        await _turn.WaitAsync(cancellationToken);
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.Append, Access = FileAccess.Write, Share = FileShare.ReadWrite, BufferSize = 0 };
            if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            await using var file = new FileStream(_path, options);
            // One write a line: lines of two processes do not mix.
            await file.WriteAsync((byte[])[.. line, (byte)'\n'], cancellationToken);
        }
        catch (IOException)
        {
            // A full disk must not keep people out; their answers say the same themselves.
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private sealed record Entry(DateTimeOffset At, AuditEvent What, string? Person, string? Link, string? Address, string? Detail);
}
