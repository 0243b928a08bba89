using Curator.Core;
using Curator.Core.Images;
using Curator.Core.Labels;
using Curator.Server.Errors;
using Curator.Server.Images;
using Curator.Server.Security;
using Curator.Server.Tasks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Conflict = Curator.Core.Labels.Conflict;

namespace Curator.Server.Review;

/// <summary>Pictures on which people disagree, and the decision of a reviewer above them all.</summary>
internal sealed class ReviewRoutes(Workspace workspace, PictureLinks pictures)
{
    private const int MostItems = 100;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/tasks/{task}/review", ListAsync).Needs(Role.Reviewer).WithSummary("Pictures on which people disagree or that nobody could tell");
        routes.MapPost("/api/tasks/{task}/decisions", DecideAsync).Needs(Role.Reviewer).WithSummary("Decide on one, above all answers; 409 when it was answered since it was seen");
    }

    private async Task<Results<Ok<ReviewPage>, ProblemHttpResult>> ListAsync(string task, string? after, int? count, bool? decided, CancellationToken cancellationToken)
    {
        if (count is < 1 or > MostItems) return Problems.Of(StatusCodes.Status400BadRequest, $"count is {count}; it must be 1 to {MostItems}.", "Ask for fewer at a time.");
        ImageId? start = null;
        if (after is not null)
        {
            if (!ImageId.TryParse(after, null, out var id)) return Problems.Of(StatusCodes.Status400BadRequest, "after is no image id.", "Give the `next` of the page before.");
            start = id;
        }
        if (await workspace.Labels.FindTaskAsync(task, cancellationToken) is null) return TaskLookup.NotFound(task);
        var wanted = count ?? 20;
        var conflicts = await workspace.Labels.GetConflictsAsync(task, start, wanted, decided ?? false, cancellationToken);
        var items = new List<ReviewItem>(conflicts.Count);
        foreach (var conflict in conflicts) items.Add(await DescribeAsync(conflict, cancellationToken));
        return TypedResults.Ok(new ReviewPage(
            items, await workspace.Labels.CountConflictsAsync(task, cancellationToken), conflicts.Count < wanted ? null : conflicts[^1].Image.ToString()));
    }

    private async Task<Results<Ok<AnswerReceipt>, ProblemHttpResult>> DecideAsync(string task, NewDecision decision, HttpContext context, CancellationToken cancellationToken)
    {
        if (await workspace.Labels.FindTaskAsync(task, cancellationToken) is not { } found) return TaskLookup.NotFound(task);
        var visitor = Visitor.Of(context);
        var answer = new Answer(decision.OperationId, decision.ImageId, LabelEventKind.Adjudicate, decision.Value);
        var partitions = (await workspace.Catalog.GetPartitionsAsync(cancellationToken)).ToDictionary(partition => partition.Number, partition => partition.Rows);
        if (AnswerRoutes.FindFault(answer, found, visitor, partitions, out var image) is { } fault)
            return Problems.Of(StatusCodes.Status400BadRequest, fault, "Correct the decision and send it again.");
        var sent = AnswerRoutes.ToEvent(answer, image, found, visitor);
        try
        {
            return TypedResults.Ok(AnswerRoutes.Receipt(sent, await workspace.Labels.DecideAsync(sent, decision.SeenSeq, cancellationToken)));
        }
        catch (LabelConflictException stale)
        {
            var now = await DescribeAsync(await workspace.Labels.GetConflictAsync(task, image, cancellationToken), cancellationToken);
            return TypedResults.Problem(new ProblemDetails
            {
                Status = StatusCodes.Status409Conflict,
                Title = "Conflict",
                Detail = stale.WhatHappened,
                Extensions = { ["nextStep"] = stale.NextStep, ["item"] = now },
            });
        }
    }

    private async Task<ReviewItem> DescribeAsync(Conflict conflict, CancellationToken cancellationToken) => new(
        conflict.Image.ToString(),
        await pictures.OfImageAsync(conflict.Image, cancellationToken),
        [.. conflict.Opinions.Select(opinion => new ReviewOpinion(opinion.Person, opinion.Value, opinion.Imported, opinion.Seq))],
        conflict.Decision is { } decision ? new ReviewDecision(decision.Value, decision.Person, decision.Seq) : null,
        conflict.NewestSeq);
}
