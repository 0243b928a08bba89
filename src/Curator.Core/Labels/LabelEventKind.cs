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

    /// <summary>A reviewer's or owner's decision, above all others.</summary>
    Adjudicate,

    /// <summary>A label that came from a file; below every answer given here, before or after it.</summary>
    Import,
}
