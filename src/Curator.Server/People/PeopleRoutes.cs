using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using Curator.Core;
using Curator.Labeling.Agreement;
using Curator.Server.Errors;
using Curator.Server.Images;
using Curator.Server.Security;
using Curator.Server.Tasks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Curator.Server.People;

/// <summary>Who answers, how fast and how well, how far people agree, and the live view of it.</summary>
internal sealed class PeopleRoutes(Workspace workspace, PeopleReader people, LiveReader live, SharedLinks links, PictureLinks pictures)
{
    private const int MostEntries = 200;
    private const int Resamples = 500;
    private const int Seed = 1;
    private const int TicksPerPing = 15;
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    public void Map(IEndpointRouteBuilder routes)
    {
        var task = routes.MapGroup("/api/tasks/{task}");
        task.MapGet("people", ListAsync).Needs(Role.Reviewer).WithSummary("What each person has done, pace, gold items and repeats");
        task.MapGet("log", LogAsync).Needs(Role.Labeler).WithSummary("Events of oneself, the newest first; of others for reviewers");
        task.MapGet("agreement", AgreementAsync).Needs(Role.Reviewer).WithSummary("Percent agreement, kappas and alpha with intervals, reliability of each person");
        task.MapGet("live", ListenAsync).Needs(Role.Reviewer).WithSummary("Who is here, pace, agreement and what is left, as server-sent events");
    }

    public static double? Number(double value) => double.IsFinite(value) ? value : null;

    private async Task<Results<Ok<IReadOnlyList<PersonReport>>, ProblemHttpResult>> ListAsync(string task, CancellationToken cancellationToken) =>
        await workspace.Labels.FindTaskAsync(task, cancellationToken) is { } found
            ? TypedResults.Ok(await people.ReadAsync(found, cancellationToken))
            : TaskLookup.NotFound(task);

    private async Task<Results<Ok<LogPage>, ProblemHttpResult>> LogAsync(
        string task, string? person, long? before, int? count, HttpContext context, CancellationToken cancellationToken)
    {
        var visitor = Visitor.Of(context);
        if (count is < 1 or > MostEntries || before < 1)
            return Problems.Of(StatusCodes.Status400BadRequest, $"count must be 1 to {MostEntries}, before at least 1.", "Correct the values.");
        if (person is not null && person != visitor.Person && visitor.Role < Role.Reviewer)
            return Problems.Of(StatusCodes.Status403Forbidden, "Others' answers need the role Reviewer.", "Leave `person` out to see your own.");
        if (await workspace.Labels.FindTaskAsync(task, cancellationToken) is null) return TaskLookup.NotFound(task);
        var wanted = count ?? 50;
        var entries = new List<LogEntry>(wanted);
        foreach (var entry in await workspace.Labels.GetNewestOfAsync(task, person ?? visitor.Person, before ?? long.MaxValue, wanted, cancellationToken))
            entries.Add(new LogEntry(
                entry.Seq, entry.Image.ToString(), await pictures.OfImageAsync(entry.Image, cancellationToken), entry.Kind, entry.Value, entry.Person, entry.ServerAt, PeopleReader.Seconds(entry)));
        return TypedResults.Ok(new LogPage(entries, entries.Count < wanted ? null : entries[^1].Seq));
    }

    private async Task<Results<Ok<AgreementDescription>, ProblemHttpResult>> AgreementAsync(string task, CancellationToken cancellationToken)
    {
        if (await workspace.Labels.FindTaskAsync(task, cancellationToken) is not { } found) return TaskLookup.NotFound(task);
        var table = await TaskAgreement.LoadAsync(workspace, found, cancellationToken);
        var report = AgreementStudy.Run(table, Resamples, Seed, cancellationToken);
        var estimate = DawidSkene.Estimate(table, new DawidSkeneOptions(), cancellationToken);
        var ratings = table.Ratings.SelectMany(given => given).GroupBy(rating => rating.Rater).ToDictionary(rater => rater.Key, rater => rater.Count());
        return TypedResults.Ok(new AgreementDescription(
            report.Images, report.Raters, report.Ratings, Of(report.Percent), Of(report.FleissKappa), Of(report.KrippendorffAlpha),
            [.. report.Classes.Select(of => new ClassEstimate(of.Class, of.Ratings, Of(of.Alpha)))],
            [.. report.Pairs.Select(pair => new PairEstimate(pair.First, pair.Second, pair.Images, pair.Percent, Number(pair.CohenKappa)))],
            [.. table.Raters.Select((person, number) => new Reliability(person, ratings.GetValueOrDefault(number), Number(estimate.Accuracy(number)) ?? 0))]));

        static Estimate Of(Coefficient of) => new(Number(of.Value), Number(of.Low), Number(of.High));
    }

    private async Task<Results<ServerSentEventsResult<LiveState?>, ProblemHttpResult>> ListenAsync(string task, HttpContext context, CancellationToken cancellationToken)
    {
        if (await workspace.Labels.FindTaskAsync(task, cancellationToken) is null) return TaskLookup.NotFound(task);
        context.Response.Headers["X-Accel-Buffering"] = "no";
        return TypedResults.ServerSentEvents(WatchAsync(task, Visitor.Of(context).Link, cancellationToken));
    }

    private async IAsyncEnumerable<SseItem<LiveState?>> WatchAsync(string name, SharedLink link, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? last = null;
        using var timer = new PeriodicTimer(Tick, workspace.Clock);
        for (var quiet = 0; ; quiet++)
        {
            if (links.FindValid(link.Id) is null || await workspace.Labels.FindTaskAsync(name, cancellationToken) is not { } task) yield break;
            var state = await live.ReadAsync(task, cancellationToken);
            // Lists compare by reference; the text says whether anything is new.
            var text = System.Text.Json.JsonSerializer.Serialize(state);
            if (text != last || quiet >= TicksPerPing)
            {
                yield return text == last ? new SseItem<LiveState?>(null, "ping") : new SseItem<LiveState?>(state, "live");
                (last, quiet) = (text, 0);
            }
            if (!await timer.WaitForNextTickAsync(cancellationToken)) yield break;
        }
    }
}
