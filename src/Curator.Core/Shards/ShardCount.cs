namespace Curator.Core.Shards;

/// <summary>Shards of one stage in one state.</summary>
/// <param name="Units">Planned: images, rows, steps.</param>
/// <param name="Done">Of those that ended.</param>
/// <param name="Skipped">Of those that ended.</param>
public sealed record ShardCount(string Stage, ShardState State, long Shards, long Units, long Done, long Skipped);
