using Curator.Core.Images;

namespace Curator.Core.Labels;

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
