namespace Curator.Core.Shards;

/// <summary>How a run of shards ended.</summary>
/// <param name="AlreadyDone">Shards that an earlier run had finished.</param>
/// <param name="UnitsDone">Units of all shards of the plan, also of those that an earlier run had finished.</param>
/// <param name="UnitsSkipped">As <paramref name="UnitsDone"/>: units that could not be done.</param>
public sealed record ShardRunReport(int Ran, int AlreadyDone, long UnitsDone, long UnitsSkipped);
