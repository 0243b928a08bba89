using System.Text.Json;
using Curator.Core;
using Curator.Core.Labels;
using Curator.Server.Errors;
using Curator.Server.Images;
using Curator.Server.People;
using Curator.Server.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Curator.Server.Tasks;

/// <summary><c>/api/tasks</c>: what is asked, what comes next, how the rounds went.</summary>
internal sealed class TaskRoutes(Workspace workspace, ProgressReader progress, ProgressFeed feed, PictureLinks pictures, Presence presence, AuditLog audit, TimeSpan leaseTime)
{
    private const int MostItems = 50;
    internal const int LongestQuestion = 500;
    internal const int LongestGuidelines = 20_000;
    internal const int LongestClass = 100;

    public void Map(IEndpointRouteBuilder routes)
    {
        var tasks = routes.MapGroup("/api/tasks");
        tasks.MapGet("", ListAsync).Needs(Role.Viewer).OpenToExtensions().WithSummary("Tasks that the link reaches");
        tasks.MapGet("{task}", GetAsync).Needs(Role.Viewer).WithSummary("Question, classes, guidelines, example, progress");
        tasks.MapPatch("{task}", ChangeAsync).Needs(Role.Owner).WithSummary("Change question, classes, guidelines, opinions or checks; pause, resume or stop");
        tasks.MapGet("{task}/rounds", GetRoundsAsync).Needs(Role.Viewer).WithSummary("Rounds with their metrics");
        tasks.MapPost("{task}/next", NextAsync).Needs(Role.Labeler).WithSummary("Next pictures to answer, kept back from others for a while");
        routes.MapGet("/api/events", Listen).Needs(Role.Viewer).WithSummary("Progress as server-sent events");
    }

    private async Task<Ok<TaskDescription[]>> ListAsync(HttpContext context, CancellationToken cancellationToken)
    {
        var link = Visitor.Of(context).Link;
        var found = new List<TaskDescription>();
        foreach (var task in await workspace.Labels.GetTasksAsync(cancellationToken))
            if (link.Reaches(task.Name))
                found.Add(await DescribeAsync(task, cancellationToken));
        return TypedResults.Ok(found.ToArray());
    }

    private async Task<Results<Ok<TaskDescription>, ProblemHttpResult>> GetAsync(string task, CancellationToken cancellationToken) =>
        await workspace.Labels.FindTaskAsync(task, cancellationToken) is { } found
            ? TypedResults.Ok(await DescribeAsync(found, cancellationToken))
            : TaskLookup.NotFound(task);

    private async Task<Results<Ok<TaskDescription>, ProblemHttpResult>> ChangeAsync(string task, TaskChanges changes, HttpContext context, CancellationToken cancellationToken)
    {
        if (await workspace.Labels.FindTaskAsync(task, cancellationToken) is null) return TaskLookup.NotFound(task);
        if (changes.Question?.Length > LongestQuestion || changes.Guidelines?.Length > LongestGuidelines || changes.AddClasses?.Any(name => name is not { Length: > 0 and <= LongestClass }) == true)
            return Problems.Of(
                StatusCodes.Status400BadRequest, $"A question has at most {LongestQuestion} characters, guidelines {LongestGuidelines}, a class 1 to {LongestClass}.", "Shorten the text.");
        if (changes.State is { } state && !Enum.IsDefined(state)) return Problems.Of(StatusCodes.Status400BadRequest, "There is no such state.", "Give open, paused or stopped.");
        try
        {
            var changed = await workspace.Labels.ChangeTaskAsync(
                task,
                new TaskChange(changes.Question, changes.AddClasses, null, changes.Guidelines, changes.Opinions, changes.State, changes.GoldEvery, changes.RepeatEvery),
                cancellationToken);
            await audit.WriteAsync(
                AuditEvent.TaskChanged, Visitor.Of(context).Person, Visitor.Of(context).Link.Id, context.Connection.RemoteIpAddress?.ToString(), $"{task}, revision {changed.Revision}, {changed.State}",
                cancellationToken);
            return TypedResults.Ok(await DescribeAsync(changed, cancellationToken));
        }
        catch (WorkspaceException wrong)
        {
            return Problems.Of(StatusCodes.Status400BadRequest, wrong.WhatHappened, wrong.NextStep);
        }
    }

    private async Task<Results<Ok<RoundDescription[]>, ProblemHttpResult>> GetRoundsAsync(string task, CancellationToken cancellationToken)
    {
        if (await workspace.Labels.FindTaskAsync(task, cancellationToken) is null) return TaskLookup.NotFound(task);
        var rounds = await workspace.Labels.GetRoundsAsync(task, cancellationToken);
        return TypedResults.Ok(rounds.Select(round => new RoundDescription(round.Number, round.State, round.Asked, Metrics(round))).ToArray());
    }

    private async Task<Results<Ok<NextItems>, ProblemHttpResult>> NextAsync(
        string task, NextRequest request, HttpContext context, CancellationToken cancellationToken)
    {
        if (request.Count is < 1 or > MostItems)
            return Problems.Of(StatusCodes.Status400BadRequest, $"count is {request.Count}; it must be 1 to {MostItems}.", "Ask for fewer pictures at a time.");
        if (await workspace.Labels.FindTaskAsync(task, cancellationToken) is not { } found) return TaskLookup.NotFound(task);
        var person = Visitor.Of(context).Person;
        presence.Touch(task, person);
        var taken = await workspace.Labels.TakeNextAsync(task, person, request.Count, leaseTime, cancellationToken);
        var items = new List<NextItem>(taken.Count);
        foreach (var item in taken)
            items.Add(new NextItem(item.Image.ToString(), await pictures.OfImageAsync(item.Image, cancellationToken), item.Round));
        var now = await progress.ReadAsync(found, cancellationToken);
        return TypedResults.Ok(new NextItems(items, items.Count == 0 && now.Phase is TaskPhase.Labeling, now));
    }

    private Results<ServerSentEventsResult<TaskProgress?>, ProblemHttpResult> Listen(HttpContext context, CancellationToken cancellationToken)
    {
        if (feed.IsFull)
            return Problems.Of(StatusCodes.Status503ServiceUnavailable, "Too many pages are listening.", "Close some, or try again later; labeling works without.");
        context.Response.Headers["X-Accel-Buffering"] = "no";
        return TypedResults.ServerSentEvents(feed.ListenAsync(Visitor.Of(context).Link, cancellationToken));
    }

    private async Task<TaskDescription> DescribeAsync(LabelingTask task, CancellationToken cancellationToken) =>
        new(
            task.Name, task.Question, task.Classes, task.Guidelines, PictureLinks.OfExample(task), task.Opinions, task.State, task.GoldEvery, task.RepeatEvery, task.Revision,
            await progress.ReadAsync(task, cancellationToken));

    private static JsonElement? Metrics(Round round)
    {
        if (round.Metrics.Length == 0) return null;
        try
        {
            return JsonSerializer.Deserialize<JsonElement>(round.Metrics);
        }
        catch (JsonException)
        {
            return null; // written by a hand; a page without the numbers is better than none
        }
    }
}
