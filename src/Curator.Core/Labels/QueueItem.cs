using Curator.Core.Images;

namespace Curator.Core.Labels;

/// <summary>An image that waits to be shown, in the order given by <see cref="Rank"/>.</summary>
/// <param name="Probability">Of the positive class when the item was queued; NaN when unknown.</param>
/// <param name="Reason">Why it was picked: <c>similar</c>, <c>uncertain</c>, <c>cover</c>, <c>random</c> …</param>
public sealed record QueueItem(string Task, int Round, int Rank, ImageId Image, float Probability, string Reason);
