using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using Curator.Core;

namespace Curator.Server.Security;

/// <summary>Who is asking, as the session cookie says.</summary>
/// <param name="Person">Name of the person plus a random ending, so that nobody can take another's name.</param>
/// <param name="Id">One sitting.</param>
/// <param name="Extension">Whether a browser extension opened it; it is then a bearer and no cookie.</param>
internal sealed record Session(string LinkId, string Person, string Id, DateTimeOffset ExpiresAt, bool Extension = false);

/// <summary>
/// Makes and reads session cookies: content in base64url, a dot, HMAC-SHA256 of the content under a random 256-bit key that lies in the
/// workspace, readable by its owner only. Cookies survive a restart of the server; they end with their link. Thread-safe.
/// </summary>
internal sealed class SessionCookies
{
    private const int KeyBytes = 32;
    private readonly byte[] _key;
    private readonly TimeProvider _clock;

    private SessionCookies(byte[] key, TimeProvider clock)
    {
        _key = key;
        _clock = clock;
        WorkspaceId = Convert.ToHexStringLower(SHA256.HashData([.. "workspace"u8, .. key]))[..16];
    }

    /// <summary>
    /// 16 hexadecimal digits that tell this workspace from any other. Pages keep unsent answers under it: two projects served on the same port
    /// one after the other must not receive each other's.
    /// </summary>
    public string WorkspaceId { get; }

    /// <exception cref="WorkspaceException">The key file has another length.</exception>
    public static async Task<SessionCookies> OpenAsync(Workspace workspace, CancellationToken cancellationToken)
    {
        var path = Path.Combine(workspace.WorkDirectory("serve"), "session.key");
        if (!File.Exists(path)) await CreateKeyAsync(path, cancellationToken);
        var key = await File.ReadAllBytesAsync(path, cancellationToken);
        if (key.Length != KeyBytes)
            throw new WorkspaceException($"The session key {path} has {key.Length} bytes instead of {KeyBytes}.", "Delete it; a new one is made and everyone opens the link once more.");
        return new SessionCookies(key, workspace.Clock);
    }

    public string Write(Session session)
    {
        var content = JsonSerializer.SerializeToUtf8Bytes(session);
        return $"{Base64Url.EncodeToString(content)}.{Base64Url.EncodeToString(HMACSHA256.HashData(_key, content))}";
    }

    /// <summary>The session in a cookie's text, or null when it was not written here, was changed or has expired.</summary>
    public Session? Read(string? cookie)
    {
        if (cookie is null || cookie.Length > 2048) return null;
        var dot = cookie.IndexOf('.', StringComparison.Ordinal);
        if (dot < 0) return null;
        try
        {
            var content = Base64Url.DecodeFromChars(cookie.AsSpan(0, dot));
            var signature = Base64Url.DecodeFromChars(cookie.AsSpan(dot + 1));
            if (!CryptographicOperations.FixedTimeEquals(signature, HMACSHA256.HashData(_key, content))) return null;
            var session = JsonSerializer.Deserialize<Session>(content);
            return session is not null && _clock.GetUtcNow() < session.ExpiresAt ? session : null;
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            return null;
        }
    }

    private static async Task CreateKeyAsync(string path, CancellationToken cancellationToken)
    {
        var temporary = $"{path}.{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        await using (var file = new FileStream(temporary, options))
        {
            await file.WriteAsync(RandomNumberGenerator.GetBytes(KeyBytes), cancellationToken);
            file.Flush(flushToDisk: true);
        }
        try
        {
            File.Move(temporary, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            File.Delete(temporary); // another process was first; its key counts
        }
    }
}
