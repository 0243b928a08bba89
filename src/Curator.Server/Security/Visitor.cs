using Microsoft.AspNetCore.Http;

namespace Curator.Server.Security;

/// <summary>Who sends this request: a session whose link is still valid.</summary>
internal sealed record Visitor(Session Session, SharedLink Link)
{
    public string Person => Session.Person;

    public Role Role => Link.Role;

    /// <summary>The visitor of a request that passed <see cref="Access"/>.</summary>
    public static Visitor Of(HttpContext context) =>
        context.Features.Get<Visitor>() ?? throw new System.Diagnostics.UnreachableException("A bug: a route that needs a visitor was reached without one.");
}
