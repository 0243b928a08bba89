using Curator.Core;
using Curator.Core.Labels;
using Curator.Labeling.Classification;
using Curator.Labeling.Strategies;
using Curator.Server.Errors;
using Curator.Server.Images;
using Curator.Server.Security;
using Curator.Server.Tasks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Curator.Server.Rounds;

/// <summary>
/// Rounds from the page: where they stand, what is asked and with what probability, what the sweep is least sure of; start, stop, sweep. Probabilities are for reviewers
/// and owners: they would lead a labeler's answer.
/// </summary>
internal sealed class RoundsRoutes(Workspace workspace, LearningJobs jobs, LearningRunner runner, PictureLinks pictures)
{
    private const int MostPictures = 200;
    private const int LargestBudget = 100_000_000;

    public void Map(IEndpointRouteBuilder routes)
    {
        var tasks = routes.MapGroup("/api/tasks/{task}");
        tasks.MapGet("learning", GetAsync).Needs(Role.Reviewer).WithSummary("What runs for the task, its budget, its last sweep, what the labels cost");
        tasks.MapPost("learning", BeginAsync).Needs(Role.Owner).WithSummary("Begin one round, rounds until a stop rule holds, or the sweep");
        tasks.MapDelete("learning", StopAsync).Needs(Role.Owner).WithSummary("Stop what runs; answers and finished rounds stay");
        tasks.MapGet("queue", GetQueueAsync).Needs(Role.Reviewer).WithSummary("Pictures of a round with probability, reason and present answer");
        tasks.MapGet("border", GetBorderAsync).Needs(Role.Reviewer).WithSummary("Pictures without an answer around the sweep's threshold");
    }

    private async Task<Results<Ok<LearningDescription>, ProblemHttpResult>> GetAsync(string task, CancellationToken cancellationToken) =>
        await workspace.Labels.FindTaskAsync(task, cancellationToken) is { } found
            ? TypedResults.Ok(await DescribeAsync(found, cancellationToken))
            : TaskLookup.NotFound(task);

    private async Task<Results<Ok<LearningDescription>, ProblemHttpResult>> BeginAsync(string task, LearningRequest request, HttpContext context, CancellationToken cancellationToken)
    {
        if (await workspace.Labels.FindTaskAsync(task, cancellationToken) is not { } found) return TaskLookup.NotFound(task);
        if (FaultOf(request) is { } fault) return Problems.Of(StatusCodes.Status400BadRequest, fault, "Correct the values.");
        if (request.Work != LearningWork.Sweep && jobs.RunElsewhere(task))
            return Problems.Of(
                StatusCodes.Status409Conflict, $"Rounds of '{found.Name}' run in another process, probably `curator learn` or `curator find`.", "Let it end, or stop it there.");
        return await jobs.BeginAsync(found.Name, request, Visitor.Of(context).Person, cancellationToken) is null
            ? Problems.Of(StatusCodes.Status409Conflict, $"Something runs for '{found.Name}' already.", "Wait until it is done, or stop it.")
            : TypedResults.Ok(await DescribeAsync(found, cancellationToken));
    }

    private async Task<Results<Ok<LearningDescription>, ProblemHttpResult>> StopAsync(string task, CancellationToken cancellationToken)
    {
        if (await workspace.Labels.FindTaskAsync(task, cancellationToken) is not { } found) return TaskLookup.NotFound(task);
        await jobs.StopAsync(found.Name, cancellationToken);
        return TypedResults.Ok(await DescribeAsync(found, cancellationToken));
    }

