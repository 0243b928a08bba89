using Curator.Core.Images;

namespace Curator.Core.Labels;

/// <summary>The present answer on an image: the projection of its events.</summary>
/// <param name="Value">A class of the task, or null when unsure.</param>
/// <param name="Seq">The event that decided.</param>
public sealed record LabelState(ImageId Image, string? Value, string Person, long Seq, int Round);
