namespace Curator.Core.Labels;

/// <summary>What became of images that somebody wanted to be asked.</summary>
/// <param name="Round">The round that asks them; the newest one's number when nothing was left to ask, -1 without any.</param>
/// <param name="Queued">Images that wait now because of this.</param>
/// <param name="Answered">Images that have an answer already.</param>
/// <param name="Waiting">Images that waited already.</param>
public sealed record QueueAddition(int Round, int Queued, int Answered, int Waiting);
