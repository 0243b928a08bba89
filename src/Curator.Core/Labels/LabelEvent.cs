using Curator.Core.Images;

namespace Curator.Core.Labels;

/// <summary>What a person did. Events are appended, never changed or removed.</summary>
public enum LabelEventKind
{
    /// <summary>An answer; <see cref="LabelEvent.Value"/> is one of the task's classes.</summary>
    Label,

    /// <summary>Looked and could not tell.</summary>
    Unsure,

    /// <summary>Took back one's own last answer on this image.</summary>
    Undo,

    /// <summary>An owner's decision, above all others.</summary>
    Adjudicate,
}

/// <summary>An answer on its way in.</summary>
/// <param name="OperationId">Chosen by the client, unique for ever; the same id sent twice is stored once and answered the same.</param>
/// <param name="Person">Name or id of who answered; <c>simulated</c> for a simulated labeler, <c>import</c> for imported labels.</param>
/// <param name="Session">One sitting of one person, chosen by the client.</param>
/// <param name="Value">A class of the task for Label and Adjudicate; null otherwise.</param>
/// <param name="ShownAt">When the picture was shown, by the client's clock; for pace only.</param>
/// <param name="Round">Round of active learning that asked, or 0.</param>
public sealed record NewLabelEvent(
    string OperationId,
    string Task,
    ImageId Image,
    string Person,
    string Session,
    LabelEventKind Kind,
    string? Value,
    DateTimeOffset? ShownAt = null,
    int Round = 0);

/// <summary>A stored answer.</summary>
/// <param name="Seq">Position in the one order of all events, from 1.</param>
/// <param name="ServerAt">When it was stored, by the server's clock.</param>
/// <param name="Hash">SHA-256 over the previous event's hash and this event's content: the audit chain.</param>
public sealed record LabelEvent(
    long Seq,
    string OperationId,
    string Task,
    ImageId Image,
    string Person,
    string Session,
    LabelEventKind Kind,
    string? Value,
    DateTimeOffset? ShownAt,
    DateTimeOffset ServerAt,
    int Round,
    string Hash);

/// <summary>The present answer on an image: the projection of its events.</summary>
/// <param name="Value">A class of the task, or null when unsure.</param>
/// <param name="Seq">The event that decided.</param>
public sealed record LabelState(ImageId Image, string? Value, string Person, long Seq, int Round);

/// <summary>A question asked of many images.</summary>
/// <param name="Name">File-name safe: <c>island</c>.</param>
/// <param name="Question">Shown above the picture: <c>Is there an island?</c></param>
/// <param name="Classes">At least two, the positive one first; for yes/no tasks <c>["yes", "no"]</c>.</param>
/// <param name="Example">Absolute path of the example picture, or null.</param>
/// <param name="Encoder">Encoder id whose embeddings the rounds use: <c>simclr@1</c>; null until chosen.</param>
/// <param name="Guidelines">Plain text shown on request.</param>
public sealed record LabelingTask(
    string Name, string Question, IReadOnlyList<string> Classes, string? Example, string? Encoder, string Guidelines, DateTimeOffset CreatedAt);

/// <summary>An image that waits to be shown, in the order given by <see cref="Rank"/>.</summary>
/// <param name="Probability">Of the positive class when the item was queued; NaN when unknown.</param>
/// <param name="Reason">Why it was picked: <c>similar</c>, <c>uncertain</c>, <c>cover</c>, <c>random</c> …</param>
public sealed record QueueItem(string Task, int Round, int Rank, ImageId Image, float Probability, string Reason);

/// <summary>Where a round stands.</summary>
public enum RoundState
{
    /// <summary>Its queue is written; answers are awaited.</summary>
    Labeling,

    /// <summary>Answered, the head is trained, the metrics are kept.</summary>
    Done,
}

/// <summary>A round of active learning. Round 0 is the seed found by search.</summary>
/// <param name="Metrics">JSON object of the round's numbers; empty until done.</param>
public sealed record Round(string Task, int Number, RoundState State, int Asked, string Metrics);
