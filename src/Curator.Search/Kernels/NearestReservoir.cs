using System.Runtime.CompilerServices;

namespace Curator.Search.Kernels;

/// <summary>
/// Keeps the k smallest (distance, id) pairs of a stream: appends what is not beyond the threshold, and when full selects the k smallest in
/// linear time, which sets the threshold. Ties go to the smaller id, whatever the order of arrival. Not thread-safe; reusable after <see cref="Reset"/>.
/// </summary>
internal sealed class NearestReservoir
{
    private ulong[] _keys = [];
    private int _k;
    private int _limit;

    public NearestReservoir(int k) => Reset(k);

    /// <summary>Entries held: up to k after <see cref="Shrink"/>, more before.</summary>
    public int Count { get; private set; }

    /// <summary>A pair beyond this distance cannot be among the k nearest.</summary>
    public float Threshold { get; private set; }

    /// <summary>Empties the reservoir for another k.</summary>
    public void Reset(int k)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(k);
        _k = k;
        _limit = checked(Math.Max(4 * k, k + 256));
        if (_keys.Length < _limit) _keys = new ulong[_limit];
        Count = 0;
        Threshold = float.PositiveInfinity;
    }

    /// <summary>Adds a pair unless it lies beyond the threshold.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(float distance, uint id)
    {
        if (!(distance <= Threshold)) return;
        _keys[Count++] = Key(distance, id);
        if (Count == _limit) Shrink();
    }

    /// <summary>Drops all but the k nearest, in no order.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Shrink()
    {
        if (Count < _k) return;
        Select(_keys.AsSpan(0, Count), _k - 1);
        Count = _k;
        Threshold = DistanceOf(_keys[_k - 1]);
    }

    /// <summary>The k nearest keys, ascending by distance, then id. Valid until the next change.</summary>
    public ReadOnlySpan<ulong> Sorted()
    {
        Shrink();
        var keys = _keys.AsSpan(0, Count);
        keys.Sort();
        return keys;
    }

    /// <summary>The keys held, in no order.</summary>
    public ReadOnlySpan<ulong> Unsorted() => _keys.AsSpan(0, Count);

    /// <summary>A key that sorts as (distance, id): the float's bits, made monotone, above the id.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Key(float distance, uint id)
    {
        // 0 + distance turns -0 into +0, so that equal distances have equal keys.
        var bits = BitConverter.SingleToUInt32Bits(0f + distance);
        bits = (bits & 0x8000_0000) != 0 ? ~bits : bits | 0x8000_0000;
        return ((ulong)bits << 32) | id;
    }

    public static float DistanceOf(ulong key)
    {
        var bits = (uint)(key >> 32);
        return BitConverter.UInt32BitsToSingle((bits & 0x8000_0000) != 0 ? bits & 0x7fff_ffff : ~bits);
    }

    public static uint IdOf(ulong key) => (uint)key;

    /// <summary>Quickselect: afterwards keys[0..rank] are the rank + 1 smallest and keys[rank] the largest of them. Hoare's partition, median of three.</summary>
    internal static void Select(Span<ulong> keys, int rank)
    {
        int low = 0, high = keys.Length - 1;
        while (low < high)
        {
            var pivot = MedianOfThree(keys[low], keys[(low + high) >>> 1], keys[high]);
            int i = low, j = high;
            while (i <= j)
            {
                while (keys[i] < pivot) i++;
                while (keys[j] > pivot) j--;
                if (i > j) break;
                (keys[i], keys[j]) = (keys[j], keys[i]);
                i++;
                j--;
            }

            if (rank <= j) high = j;
            else if (rank >= i) low = i;
            else return;
        }
    }

    private static ulong MedianOfThree(ulong a, ulong b, ulong c) =>
        Math.Max(Math.Min(a, b), Math.Min(Math.Max(a, b), c));
}
