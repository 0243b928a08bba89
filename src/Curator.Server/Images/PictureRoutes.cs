using Curator.Core;
using Curator.Core.Images;
using Curator.Imagery.Thumbnails;
using Curator.Server.Errors;
using Curator.Server.Security;
using Curator.Server.Tasks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace Curator.Server.Images;

/// <summary>
/// Pictures by image id or task, never by path; always decoded and encoded anew, so that no byte of a user's file reaches a browser.
/// </summary>
internal sealed class PictureRoutes(Workspace workspace, PictureCache cache, ILogger<PictureRoutes> logger)
{
    /// <summary>Longest sides that are made, in pixels; others are rounded up, so that nobody fills the cache with a thousand sizes.</summary>
    private static readonly int[] Sizes = [128, 256, 512, 768, 1024, 1536, 2048];

    private const int DefaultSize = 768;

    /// <summary>High, because small tiles are shown several times their size and the blocks of a lower one would be taken for features.</summary>
    private const int Quality = 92;

    private readonly Thumbnailer _thumbnailer = new();

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/images/{image}/picture", GetImageAsync).Needs(Role.Viewer).OpenToExtensions().WithSummary("A picture by image id");
        routes.MapGet("/api/tasks/{task}/example", GetExampleAsync).Needs(Role.Viewer).WithSummary("The task's example picture");
    }

    private async Task<IResult> GetImageAsync(string image, int? size, string? v, HttpContext context, CancellationToken cancellationToken)
    {
        if (!ImageId.TryParse(image, null, out var id)) return Missing();
        ImageRecord record;
        try
        {
            record = await workspace.GetImageAsync(id, cancellationToken);
        }
        catch (WorkspaceException)
        {
            return Missing();
        }
        return await SendAsync(id.ToString(), side => _thumbnailer.WebP(record, side, Quality), record.Sha256[..16], size, v, context, cancellationToken);
    }

    private async Task<IResult> GetExampleAsync(string task, int? size, string? v, HttpContext context, CancellationToken cancellationToken)
    {
        if (await workspace.Labels.FindTaskAsync(task, cancellationToken) is not { } found) return TaskLookup.NotFound(task);
        return found.Example is { } path && PictureLinks.OfExample(found) is { } link
            ? await SendAsync($"example of {task}", side => _thumbnailer.WebP(path, side, Quality), link[(link.LastIndexOf('=') + 1)..], size, v, context, cancellationToken)
            : Problems.Of(StatusCodes.Status404NotFound, "The task has no example picture.", "Make the task with an example.");
    }

    private async Task<IResult> SendAsync(
        string name, Func<int, byte[]> make, string version, int? size, string? askedVersion, HttpContext context, CancellationToken cancellationToken)
    {
        var side = Array.Find(Sizes, candidate => candidate >= (size ?? DefaultSize));
        if (side == 0 || size < 1)
            return Problems.Of(StatusCodes.Status400BadRequest, $"size is {size}; it must be 1 to {Sizes[^1]}.", "Ask for a smaller picture.");
        byte[] bytes;
        try
        {
            bytes = await cache.GetAsync($"{name}/{version}/{side}", () => make(side), cancellationToken);
        }
        catch (Exception e) when (e is CuratorException or IOException or UnauthorizedAccessException)
        {
            logger.PictureFailed(name, e.Message);
            return Problems.Of(StatusCodes.Status422UnprocessableEntity, "This picture cannot be shown: its file is gone, was changed or is damaged.", "Answer unsure; the owner runs `curator add` on the folder again.");
        }
        var headers = context.Response.Headers;
        headers.CacheControl = askedVersion == version ? "private, max-age=31536000, immutable" : "private, no-cache";
        headers.ContentDisposition = "inline; filename=\"picture.webp\"";
        return TypedResults.Bytes(bytes, "image/webp", entityTag: new Microsoft.Net.Http.Headers.EntityTagHeaderValue($"\"{version}-{side}\""));
    }

    private static Microsoft.AspNetCore.Http.HttpResults.ProblemHttpResult Missing() =>
        Problems.Of(StatusCodes.Status404NotFound, "There is no such image.", "Image ids look like 3-1742; GET them from a task.");
}
