using Curator.Core.Labels;

namespace Curator.Server.Tasks;

/// <summary>What a labeler may expect of a task now.</summary>
internal enum TaskPhase
{
    /// <summary>No round has begun.</summary>
    NotStarted,

    /// <summary>Pictures wait for answers.</summary>
    Labeling,

    /// <summary>The round is answered; the next one comes when the classifier has learned from it.</summary>
    Learning,

    /// <summary>No further round will come.</summary>
    Done,
}

/// <param name="Round">Newest round, from 0; -1 before the first.</param>
/// <param name="Asked">Pictures of the newest round.</param>
/// <param name="Open">Of those, pictures without an answer.</param>
/// <param name="Answered">Pictures of the whole task with a present answer, unsure included.</param>
/// <param name="Positives">Of those, the ones of the task's first class.</param>
/// <param name="Unsure">Of those, the ones that nobody could tell.</param>
internal sealed record TaskProgress(string Task, TaskPhase Phase, int Round, int Asked, int Open, int Answered, int Positives, int Unsure);

/// <param name="Classes">The positive class first.</param>
/// <param name="Example">Address of the example picture, to which <c>&amp;size=</c> may be added; null without one.</param>
internal sealed record TaskDescription(
    string Name, string Question, IReadOnlyList<string> Classes, string Guidelines, string? Example, TaskProgress Progress);

/// <param name="Count">How many pictures the page wants to hold, 1 to 50.</param>
internal sealed record NextRequest(int Count);

/// <param name="Picture">Address of the picture, to which <c>&amp;size=</c> may be added.</param>
internal sealed record NextItem(string ImageId, string Picture, int Round);

internal sealed record NextItems(IReadOnlyList<NextItem> Items, TaskProgress Progress);

/// <summary>An answer on its way in; see <see cref="NewLabelEvent"/>.</summary>
/// <param name="OperationId">8 to 64 letters, digits, '-' or '_', never used before.</param>
/// <param name="Value">A class of the task for label and adjudicate; absent otherwise.</param>
internal sealed record Answer(string OperationId, string ImageId, LabelEventKind Kind, string? Value = null, DateTimeOffset? ShownAt = null, int Round = 0);

/// <param name="Stored">True when the answer is on disk, now or since an earlier sending; false when it can never be taken.</param>
/// <param name="Reason">Why it was refused.</param>
internal sealed record AnswerReceipt(string OperationId, bool Stored, long? Seq, string? Reason);

/// <param name="Metrics">The round's numbers as the learning loop wrote them; null until it is done.</param>
internal sealed record RoundDescription(int Number, RoundState State, int Asked, System.Text.Json.JsonElement? Metrics);
