using static TorchSharp.torch;

namespace Curator.Benchmarks.Learning;

/// <summary>Accuracy of the majority among the 5 nearest neighbours by cosine; of classes with as many, that of the nearest neighbour.</summary>
internal static class NeighbourVote
{
    private const int Neighbours = 5;

    /// <summary>[Q, N] cosines of rows scaled to length one.</summary>
    public static Tensor Cosines(Tensor queries, Tensor known)
    {
        using var scope = NewDisposeScope();
        return nn.functional.normalize(queries, dim: 1).mm(nn.functional.normalize(known, dim: 1).t()).MoveToOuterDisposeScope();
    }

    /// <param name="cosines">[Q, N].</param>
    public static double Accuracy(Tensor cosines, int[] queryLabels, int[] knownLabels)
    {
        using var scope = NewDisposeScope();
        var nearest = cosines.topk(Neighbours, dim: 1).indexes.cpu().data<long>().ToArray();
        var right = 0;
        for (var q = 0; q < queryLabels.Length; q++)
        {
            var labels = nearest.AsSpan(q * Neighbours, Neighbours).ToArray().Select(i => knownLabels[i]).ToArray();
            // Groups come in the order of their first, that is nearest, member; the sort is stable.
            var winner = labels.GroupBy(label => label).OrderByDescending(group => group.Count()).First().Key;
            if (winner == queryLabels[q]) right++;
        }
        return (double)right / queryLabels.Length;
    }
}
