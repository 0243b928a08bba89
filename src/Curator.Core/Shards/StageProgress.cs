namespace Curator.Core.Shards;

/// <summary>Progress of a whole stage, for a bar with a rate.</summary>
/// <param name="Unit">Plural noun: images, rows, steps.</param>
/// <param name="Note">A short state such as <c>loss 1.234</c>, or null.</param>
public readonly record struct StageProgress(string Stage, long Done, long Total, string Unit, string? Note = null);
