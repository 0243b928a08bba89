using Curator.Core;
using Curator.Core.Images;
using Curator.Core.Labels;
using Curator.Labeling.Rounds;
using Curator.Server.Errors;
using Curator.Server.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Curator.Server.Tasks;

/// <param name="Name">File-name safe: <c>island</c>.</param>
/// <param name="Classes">The positive one first; yes and no unless given.</param>
/// <param name="Opinions">People who answer each picture.</param>
/// <param name="Example">Id of an image to compare with; a picture from elsewhere is put to the task's <c>example</c>.</param>
/// <param name="Pictures">How many are asked about at once, drawn at random; null to queue them otherwise.</param>
internal sealed record NewTask(string Name, string Question, IReadOnlyList<string>? Classes = null, string Guidelines = "", int Opinions = 1, string? Example = null, int? Pictures = null);

/// <param name="Images">Ids, 1 to 500, in the order in which they shall be asked.</param>
internal sealed record QueueRequest(IReadOnlyList<string> Images);

/// <summary>An owner begins a task, and puts pictures into its queue: what a search has found, say.</summary>
internal sealed class QueueRoutes(Workspace workspace, AuditLog audit)
{
    private const int MostImages = 500;
    private const int MostDrawn = 1_000_000;
    private const int MostClasses = 100;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/tasks", CreateAsync).Needs(Role.Owner).OpenToExtensions().WithSummary("Begin a task; nothing changes where it is there already")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status409Conflict);
        routes.MapPost("/api/tasks/{task}/queue", QueueAsync).Needs(Role.Owner).OpenToExtensions().WithSummary("Have these pictures asked next")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound);
    }

    private async Task<Results<Created<TaskName>, ProblemHttpResult>> CreateAsync(NewTask request, HttpContext context, CancellationToken cancellationToken)
    {
        var classes = request.Classes ?? ["yes", "no"];
        if (request.Question.Trim().Length is 0 or > TaskRoutes.LongestQuestion || request.Guidelines.Length > TaskRoutes.LongestGuidelines
            || classes.Count is < 2 or > MostClasses || classes.Any(name => string.IsNullOrWhiteSpace(name) || name.Length > TaskRoutes.LongestClass))
            return Problems.Of(
                StatusCodes.Status400BadRequest,
                $"A task has a question of at most {TaskRoutes.LongestQuestion} characters and 2 to {MostClasses} classes of at most {TaskRoutes.LongestClass}.", "Correct the values.");
        if (!Visitor.Of(context).Link.Reaches(request.Name))
            return Problems.Of(StatusCodes.Status403Forbidden, "Your link is for another task only.", "Use a link that reaches all tasks.");
        if (!Names.IsValid(request.Name))
            return Problems.Of(StatusCodes.Status400BadRequest, "A task's name is made of letters, digits, '-', '_' and '.'.", "For example island or dust-storm.");
        if (request.Opinions is < 1 or > LabelingTask.MostOpinions || request.Pictures is < 1 or > MostDrawn)
            return Problems.Of(StatusCodes.Status400BadRequest, $"opinions is 1 to {LabelingTask.MostOpinions}, pictures 1 to {MostDrawn}.", "Correct the values.");
        var example = request.Example is null ? null : await ExamplePathAsync(request.Example, cancellationToken);
        if (request.Example is not null && example is null)
            return Problems.Of(StatusCodes.Status400BadRequest, "The example is no image of this project.", "Use an id such as 3-1742, or send a picture to the task's example.");
        try
        {
            var task = new LabelingTask(request.Name, request.Question.Trim(), [.. classes], example, null, request.Guidelines, workspace.Clock.GetUtcNow()) { Opinions = request.Opinions };
            var stored = await workspace.Labels.GetOrAddTaskAsync(task, cancellationToken);
            if (request.Pictures is { } pictures) await RandomRound.StartAsync(workspace, stored.Name, pictures, cancellationToken);
            var visitor = Visitor.Of(context);
            await audit.WriteAsync(AuditEvent.TaskMade, visitor.Person, visitor.Link.Id, context.Connection.RemoteIpAddress?.ToString(), stored.Name, cancellationToken);
            return TypedResults.Created($"/api/tasks/{Uri.EscapeDataString(stored.Name)}", new TaskName(stored.Name));
        }
        catch (WorkspaceException e)
        {
            return Problems.Of(StatusCodes.Status409Conflict, e.WhatHappened, e.NextStep);
        }
    }

    private async Task<Results<Ok<QueueAddition>, ProblemHttpResult>> QueueAsync(string task, QueueRequest request, CancellationToken cancellationToken)
    {
        if (request.Images.Count is < 1 or > MostImages)
            return Problems.Of(StatusCodes.Status400BadRequest, $"images must hold 1 to {MostImages} ids, it holds {request.Images.Count}.", "Send them in parts.");
        if (await workspace.Labels.FindTaskAsync(task, cancellationToken) is null) return TaskLookup.NotFound(task);
        var rows = (await workspace.Catalog.GetPartitionsAsync(cancellationToken)).ToDictionary(partition => partition.Number, partition => partition.Rows);
        var images = new List<ImageId>(request.Images.Count);
        foreach (var text in request.Images)
        {
            if (!ImageId.TryParse(text, null, out var image) || image.Row >= rows.GetValueOrDefault(image.Partition))
                return Problems.Of(StatusCodes.Status404NotFound, $"There is no image '{(text.Length > 40 ? text[..40] : text)}'.", "Use ids such as 3-1742.");
            images.Add(image);
        }
        return TypedResults.Ok(await workspace.Labels.AddToQueueAsync(task, images, "chosen", cancellationToken));
    }

    private async Task<string?> ExamplePathAsync(string text, CancellationToken cancellationToken)
    {
        if (!ImageId.TryParse(text, null, out var image)) return null;
        try
        {
            return (await workspace.GetImageAsync(image, cancellationToken)).Uri;
        }
        catch (WorkspaceException)
        {
            return null;
        }
    }

    internal sealed record TaskName(string Name);
}
