using Curator.Learning.Views;

namespace Curator.Learning.Training;

/// <summary>Which pictures a step sees: a permutation an epoch, its last incomplete batch left out. A function of seed and step. Not thread-safe.</summary>
internal sealed class EpochOrder(int images, int batchSize, int seed)
{
    private const int PermutationStream = 1;
    private readonly int[] _order = new int[images];
    private long _epoch = -1;

    /// <summary>Numbers of <c>batchSize</c> pictures; valid until the next call.</summary>
    public ReadOnlySpan<int> Of(long step)
    {
        var perEpoch = images / batchSize;
        var epoch = step / perEpoch;
        if (epoch != _epoch)
        {
            for (var i = 0; i < _order.Length; i++) _order[i] = i;
            var random = new CounterRandom((ulong)seed, (ulong)epoch, PermutationStream);
            random.Shuffle(_order.AsSpan());
            _epoch = epoch;
        }
        return _order.AsSpan((int)(step % perEpoch) * batchSize, batchSize);
    }
}
