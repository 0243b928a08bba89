namespace Curator.Core.Shards;

/// <summary>One shard's name: <c>curator work STAGE SHARD</c>.</summary>
/// <param name="Stage">ingest, train, embed, index, classify …</param>
/// <param name="Id">Unique in its stage, file-name safe: <c>3.simclr-1.00012</c>.</param>
public readonly record struct ShardKey(string Stage, string Id)
{
    public override string ToString() => $"{Stage} {Id}";
}
