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

    /// <summary>The owner holds it up; pictures come again later.</summary>
    Paused,

    /// <summary>The owner has ended it.</summary>
    Stopped,
}

/// <param name="Round">Newest round, from 0; -1 before the first.</param>
/// <param name="Asked">Pictures of the newest round.</param>
/// <param name="Open">Of those, pictures that need further answers.</param>
/// <param name="Answered">Pictures of the whole task with a present answer, unsure included.</param>
/// <param name="Positives">Of those, the ones of the task's first class.</param>
/// <param name="Unsure">Of those, the ones that nobody could tell.</param>
/// <param name="Revision">That of the task; a page that holds an older one asks for the task again.</param>
internal sealed record TaskProgress(string Task, TaskPhase Phase, int Round, int Asked, int Open, int Answered, int Positives, int Unsure, int Revision);

/// <param name="Classes">The positive class first.</param>
/// <param name="Example">Address of the example picture, to which <c>&amp;size=</c> may be added; null without one.</param>
/// <param name="Opinions">People who answer each picture.</param>
/// <param name="Revision">Grows with every change of the task.</param>
internal sealed record TaskDescription(
    string Name, string Question, IReadOnlyList<string> Classes, string Guidelines, string? Example, int Opinions, TaskState State, int GoldEvery, int RepeatEvery, int Revision,
    TaskProgress Progress);

/// <summary>What an owner changes of a task; what is absent stays.</summary>
internal sealed record TaskChanges(
    string? Question = null, string[]? AddClasses = null, string? Guidelines = null, int? Opinions = null, TaskState? State = null, int? GoldEvery = null, int? RepeatEvery = null);

/// <param name="Count">How many pictures the page wants to hold, 1 to 50.</param>
internal sealed record NextRequest(int Count);

/// <param name="Picture">Address of the picture, to which <c>&amp;size=</c> may be added.</param>
internal sealed record NextItem(string ImageId, string Picture, int Round);

/// <param name="WaitingForOthers">Nothing is left for this person, though others still have pictures.</param>
internal sealed record NextItems(IReadOnlyList<NextItem> Items, bool WaitingForOthers, TaskProgress Progress);

/// <param name="ImageIds">1 to 100 pictures that the page holds.</param>
/// <param name="Release">Gives them back instead of keeping them.</param>
internal sealed record LeaseRequest(string[] ImageIds, bool Release = false);

/// <param name="Held">Pictures that are still the person's own.</param>
/// <param name="Lost">Pictures that may be with others now; answers to them are stored all the same.</param>
/// <param name="Seconds">How long the held ones are kept back from others; ask again before.</param>
internal sealed record LeaseReceipt(IReadOnlyList<string> Held, IReadOnlyList<string> Lost, int Seconds);

/// <summary>An answer on its way in; see <see cref="NewLabelEvent"/>.</summary>
/// <param name="OperationId">8 to 64 letters, digits, '-' or '_', never used before.</param>
/// <param name="Value">A class of the task for label and adjudicate; absent otherwise.</param>
internal sealed record Answer(string OperationId, string ImageId, LabelEventKind Kind, string? Value = null, DateTimeOffset? ShownAt = null, int Round = 0);

/// <param name="Stored">True when the answer is on disk, now or since an earlier sending; false when it can never be taken.</param>
/// <param name="Reason">Why it was refused.</param>
internal sealed record AnswerReceipt(string OperationId, bool Stored, long? Seq, string? Reason);

/// <param name="Metrics">The round's numbers as the learning loop wrote them; null until it is done.</param>
internal sealed record RoundDescription(int Number, RoundState State, int Asked, System.Text.Json.JsonElement? Metrics);
