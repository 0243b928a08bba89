namespace Curator.Server.Review;

/// <param name="Value">A class, or null for unsure.</param>
/// <param name="Imported">Came with an import; nobody looked.</param>
internal sealed record ReviewOpinion(string Person, string? Value, bool Imported, long Seq);

/// <param name="Value">The decided class.</param>
internal sealed record ReviewDecision(string? Value, string Person, long Seq);

/// <param name="Picture">Address of the picture, to which <c>&amp;size=</c> may be added.</param>
/// <param name="Opinions">By seq.</param>
/// <param name="Decision">Null while it is open.</param>
/// <param name="SeenSeq">To be sent back with a decision: the newest event that the reviewer has seen.</param>
internal sealed record ReviewItem(string ImageId, string Picture, IReadOnlyList<ReviewOpinion> Opinions, ReviewDecision? Decision, long SeenSeq);

/// <param name="Waiting">Images of the task that wait for a decision.</param>
/// <param name="Next">To be given as <c>after</c> for the next page; null at the end.</param>
internal sealed record ReviewPage(IReadOnlyList<ReviewItem> Items, long Waiting, string? Next);

/// <param name="OperationId">As of an answer.</param>
/// <param name="SeenSeq">From the <see cref="ReviewItem"/> that was decided on.</param>
internal sealed record NewDecision(string OperationId, string ImageId, string Value, long SeenSeq);
