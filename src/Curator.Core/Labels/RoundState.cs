namespace Curator.Core.Labels;

/// <summary>Where a round stands.</summary>
public enum RoundState
{
    /// <summary>Its queue is written; answers are awaited.</summary>
    Labeling,

    /// <summary>Answered, the head is trained, the metrics are kept.</summary>
    Done,
}
