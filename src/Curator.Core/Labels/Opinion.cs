using Curator.Core.Images;

namespace Curator.Core.Labels;

/// <summary>What one person says of one image: their latest answer that they have not taken back. Decisions (<see cref="LabelEventKind.Adjudicate"/>) are no opinions.</summary>
/// <param name="Value">A class of the task, or null for unsure.</param>
/// <param name="Imported">Whether it came with an import instead of from somebody who looked at it here.</param>
/// <param name="Seq">The event that says so.</param>
public sealed record Opinion(ImageId Image, string Person, string? Value, bool Imported, long Seq);

/// <summary>An image whose people disagree, or that nobody could tell.</summary>
/// <param name="Opinions">By seq.</param>
/// <param name="Decision">What a reviewer decided, or null while it is open.</param>
/// <param name="NewestSeq">Newest event of the image: what a decision refers to.</param>
public sealed record Conflict(ImageId Image, IReadOnlyList<Opinion> Opinions, LabelState? Decision, long NewestSeq);

/// <summary>How a person did on pictures that check them.</summary>
/// <param name="Gold">Gold items answered.</param>
/// <param name="GoldRight">Of those, answered with the known class.</param>
/// <param name="Repeats">Pictures answered a second time.</param>
/// <param name="RepeatsSame">Of those, answered the same.</param>
public sealed record PersonChecks(int Gold, int GoldRight, int Repeats, int RepeatsSame);
