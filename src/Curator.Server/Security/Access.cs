using Curator.Server.Errors;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Curator.Server.Security;

/// <summary>What a route asks of its visitor; <see cref="Needed"/> is null for routes that are open to all.</summary>
internal sealed record AccessRule(Role? Needed);

/// <summary>
/// Lets a request through to its route when the session's role suffices, and no request to a route that states no rule. A link that is limited
/// to one task reaches only routes of that task and those of no task.
/// </summary>
internal sealed class Access(SharedLinks links, SessionCookies cookies, string cookieName)
{
    public string CookieName { get; } = cookieName;

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var visitor = Find(context);
        if (visitor is not null) context.Features.Set(visitor);
        if (context.GetEndpoint() is not { } endpoint)
        {
            await next(context);
            return;
        }
        var rule = endpoint.Metadata.GetMetadata<AccessRule>();
        if (await BrowserExtensions.RefusesAsync(context, endpoint)) return;
        if (rule is null)
            await Problems.WriteAsync(context, StatusCodes.Status403Forbidden, "This route is closed.", "Report it: a route without an access rule is a bug.");
        else if (rule.Needed is { } needed && visitor is null)
            await Problems.WriteAsync(
                context, StatusCodes.Status401Unauthorized, "No session, or its link has expired or was revoked.", "Open the link again, or ask its owner for a new one.");
        else if (rule.Needed is { } role && visitor!.Role < role)
            await Problems.WriteAsync(
                context, StatusCodes.Status403Forbidden, $"This needs the role {role}; your link gives {visitor.Role}.", "Ask the owner for another link.");
        else if (rule.Needed is not null && context.GetRouteValue("task") is string task && !visitor!.Link.Reaches(task))
            await Problems.WriteAsync(
                context, StatusCodes.Status403Forbidden, $"Your link is for the task '{visitor.Link.Task}' only.", "Ask the owner for another link.");
        else
            await next(context);
    }

    private Visitor? Find(HttpContext context)
    {
        // A cookie's text does not serve as a bearer, nor a bearer as a cookie: each was given out for its own way in.
        var byExtension = ExtensionRequest.Is(context);
        var text = byExtension ? BrowserExtensions.Bearer(context.Request) : context.Request.Cookies[CookieName];
        if (cookies.Read(text) is not { } session || session.Extension != byExtension) return null;
        return links.FindValid(session.LinkId) is { } link ? new Visitor(session, link) : null;
    }
}

internal static class AccessConventions
{
    /// <summary>Closes the route to visitors below a role.</summary>
    public static T Needs<T>(this T builder, Role role)
        where T : IEndpointConventionBuilder => builder.WithMetadata(new AccessRule(role));

    /// <summary>Opens the route to everyone who can reach the server.</summary>
    public static T OpenToAll<T>(this T builder)
        where T : IEndpointConventionBuilder => builder.WithMetadata(new AccessRule(null));
}
