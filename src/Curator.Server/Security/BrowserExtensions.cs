using Curator.Core;
using Curator.Server.Errors;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Curator.Server.Security;

/// <summary>Marks a request that a browser extension which may ask has sent; such requests carry no cookie that counts.</summary>
internal sealed record ExtensionRequest(string Origin)
{
    public static bool Is(HttpContext context) => context.Features.Get<ExtensionRequest>() is not null;
}

/// <summary>A route that browser extensions may use.</summary>
internal sealed record ExtensionRule;

/// <summary>
/// The browser extensions that may ask, by exact origin: their requests of other origin are answered so that the browser hands them the answer (CORS). No other origin is told anything, no answer allows
/// cookies, and only routes marked with <see cref="ExtensionConventions.OpenToExtensions"/> can be reached, with a bearer of a session that an extension opened.
/// </summary>
internal sealed class BrowserExtensions
{
    private const string Scheme = "chrome-extension://";
    private const int IdLength = 32;

    /// <summary>How long a browser need not ask again whether it may ask.</summary>
    private const string KeptSeconds = "7200";

    private readonly HashSet<string> _origins = new(StringComparer.Ordinal);

    /// <param name="ids">Separated by commas; 32 letters a to p each, as browsers show them.</param>
    /// <exception cref="WorkspaceException">One is no such id.</exception>
    public BrowserExtensions(string ids)
    {
        foreach (var id in ids.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            _origins.Add(id.Length == IdLength && id.All(letter => letter is >= 'a' and <= 'p')
                ? Scheme + id
                : throw new WorkspaceException($"'{id}' is no id of a browser extension.", "Give --extensions the 32 letters that chrome://extensions shows."));
    }

    /// <summary>Whether the request is of an extension that may ask. If so, its answer can be read there; a preflight is answered at once.</summary>
    /// <returns>True when the request needs no more work.</returns>
    public bool Answer(HttpContext context)
    {
        var (request, headers) = (context.Request, context.Response.Headers);
        headers.Vary = "Origin";
        var origin = request.Headers.Origin.ToString();
        if (!_origins.Contains(origin)) return false;
        context.Features.Set(new ExtensionRequest(origin));
        headers.AccessControlAllowOrigin = origin;
        headers.AccessControlExposeHeaders = "Retry-After";
        if (!HttpMethods.IsOptions(request.Method) || request.Headers.AccessControlRequestMethod.Count == 0) return false;
        headers.AccessControlAllowMethods = "GET, POST";
        headers.AccessControlAllowHeaders = "authorization, content-type";
        headers.AccessControlMaxAge = KeptSeconds;
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return true;
    }

    /// <summary>The text after <c>Bearer</c>, or null.</summary>
    public static string? Bearer(HttpRequest request) =>
        request.Headers.Authorization.ToString() is { } text && text.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? text["Bearer ".Length..].Trim() : null;

    /// <summary>Says so when the route is not for extensions.</summary>
    /// <returns>True when it was refused.</returns>
    public static async Task<bool> RefusesAsync(HttpContext context, Endpoint endpoint)
    {
        if (!ExtensionRequest.Is(context) || endpoint.Metadata.GetMetadata<ExtensionRule>() is not null) return false;
        await Problems.WriteAsync(context, StatusCodes.Status403Forbidden, "This route is closed to browser extensions.", "Use the page that the link opens.");
        return true;
    }
}

internal static class ExtensionConventions
{
    /// <summary>Lets browser extensions use the route, with the role that it needs.</summary>
    public static T OpenToExtensions<T>(this T builder)
        where T : IEndpointConventionBuilder => builder.WithMetadata(new ExtensionRule());
}
