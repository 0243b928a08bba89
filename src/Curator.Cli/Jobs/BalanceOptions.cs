using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Curator.Search.Clustering;

namespace Curator.Cli.Jobs;

/// <summary>Settings of training in rounds, section <c>balance</c>.</summary>
internal sealed record BalanceOptions
{
    [Range(1, 20)]
    [Description("Rounds of training: train, embed everything, choose pictures that cover the embedding space evenly, train on from there. The budget is shared among them.")]
    public int Rounds { get; init; } = 1;

    [Description("With rounds: how pictures are chosen after the first.")]
    public BalanceMethod Balance { get; init; } = BalanceMethod.Clusters;

    [Range(4, 10_000_000)]
    [Description("With rounds: pictures that a round learns from.")]
    public int RoundImages { get; init; } = 20_000;
}
