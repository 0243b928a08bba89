using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Curator.Core;

namespace Curator.Server.Security;

/// <summary>
/// The workspace's links: made, found by token, revoked. Kept as one JSON value of the catalog, so they outlive the server; tokens are kept
/// as SHA-256 only. Changes are read-modify-write under a lock between processes. Thread-safe.
/// </summary>
public sealed class SharedLinks
{
    private const string Key = "serve.links";
    private readonly Workspace _workspace;
    private volatile IReadOnlyList<SharedLink> _links = [];

    private SharedLinks(Workspace workspace) => _workspace = workspace;

    public static async Task<SharedLinks> OpenAsync(Workspace workspace, CancellationToken cancellationToken)
    {
        var links = new SharedLinks(workspace);
        await links.RefreshAsync(cancellationToken);
        return links;
    }

    /// <summary>All links that have not expired, revoked ones included, oldest first.</summary>
    public IReadOnlyList<SharedLink> All => _links;

    /// <summary>Makes a link. The token is 256 random bits in base64url, and is returned this once.</summary>
    /// <param name="maxUses">How many sessions it may open, at least 1; null without limit.</param>
    public async Task<(SharedLink Link, string Token)> CreateAsync(
        Role role, string? task, TimeSpan lifetime, int? maxUses, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(lifetime, TimeSpan.Zero);
        if (maxUses is { } uses) ArgumentOutOfRangeException.ThrowIfLessThan(uses, 1, nameof(maxUses));
        var token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
        var now = _workspace.Clock.GetUtcNow();
        var link = new SharedLink(id, Hash(token), role, task, now, now + lifetime, maxUses, 0, Revoked: false);
        await ChangeAsync(links => [.. links, link], cancellationToken);
        return (link, token);
    }

    /// <summary>Uses a token once: the link it belongs to, or null when there is none that is valid.</summary>
    public async Task<SharedLink?> UseAsync(string token, CancellationToken cancellationToken)
    {
        var hash = Hash(token);
        if (FindByHash(hash) is null) await RefreshAsync(cancellationToken); // perhaps made by another process
        if (FindByHash(hash) is not { } known || !known.IsValidAt(_workspace.Clock.GetUtcNow())) return null;
        if (known.MaxUses is null) return known;
        SharedLink? used = null;
        await ChangeAsync(
            links => [.. links.Select(link =>
            {
                if (link.Id != known.Id || link.Revoked || link.Uses >= link.MaxUses) return link;
                return used = link with { Uses = link.Uses + 1 };
            })],
            cancellationToken);
        return used;
    }

    /// <summary>The link of that id if it is valid now, else null. Memory only; what other processes changed is seen after <see cref="RefreshAsync"/>.</summary>
    public SharedLink? FindValid(string id)
    {
        foreach (var link in _links)
            if (link.Id == id)
                return link.IsValidAt(_workspace.Clock.GetUtcNow()) ? link : null;
        return null;
    }

    /// <summary>Ends a link and every session opened with it; false when there is no such link.</summary>
    public async Task<bool> RevokeAsync(string id, CancellationToken cancellationToken)
    {
        var found = false;
        await ChangeAsync(
            links => [.. links.Select(link =>
            {
                if (link.Id != id) return link;
                found = true;
                return link with { Revoked = true };
            })],
            cancellationToken);
        return found;
    }

    /// <summary>Reads the links anew from the catalog.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        var json = await _workspace.Catalog.GetValueAsync(Key, cancellationToken);
        _links = json is null ? [] : JsonSerializer.Deserialize<SharedLink[]>(json) ?? [];
    }

    private async Task ChangeAsync(Func<IReadOnlyList<SharedLink>, IReadOnlyList<SharedLink>> change, CancellationToken cancellationToken)
    {
        using var held = await _workspace.LockAsync(Key, cancellationToken);
        await RefreshAsync(cancellationToken);
        var now = _workspace.Clock.GetUtcNow();
        var changed = change([.. _links.Where(link => now < link.ExpiresAt)]);
        await _workspace.Catalog.SetValueAsync(Key, JsonSerializer.Serialize(changed), cancellationToken);
        _links = changed;
    }

    private SharedLink? FindByHash(string hash)
    {
        // Every link is compared, in constant time each, so that the time tells nothing about how near a guess was.
        SharedLink? found = null;
        var wanted = Encoding.ASCII.GetBytes(hash);
        foreach (var link in _links)
            if (CryptographicOperations.FixedTimeEquals(wanted, Encoding.ASCII.GetBytes(link.TokenHash)))
                found = link;
        return found;
    }

    private static string Hash(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}
