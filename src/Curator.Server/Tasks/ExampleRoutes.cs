using System.Security.Cryptography;
using Curator.Core;
using Curator.Core.Files;
using Curator.Core.Labels;
using Curator.Imagery.Decoding;
using Curator.Imagery.Thumbnails;
using Curator.Server.Errors;
using Curator.Server.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Curator.Server.Tasks;

/// <summary>
/// <c>PUT /api/tasks/{task}/example</c>: an owner sends the picture to compare with. What is kept is a copy that was decoded and encoded anew, under a name made of its content.
/// </summary>
internal sealed class ExampleRoutes(Workspace workspace, AuditLog audit)
{
    private const long LargestBytes = 16 << 20;

    /// <summary>Longest side that is kept, pixels: more than any screen shows of it.</summary>
    private const int KeptSide = 2048;

    private const int Quality = 92;
    private readonly Thumbnailer _thumbnailer = new();

    public void Map(IEndpointRouteBuilder routes) =>
        routes.MapPut("/api/tasks/{task}/example", PutAsync).Needs(Role.Owner)
            .WithMetadata(new RequestSizeLimitAttribute(LargestBytes))
            .WithSummary("The picture to compare with, as the body, of at most 16 MiB")
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status413PayloadTooLarge).ProducesProblem(StatusCodes.Status422UnprocessableEntity);

    private async Task<Results<NoContent, ProblemHttpResult>> PutAsync(string task, Stream picture, HttpContext context, CancellationToken cancellationToken)
    {
        if (await workspace.Labels.FindTaskAsync(task, cancellationToken) is not { } found) return TaskLookup.NotFound(task);
        var sent = Path.Combine(workspace.WorkDirectory("serve"), $"upload-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}");
        try
        {
            await using (var file = new FileStream(sent, FileMode.CreateNew, FileAccess.Write)) await picture.CopyToAsync(file, cancellationToken);
            var kept = Keep(_thumbnailer.WebP(sent, KeptSide, Quality));
            await workspace.Labels.ChangeTaskAsync(found.Name, new TaskChange(Example: kept), cancellationToken);
        }
        catch (ImageDecodeException)
        {
            // Its text names the private file; the person knows which picture was sent.
            return Problems.Of(StatusCodes.Status422UnprocessableEntity, "What was sent is no picture that can be read.", "Send a JPEG, PNG, WebP, GIF, BMP or TIFF picture.");
        }
        finally
        {
            File.Delete(sent);
        }
        var visitor = Visitor.Of(context);
        await audit.WriteAsync(AuditEvent.TaskChanged, visitor.Person, visitor.Link.Id, context.Connection.RemoteIpAddress?.ToString(), $"{found.Name}, example", cancellationToken);
        return TypedResults.NoContent();
    }

    private string Keep(byte[] bytes)
    {
        var folder = Path.Combine(workspace.Root, "examples");
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, $"{Convert.ToHexStringLower(SHA256.HashData(bytes))[..16]}.webp");
        if (!File.Exists(path)) AtomicFile.Write(path, stream => stream.Write(bytes));
        return path;
    }
}
