namespace Curator.Core.Shards;

/// <summary>What a shard left behind.</summary>
/// <param name="Skipped">Units that could not be done, each recorded elsewhere with its reason.</param>
/// <param name="Summary">JSON kept in the catalog, or empty; of a failed shard <c>{"error": text}</c>.</param>
public sealed record ShardResult(long Done, long Skipped, string Summary = "");
