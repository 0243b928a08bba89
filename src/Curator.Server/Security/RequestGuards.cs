using Curator.Server.Errors;
using Microsoft.AspNetCore.Http;

namespace Curator.Server.Security;

/// <summary>What every request must satisfy before any route sees it, and the headers of every answer.</summary>
/// <param name="pictureHost">The one other host that the page may show pictures of, as the owner named it; null for none.</param>
internal sealed class RequestGuards(IReadOnlySet<string> allowedHosts, bool secure, string? pictureHost, BrowserExtensions extensions)
{
    private readonly string _contentSecurityPolicy =
        $"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:{(pictureHost is null ? "" : " " + pictureHost)}; connect-src 'self'; manifest-src 'self'; worker-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        SetHeaders(context.Response.Headers);
        var request = context.Request;
        // A page of another site that had its own name resolve to this address would otherwise be of the same origin (DNS rebinding).
        if (!allowedHosts.Contains(request.Host.Host))
            await Problems.WriteAsync(
                context, StatusCodes.Status421MisdirectedRequest, "This server does not answer under that host name.", "Use the link as printed, or name the host with --allowed-hosts.");
        else if (extensions.Answer(context))
            return;
        else if (ChangesState(request.Method) && !ExtensionRequest.Is(context) && !FromOwnPage(request))
            await Problems.WriteAsync(
                context, StatusCodes.Status403Forbidden, "A page of another site sent this request.", "Use the page that the link opens.");
        else
            await next(context);
    }

    private void SetHeaders(IHeaderDictionary headers)
    {
        headers.ContentSecurityPolicy = _contentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=(), payment=()";
        headers.CacheControl = "no-store";
        if (secure) headers.StrictTransportSecurity = "max-age=31536000";
    }

    private static bool ChangesState(string method) =>
        !HttpMethods.IsGet(method) && !HttpMethods.IsHead(method) && !HttpMethods.IsOptions(method);

    private static bool FromOwnPage(HttpRequest request)
    {
        // Browsers send both by themselves and pages cannot forge them; a program that sends neither has to hold the cookie anyway.
        if (request.Headers["Sec-Fetch-Site"].ToString() is { Length: > 0 } site && site is not "same-origin") return false;
        if (request.Headers.Origin.ToString() is not { Length: > 0 } origin) return true;
        return Uri.TryCreate(origin, UriKind.Absolute, out var uri) && string.Equals(uri.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase);
    }
}
