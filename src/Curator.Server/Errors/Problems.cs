using System.Globalization;
using System.Text.Json;
using Curator.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Logging;

namespace Curator.Server.Errors;

/// <summary>Errors as problem details (RFC 9457) with the same <c>nextStep</c> that the command line would show.</summary>
internal static class Problems
{
    /// <summary>After which a request that met a full disk or a busy database is worth sending again.</summary>
    private const string RetrySeconds = "5";

    public static ProblemHttpResult Of(int status, string whatHappened, string nextStep) => TypedResults.Problem(Details(status, whatHappened, nextStep));

    public static Task WriteAsync(HttpContext context, int status, string whatHappened, string nextStep)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(
            Details(status, whatHappened, nextStep), JsonSerializerOptions.Web, "application/problem+json", context.RequestAborted);
    }

    /// <summary>Whole seconds, at least 1, for a Retry-After header.</summary>
    public static string Seconds(TimeSpan wait) => Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);

    /// <summary>Turns what routes throw into problem details; a bug of ours is logged and its message kept from the visitor.</summary>
    public static async Task CatchAsync(HttpContext context, RequestDelegate next, ILogger logger)
    {
        try
        {
            await next(context);
            // The framework refuses some requests (body too large, wrong content type, wrong method) with a bare status.
            var response = context.Response;
            if (response is { HasStarted: false, StatusCode: >= 400, ContentType: null })
            {
                var (happened, nextStep) = Refusal(response.StatusCode);
                await WriteAsync(context, response.StatusCode, happened, nextStep);
            }
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The visitor has gone; there is nobody to answer.
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            var (status, happened, nextStep) = Describe(e);
            if (status == StatusCodes.Status503ServiceUnavailable) context.Response.Headers.RetryAfter = RetrySeconds;
            if (status >= 500) logger.RequestFailed(e, context.Request.Method, context.Request.Path.Value ?? "");
            await WriteAsync(context, status, happened, nextStep);
        }
    }

    private static (int Status, string WhatHappened, string NextStep) Describe(Exception e) => e switch
    {
        RefusedException refused => (refused.Status, refused.WhatHappened, refused.NextStep),
        LabelConflictException conflict => (StatusCodes.Status409Conflict, conflict.WhatHappened, conflict.NextStep),
        StorageException storage => (StatusCodes.Status503ServiceUnavailable, storage.WhatHappened, storage.NextStep),
        WorkspaceException workspace => (StatusCodes.Status404NotFound, workspace.WhatHappened, workspace.NextStep),
        CuratorException curator => (StatusCodes.Status500InternalServerError, curator.WhatHappened, curator.NextStep),
        BadHttpRequestException bad => (bad.StatusCode, Refusal(bad.StatusCode).WhatHappened, Refusal(bad.StatusCode).NextStep),
        _ => (StatusCodes.Status500InternalServerError, "Something went wrong inside the server.", "Try again; if it stays, look into the server's log."),
    };

    private static (string WhatHappened, string NextStep) Refusal(int status) => status switch
    {
        StatusCodes.Status413PayloadTooLarge => ("The request is too large.", "Send less at a time."),
        StatusCodes.Status415UnsupportedMediaType => ("The request's content type is not taken here.", "Send application/json."),
        StatusCodes.Status405MethodNotAllowed => ("This route does not take that method.", "/openapi/v1.json lists the routes."),
        _ => ("The request cannot be read.", "Send what /openapi/v1.json describes."),
    };

    private static ProblemDetails Details(int status, string whatHappened, string nextStep) => new()
    {
        Status = status,
        Title = ReasonPhrases.GetReasonPhrase(status),
        Detail = whatHappened,
        Extensions = { ["nextStep"] = nextStep },
    };
}
