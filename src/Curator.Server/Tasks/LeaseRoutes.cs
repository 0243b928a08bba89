using Curator.Core;
using Curator.Core.Images;
using Curator.Server.Errors;
using Curator.Server.People;
using Curator.Server.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Curator.Server.Tasks;

/// <summary><c>/api/tasks/{task}/leases</c>: the page says that somebody still looks at its pictures, or gives them back.</summary>
internal sealed class LeaseRoutes(Workspace workspace, Presence presence, TimeSpan leaseTime)
{
    private const int MostImages = 100;

    public void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/api/tasks/{task}/leases", RenewAsync).Needs(Role.Labeler).WithSummary("Keep pictures back from others a while longer, or give them back");

    private async Task<Results<Ok<LeaseReceipt>, ProblemHttpResult>> RenewAsync(string task, LeaseRequest request, HttpContext context, CancellationToken cancellationToken)
    {
        if (request.ImageIds.Length is 0 or > MostImages)
            return Problems.Of(StatusCodes.Status400BadRequest, $"{request.ImageIds.Length} pictures were named; 1 to {MostImages} may be.", "Name those that the page holds.");
        if (await workspace.Labels.FindTaskAsync(task, cancellationToken) is null) return TaskLookup.NotFound(task);
        var images = new List<ImageId>(request.ImageIds.Length);
        foreach (var text in request.ImageIds)
            if (ImageId.TryParse(text, null, out var image))
                images.Add(image);
        var person = Visitor.Of(context).Person;
        var held = new List<string>();
        if (request.Release)
        {
            // A page gives back what it holds when it is closed.
            presence.Leave(task, person);
            await workspace.Labels.ReleaseLeasesAsync(task, person, images, cancellationToken);
            return TypedResults.Ok(new LeaseReceipt(held, request.ImageIds, (int)leaseTime.TotalSeconds));
        }
        presence.Touch(task, person);
        held.AddRange((await workspace.Labels.RenewLeasesAsync(task, person, images, leaseTime, cancellationToken)).Select(image => image.ToString()));
        return TypedResults.Ok(new LeaseReceipt(held, [.. request.ImageIds.Except(held, StringComparer.Ordinal)], (int)leaseTime.TotalSeconds));
    }
}
