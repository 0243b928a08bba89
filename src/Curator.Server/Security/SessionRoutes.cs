using System.Buffers.Text;
using System.ComponentModel;
using System.Security.Cryptography;
using Curator.Server.Errors;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Curator.Server.Security;

/// <param name="Token">What follows <c>#token=</c> in the link.</param>
/// <param name="Name">How the person wants to be called, at most 40 characters; optional.</param>
internal sealed record OpenSession(string Token, string? Name = null);

/// <param name="Name">How the person wants to be called from now on, 1 to 40 characters.</param>
internal sealed record RenameSession(string Name);

/// <param name="Workspace">Tells this project from others served on the same address; unsent answers are kept under it.</param>
/// <param name="Task">The only task the link reaches, or null.</param>
/// <param name="Link">Id of the link that opened it.</param>
/// <param name="Bearer">For a browser extension that has just opened it: what it sends as <c>Authorization: Bearer …</c>. Null for pages, which get a cookie that scripts cannot read.</param>
internal sealed record SessionInfo(
    string Person, Role Role, string Workspace, string? Task, string Link, DateTimeOffset ExpiresAt,
    [property: Description("For a browser extension that has just opened it; pages get a cookie.")] string? Bearer = null);

/// <summary><c>/api/session</c>: a link's token for a cookie.</summary>
internal sealed class SessionRoutes(SharedLinks links, SessionCookies cookies, AuditLog audit, string cookieName, bool secure, TimeProvider clock)
{
    private const int LongestName = 40;
    private readonly Throttle _failures = new(limit: 10, TimeSpan.FromMinutes(1), clock);

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/session", Get).Needs(Role.Viewer).OpenToExtensions().WithSummary("Who I am");
        routes.MapPost("/api/session", OpenAsync).OpenToAll().OpenToExtensions().WithSummary("Exchange a link's token for a session: a cookie, or a bearer for a browser extension");
        routes.MapPatch("/api/session", Rename).Needs(Role.Viewer).WithSummary("Be called otherwise from now on; earlier answers stay under the earlier name");
        routes.MapDelete("/api/session", Close).Needs(Role.Viewer).WithSummary("Forget the session cookie");
    }

    private Ok<SessionInfo> Get(HttpContext context)
    {
        var visitor = Visitor.Of(context);
        return TypedResults.Ok(Describe(visitor.Session, visitor.Link));
    }

    private async Task<Results<Ok<SessionInfo>, ProblemHttpResult>> OpenAsync(OpenSession request, HttpContext context, CancellationToken cancellationToken)
    {
        // A unit is taken before the token is looked at, so that many guesses at once cannot slip through, and given back when it was right.
        var from = context.Connection.RemoteIpAddress?.ToString() ?? "";
        if (!_failures.TryTake(from, 1, out var wait))
        {
            context.Response.Headers.RetryAfter = Problems.Seconds(wait);
            return Problems.Of(StatusCodes.Status429TooManyRequests, "Too many wrong links from this address.", "Wait a minute, then open the link again.");
        }
        var name = request.Name?.Trim() ?? "";
        if (!IsName(name)) return NoName(name);
        if (request.Token.Length > 100 || await links.UseAsync(request.Token, cancellationToken) is not { } link)
        {
            await audit.WriteAsync(AuditEvent.LinkRefused, null, null, from, null, cancellationToken);
            return Problems.Of(
                StatusCodes.Status401Unauthorized, "The link is wrong, used up, expired or was revoked.", "Open the whole link as it was sent, or ask its owner for a new one.");
        }
        _failures.GiveBack(from, 1);
        // Who is here already stays the same person under a new link, so that earlier answers remain one's own.
        var byExtension = ExtensionRequest.Is(context);
        var known = byExtension ? null : cookies.Read(context.Request.Cookies[cookieName]);
        var ending = NewEnding();
        var person = known is not null && name.Length == 0 ? known.Person : $"{(name.Length == 0 ? "guest" : name)}~{ending}";
        var session = new Session(link.Id, person, Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(9)), link.ExpiresAt, byExtension);
        await audit.WriteAsync(AuditEvent.SessionOpened, person, link.Id, from, byExtension ? $"{link.Role} extension" : link.Role.ToString(), cancellationToken);
        if (byExtension) return TypedResults.Ok(Describe(session, link) with { Bearer = cookies.Write(session) });
        context.Response.Cookies.Append(cookieName, cookies.Write(session), Cookie(session.ExpiresAt));
        return TypedResults.Ok(Describe(session, link));
    }

    private Results<Ok<SessionInfo>, ProblemHttpResult> Rename(RenameSession request, HttpContext context)
    {
        var name = request.Name.Trim();
        if (name.Length == 0 || !IsName(name)) return NoName(name);
        var visitor = Visitor.Of(context);
        // The ending stays: it was drawn for this person, so that nobody can take another's name.
        var before = visitor.Person;
        var tilde = before.LastIndexOf('~');
        var ending = tilde < 0 ? NewEnding() : before[(tilde + 1)..];
        var session = visitor.Session with { Person = $"{name}~{ending}" };
        context.Response.Cookies.Append(cookieName, cookies.Write(session), Cookie(session.ExpiresAt));
        return TypedResults.Ok(Describe(session, visitor.Link));
    }

    private static bool IsName(string name) => name.Length <= LongestName && !name.Any(char.IsControl);

    private static ProblemHttpResult NoName(string name) => Problems.Of(
        StatusCodes.Status400BadRequest,
        $"A name has 1 to {LongestName} characters and no control characters; this one has {name.Length}.",
        "Choose another name.");

    private static string NewEnding() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(3));

    private NoContent Close(HttpContext context)
    {
        context.Response.Cookies.Delete(cookieName, Cookie(null));
        return TypedResults.NoContent();
    }

    private SessionInfo Describe(Session session, SharedLink link) => new(session.Person, link.Role, cookies.WorkspaceId, link.Task, link.Id, session.ExpiresAt);

    private CookieOptions Cookie(DateTimeOffset? expires) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Strict,
        Secure = secure,
        Path = "/",
        Expires = expires,
    };
}
