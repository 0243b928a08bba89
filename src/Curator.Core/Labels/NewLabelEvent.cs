using Curator.Core.Images;

namespace Curator.Core.Labels;

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
