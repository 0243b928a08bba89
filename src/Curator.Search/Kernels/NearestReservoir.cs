using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Curator.Search.Kernels;

/// <summary>
/// Keeps the k smallest (distance, id) pairs of a stream: appends what is not beyond the threshold, and when full selects the k smallest in
/// linear time, which sets the threshold. Ties go to the smaller id, whatever the order of arrival. Not thread-safe; reusable after <see cref="Reset"/>.
/// </summary>
internal sealed class NearestReservoir
{
    /// <summary>So many are sorted outright.</summary>
    private const int FewKeys = 24;

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

    /// <summary>
    /// Quickselect: afterwards keys[0..rank] are the rank + 1 smallest and keys[rank] the largest of them. The partition has no branch that depends on the data, since a wrongly
    /// predicted one costs more than the move it saves; the pivot is drawn near the rank sought (Floyd and Rivest 1975), so that about one and a half passes are enough.
    /// Keys hold ids and so differ; many equal ones would only be slow.
    /// </summary>
    internal static void Select(Span<ulong> keys, int rank)
    {
        int low = 0, high = keys.Length - 1;
        while (low < high)
        {
            if (high - low < FewKeys)
            {
                SortFew(keys[low..(high + 1)]);
                return;
            }

            MovePivotLast(keys, low, high, rank);
            ref var first = ref MemoryMarshal.GetReference(keys);
            var pivot = Unsafe.Add(ref first, high);
            var store = low;
            for (var i = low; i < high; i++)
            {
                var key = Unsafe.Add(ref first, i);
                Unsafe.Add(ref first, i) = Unsafe.Add(ref first, store);
                Unsafe.Add(ref first, store) = key;
                store += key < pivot ? 1 : 0;
            }

            (keys[store], keys[high]) = (keys[high], keys[store]);
            if (rank < store) high = store - 1;
            else if (rank > store) low = store + 1;
            else return;
        }
    }

    private static void SortFew(Span<ulong> keys)
    {
        for (var i = 1; i < keys.Length; i++)
        {
            var key = keys[i];
            var j = i;
            for (; j > 0 && keys[j - 1] > key; j--) keys[j] = keys[j - 1];
            keys[j] = key;
        }
    }

    /// <summary>Draws fifteen evenly spaced keys and moves the one whose rank among them is like the rank sought to the end.</summary>
    private static void MovePivotLast(Span<ulong> keys, int low, int high, int rank)
    {
        const int Sampled = 15;
        var count = high - low + 1;
        Span<ulong> values = stackalloc ulong[Sampled];
        Span<int> places = stackalloc int[Sampled];
        for (var i = 0; i < Sampled; i++)
        {
            var place = low + (int)((long)i * count / Sampled);
            var j = i;
            for (; j > 0 && values[j - 1] > keys[place]; j--) (values[j], places[j]) = (values[j - 1], places[j - 1]);
            (values[j], places[j]) = (keys[place], place);
        }

        var pivot = places[(int)((long)(rank - low) * Sampled / count)];
        (keys[pivot], keys[high]) = (keys[high], keys[pivot]);
    }
}
