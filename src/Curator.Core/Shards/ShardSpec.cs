namespace Curator.Core.Shards;

/// <summary>A planned piece of work, a row of the catalog.</summary>
/// <param name="Specification">JSON: all that a process on another machine needs to do the shard, given the workspace.</param>
/// <param name="Units">Size for progress and balance: images, rows, steps.</param>
public sealed record ShardSpec(ShardKey Key, string Specification, long Units);