    private async Task<Results<Ok<QueuedPicture[]>, ProblemHttpResult>> GetQueueAsync(string task, CancellationToken cancellationToken, int? round = null)
    {
        if (await workspace.Labels.FindTaskAsync(task, cancellationToken) is not { } found) return TaskLookup.NotFound(task);
        var rounds = await workspace.Labels.GetRoundsAsync(found.Name, cancellationToken);
        if (rounds.Count == 0) return TypedResults.Ok(Array.Empty<QueuedPicture>());
        var number = round ?? rounds.Max(r => r.Number);
        if (rounds.All(r => r.Number != number)) return Problems.Of(StatusCodes.Status404NotFound, $"There is no round {number}.", "GET rounds lists those there are.");
        var states = (await workspace.Labels.GetStatesAsync(found.Name, cancellationToken)).ToDictionary(s => s.Image);
        var queue = new List<QueuedPicture>();
        foreach (var item in await workspace.Labels.GetQueueAsync(found.Name, number, cancellationToken))
        {
            var state = states.GetValueOrDefault(item.Image);
            queue.Add(new QueuedPicture(
                item.Image.ToString(), await pictures.OfImageAsync(item.Image, cancellationToken), float.IsNaN(item.Probability) ? null : item.Probability, item.Reason,
                state?.Value, state is { Value: null }));
        }
        return TypedResults.Ok(queue.ToArray());
    }

    private async Task<Results<Ok<BorderPictures>, ProblemHttpResult>> GetBorderAsync(string task, CancellationToken cancellationToken, int count = 60)
    {
        if (count is < 1 or > MostPictures) return Problems.Of(StatusCodes.Status400BadRequest, $"count is {count}; it must be 1 to {MostPictures}.", "Ask for fewer.");
        if (await workspace.Labels.FindTaskAsync(task, cancellationToken) is not { } found) return TaskLookup.NotFound(task);
        var doubtful = await ReviewList.ReadAsync(workspace, found, count, cancellationToken);
        var items = new List<BorderPicture>(doubtful.Count);
        // By class, and within one from sure to doubtful, so that a whole row of right ones is passed at a glance.
        foreach (var item in doubtful.OrderBy(i => found.Classes.ToList().IndexOf(i.Class)).ThenByDescending(i => i.Probability))
            items.Add(new BorderPicture(item.Image.ToString(), await pictures.OfImageAsync(item.Image, cancellationToken), item.Probability, item.Class));
        return TypedResults.Ok(new BorderPictures((await Classifier.GetReportAsync(workspace, found.Name, cancellationToken))!.Threshold, items));
    }

    private async Task<LearningDescription> DescribeAsync(LabelingTask task, CancellationToken cancellationToken)
    {
        var job = await jobs.GetAsync(task.Name, cancellationToken);
        var (done, total) = jobs.ProgressOf(task.Name);
        var labels = (await workspace.Labels.GetStatesAsync(task.Name, cancellationToken)).Count(s => s.Value is not null);
        var options = runner.Settings(null);
        var images = await runner.CountImagesAsync(cancellationToken);
        var budget = options.BudgetFor(images);
        var sweep = await Classifier.GetReportAsync(workspace, task.Name, cancellationToken);
        return new LearningDescription(
            job, done, total, !job.IsAlive && jobs.RunElsewhere(task.Name), labels, budget, options.RoundSizeFor(budget), images, QueryStrategies.Names, options.Strategy,
            sweep is null ? null : SweepDescription.Of(sweep, labels), await runner.CostAsync(task, images, cancellationToken));
    }

    private static string? FaultOf(LearningRequest request)
    {
        if (!Enum.IsDefined(request.Work)) return "There is no such work.";
        if (request.LabelBudget is < 2 or > LargestBudget) return $"labelBudget is {request.LabelBudget}; it must be 2 to {LargestBudget}.";
        if (request.RoundSize is < 1 or > 100_000) return $"roundSize is {request.RoundSize}; it must be 1 to 100000.";
        if (request.TargetF1 is { } target && target is not (>= 0 and <= 1)) return $"targetF1 is {target}; it must be 0 to 1.";
        if (request.Strategy is null or QueryStrategies.ScheduleName) return null;
        try
        {
            QueryStrategies.Get(request.Strategy);
            return null;
        }
        catch (WorkspaceException e)
        {
            return e.WhatHappened;
        }
    }
}
