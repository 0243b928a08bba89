using Curator.Core;
using Curator.Core.Images;
using Curator.Core.Labels;
using Curator.Server.Errors;
using Curator.Server.People;
using Curator.Server.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Curator.Server.Tasks;

/// <summary>
/// <c>/api/tasks/{task}/answers</c>: what people answered, durable when the request is answered. An answer that can never be taken gets a
/// receipt that says so, and the others of its batch are stored all the same: a page's outbox must not be stuck behind one of them.
/// </summary>
internal sealed class AnswerRoutes(Workspace workspace, Presence presence, int mostWaiting)
{
    private const int MostAnswers = 100;

    private readonly AnswerRules _rules = new(workspace);
    private int _waiting;

    // 20 answers a second on average, and room for what a phone kept while it was offline.
    private readonly Throttle _throttle = new(limit: 600, TimeSpan.FromSeconds(30), workspace.Clock);

    public void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/api/tasks/{task}/answers", AppendAsync).Needs(Role.Labeler).WithSummary("Store answers durably; sent again, the same operation ids change nothing");

    private async Task<Results<Ok<AnswerReceipt[]>, ProblemHttpResult>> AppendAsync(
        string task, Answer[] answers, HttpContext context, CancellationToken cancellationToken)
    {
        if (answers.Length is 0 or > MostAnswers)
            return Problems.Of(StatusCodes.Status400BadRequest, $"The batch has {answers.Length} answers; it must have 1 to {MostAnswers}.", "Send several batches.");
        if (await _rules.FindTaskAsync(task, answers, cancellationToken) is not { } found) return TaskLookup.NotFound(task);
        var visitor = Visitor.Of(context);
        if (!_throttle.TryTake(visitor.Person, answers.Length, out var wait))
        {
            context.Response.Headers.RetryAfter = Problems.Seconds(wait);
            return Problems.Of(StatusCodes.Status429TooManyRequests, "More than 20 answers a second.", "Send them again later with the same operation ids.");
        }
        presence.Touch(task, visitor.Person);
        if (Interlocked.Increment(ref _waiting) > mostWaiting)
        {
            Interlocked.Decrement(ref _waiting);
            context.Response.Headers.RetryAfter = "1";
            return Problems.Of(StatusCodes.Status503ServiceUnavailable, "Too many answers wait to be stored.", "Send them again in a second with the same operation ids.");
        }
        try
        {
            return TypedResults.Ok(await StoreAsync(found, answers, visitor, cancellationToken));
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    private async Task<AnswerReceipt[]> StoreAsync(LabelingTask task, Answer[] answers, Visitor visitor, CancellationToken cancellationToken)
    {
        var partitions = await _rules.RowsAsync(answers, cancellationToken);
        var receipts = new AnswerReceipt?[answers.Length];
        var accepted = new List<(int Position, NewLabelEvent Event)>(answers.Length);
        for (var i = 0; i < answers.Length; i++)
        {
            var reason = FindFault(answers[i], task, visitor, partitions, out var image);
            if (reason is not null) receipts[i] = new AnswerReceipt(answers[i].OperationId ?? "", false, null, reason);
            else accepted.Add((i, ToEvent(answers[i], image, task, visitor)));
        }
        var stored = accepted.Count == 0 ? [] : await workspace.Labels.AppendAsync([.. accepted.Select(entry => entry.Event)], cancellationToken);
        for (var i = 0; i < accepted.Count; i++)
            receipts[accepted[i].Position] = Receipt(accepted[i].Event, stored[i]);
        return [.. receipts.Select(receipt => receipt!)];
    }

    internal static string? FindFault(Answer answer, LabelingTask task, Visitor visitor, IReadOnlyDictionary<int, long> partitions, out ImageId image)
    {
        image = default;
        if (answer is null) return "The answer is null.";
        if (answer.OperationId is not { Length: >= 8 and <= 64 } id || id.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_')))
            return "An operation id has 8 to 64 letters, digits, '-' or '_'.";
        if (!ImageId.TryParse(answer.ImageId, null, out image) || !partitions.TryGetValue(image.Partition, out var rows) || image.Row >= rows)
            return "There is no such image.";
        if (answer.Round < 0) return "A round is at least 0.";
        var needsValue = answer.Kind is LabelEventKind.Label or LabelEventKind.Adjudicate;
        if (!Enum.IsDefined(answer.Kind) || answer.Kind is LabelEventKind.Import) return "There is no such kind of answer.";
        if (needsValue && !task.Classes.Contains(answer.Value, StringComparer.Ordinal)) return $"The value must be one of: {string.Join(", ", task.Classes)}.";
        if (!needsValue && answer.Value is not null) return "Unsure and undo carry no value.";
        if (answer.Kind is LabelEventKind.Adjudicate && visitor.Role < Role.Reviewer) return "Only a reviewer or owner decides above all others.";
        return null;
    }

    internal static NewLabelEvent ToEvent(Answer answer, ImageId image, LabelingTask task, Visitor visitor) =>
        new(answer.OperationId, task.Name, image, visitor.Person, visitor.Session.Id, answer.Kind, answer.Value, answer.ShownAt, answer.Round);

    internal static AnswerReceipt Receipt(NewLabelEvent sent, LabelEvent stored) =>
        stored.Person == sent.Person && stored.Task == sent.Task && stored.Image == sent.Image && stored.Kind == sent.Kind && stored.Value == sent.Value
            ? new AnswerReceipt(sent.OperationId, true, stored.Seq, null)
            : new AnswerReceipt(sent.OperationId, false, null, "This operation id was used for another answer.");
}
