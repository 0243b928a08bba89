namespace Curator.Core.Shards;

/// <summary>Where a shard stands. Truth is here and in the content-addressed files, never in a scheduler.</summary>
public enum ShardState
{
    Planned,
    Running,
    Done,
    Failed,
}
