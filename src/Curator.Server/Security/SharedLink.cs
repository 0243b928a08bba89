namespace Curator.Server.Security;

/// <summary>A link that opens the page. The token itself is known only to who holds the link.</summary>
/// <param name="Id">Public name of the link, for listing and revoking; not secret.</param>
/// <param name="TokenHash">SHA-256 of the token, 64 lower-case hexadecimal digits.</param>
/// <param name="Task">The only task the link reaches, or null for all.</param>
/// <param name="MaxUses">How many sessions it may open, or null without limit.</param>
public sealed record SharedLink(
    string Id, string TokenHash, Role Role, string? Task, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, int? MaxUses, int Uses, bool Revoked)
{
    public bool IsValidAt(DateTimeOffset now) => !Revoked && now < ExpiresAt;

    /// <summary>Whether the link reaches a task of that name.</summary>
    public bool Reaches(string task) => Task is null || Task == task;
}
