using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Curator.Search.Kernels;

namespace Curator.Search.Indexes;

/// <summary>
/// The 1-bit scan: estimated squared distances of all vectors of a list to a query, 32 at a time (André et al. 2017, "quick ADC": the byte shuffle is sixteen table look-ups
/// an instruction). Sums of table entries are exact integers, so all paths give the same estimates but for the rounding of one fused multiply-add.
/// </summary>
internal static unsafe class BitScan
{
    /// <summary>Blocks between the one that is scanned and the one that is asked for.</summary>
    private const int Ahead = 4;

    /// <summary>The query's side of a scan.</summary>
    /// <param name="Tables">[groups × 16].</param>
    internal readonly record struct Query(nint Tables, float Step, float Bias, int Groups);

    /// <summary>Adds the vectors of some blocks that are not beyond the reservoir's threshold; ids are slots, counted from <paramref name="firstSlot"/>.</summary>
    /// <param name="listDistance">|q − c|².</param>
    /// <param name="admission">Rows by slot and the filter; default to admit all.</param>
    public static void Run(byte* blocks, long count, Query query, float listDistance, NearestReservoir nearest, uint firstSlot, SlotAdmission admission)
    {
        if (Avx512BW.IsSupported) Run512(blocks, count, query, listDistance, nearest, firstSlot, admission);
        else if (Avx2.IsSupported) Run256(blocks, count, query, listDistance, nearest, firstSlot, admission);
        else RunPortable(blocks, count, query, listDistance, nearest, firstSlot, admission);
    }

    public static void Run512(byte* blocks, long count, Query query, float listDistance, NearestReservoir nearest, uint firstSlot, SlotAdmission admission)
    {
        var codeBytes = query.Groups * 16;
        var blockBytes = codeBytes + BitCodes.FactorBytes;
        var distances = stackalloc float[BitCodes.BlockVectors];
        var nibble = Vector512.Create((byte)15);
        var tables = (byte*)query.Tables;
        for (long b = 0; b < count; b++, blocks += codeBytes + BitCodes.FactorBytes, firstSlot += BitCodes.BlockVectors)
        {
            if (b + Ahead < count) Prefetch(blocks + (Ahead * blockBytes), blockBytes);
            // 16-bit sums of odd bytes, and of even bytes plus 256 times the odd ones, which is taken away at the end.
            var even0 = Vector512<ushort>.Zero;
            Vector512<ushort> odd0 = even0, even1 = even0, odd1 = even0;
            for (var i = 0; i < codeBytes; i += 64)
            {
                var codes = Vector512.Load(blocks + i);
                var table = Vector512.Load(tables + i);
                var first = Avx512BW.Shuffle(table, codes & nibble).AsUInt16();
                var second = Avx512BW.Shuffle(table, Vector512.ShiftRightLogical(codes.AsUInt16(), 4).AsByte() & nibble).AsUInt16();
                even0 += first;
                odd0 += Vector512.ShiftRightLogical(first, 8);
                even1 += second;
                odd1 += Vector512.ShiftRightLogical(second, 8);
            }

            even0 -= Vector512.ShiftLeft(odd0, 8);
            even1 -= Vector512.ShiftLeft(odd1, 8);
            var mask = Finish(
                Fold(even0.GetLower() + even0.GetUpper()), Fold(odd0.GetLower() + odd0.GetUpper()), Fold(even1.GetLower() + even1.GetUpper()), Fold(odd1.GetLower() + odd1.GetUpper()),
                (float*)(blocks + codeBytes), query, listDistance, nearest.Threshold, distances);
            if (mask != 0) Take(mask, distances, nearest, firstSlot, admission);
        }
    }

    public static void Run256(byte* blocks, long count, Query query, float listDistance, NearestReservoir nearest, uint firstSlot, SlotAdmission admission)
    {
        var codeBytes = query.Groups * 16;
        var blockBytes = codeBytes + BitCodes.FactorBytes;
        var distances = stackalloc float[BitCodes.BlockVectors];
        var nibble = Vector256.Create((byte)15);
        var tables = (byte*)query.Tables;
        for (long b = 0; b < count; b++, blocks += codeBytes + BitCodes.FactorBytes, firstSlot += BitCodes.BlockVectors)
        {
            if (b + Ahead < count) Prefetch(blocks + (Ahead * blockBytes), blockBytes);
            var even0 = Vector256<ushort>.Zero;
            Vector256<ushort> odd0 = even0, even1 = even0, odd1 = even0;
            for (var i = 0; i < codeBytes; i += 32)
            {
                var codes = Vector256.Load(blocks + i);
                var table = Vector256.Load(tables + i);
                var first = Avx2.Shuffle(table, codes & nibble).AsUInt16();
                var second = Avx2.Shuffle(table, Vector256.ShiftRightLogical(codes.AsUInt16(), 4).AsByte() & nibble).AsUInt16();
                even0 += first;
                odd0 += Vector256.ShiftRightLogical(first, 8);
                even1 += second;
                odd1 += Vector256.ShiftRightLogical(second, 8);
            }

            even0 -= Vector256.ShiftLeft(odd0, 8);
            even1 -= Vector256.ShiftLeft(odd1, 8);
            var mask = Finish(Fold(even0), Fold(odd0), Fold(even1), Fold(odd1), (float*)(blocks + codeBytes), query, listDistance, nearest.Threshold, distances);
            if (mask != 0) Take(mask, distances, nearest, firstSlot, admission);
        }
    }

    public static void RunPortable(byte* blocks, long count, Query query, float listDistance, NearestReservoir nearest, uint firstSlot, SlotAdmission admission)
    {
        var codeBytes = query.Groups * 16;
        var tables = (byte*)query.Tables;
        var distances = stackalloc float[BitCodes.BlockVectors];
        for (long b = 0; b < count; b++, blocks += codeBytes + BitCodes.FactorBytes, firstSlot += BitCodes.BlockVectors)
        {
            var factors = (float*)(blocks + codeBytes);
            uint mask = 0;
            for (var v = 0; v < BitCodes.BlockVectors; v++)
            {
                var sum = 0;
                for (var group = 0; group < query.Groups; group++)
                    sum += tables[(group * 16) + (blocks[(group * 16) + (v & 15)] >> (v >= 16 ? 4 : 0) & 15)];
                var product = MathF.FusedMultiplyAdd(sum, query.Step, query.Bias);
                distances[v] = MathF.FusedMultiplyAdd(product, factors[BitCodes.BlockVectors + v], factors[v] + listDistance);
                if (distances[v] <= nearest.Threshold && distances[v] < float.PositiveInfinity) mask |= 1u << v;
            }

            if (mask != 0) Take(mask, distances, nearest, firstSlot, admission);
        }
    }

    /// <summary>Asks for the blocks of a list that its scan does not ask for ahead of time, while another list is scanned.</summary>
    public static void PrefetchHead(byte* blocks, long blockBytes)
    {
        if (!Sse.IsSupported) return;
        for (var i = 0; i < Ahead * blockBytes; i += 64) Sse.Prefetch0(blocks + i);
    }

    /// <summary>Asks for a block from memory. The processor's own prefetching stops at the end of each page of 4 KiB, which is after five blocks of 128 dimensions.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(byte* block, int bytes)
    {
        for (var i = 0; i < bytes; i += 64) Sse.Prefetch0(block + i);
    }

    /// <summary>Adds the two halves: each held other groups of the same sixteen vectors' even or odd bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ushort> Fold(Vector256<ushort> sums) => sums.GetLower() + sums.GetUpper();

    /// <summary>Puts even and odd vectors back in order, applies the factors, and returns which of the 32 are within the threshold.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Finish(
        Vector128<ushort> even0, Vector128<ushort> odd0, Vector128<ushort> even1, Vector128<ushort> odd1, float* factors, Query query, float listDistance, float threshold, float* distances)
    {
        var mask = Quarter(Sse2.UnpackLow(even0, odd0), factors, query, listDistance, threshold, distances);
        mask |= Quarter(Sse2.UnpackHigh(even0, odd0), factors + 8, query, listDistance, threshold, distances + 8) << 8;
        mask |= Quarter(Sse2.UnpackLow(even1, odd1), factors + 16, query, listDistance, threshold, distances + 16) << 16;
        return mask | Quarter(Sse2.UnpackHigh(even1, odd1), factors + 24, query, listDistance, threshold, distances + 24) << 24;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Quarter(Vector128<ushort> sums, float* factors, Query query, float listDistance, float threshold, float* distances)
    {
        var sum = Vector256.ConvertToSingle(Avx2.ConvertToVector256Int32(sums));
        var product = Fma.MultiplyAdd(sum, Vector256.Create(query.Step), Vector256.Create(query.Bias));
        var distance = Fma.MultiplyAdd(product, Vector256.Load(factors + BitCodes.BlockVectors), Vector256.Load(factors) + Vector256.Create(listDistance));
        distance.Store(distances);

        // Padding is at +∞, which an infinite threshold must not let in.
        var within = Vector256.LessThanOrEqual(distance, Vector256.Create(Math.Min(threshold, float.MaxValue)));
        return within.ExtractMostSignificantBits();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Take(uint mask, float* distances, NearestReservoir nearest, uint firstSlot, SlotAdmission admission)
    {
        while (mask != 0)
        {
            var v = BitOperations.TrailingZeroCount(mask);
            mask &= mask - 1;
            if (admission.Admits(firstSlot + (uint)v)) nearest.Add(distances[v], firstSlot + (uint)v);
        }
    }
}

/// <summary>Tells whether the row in a slot may be found.</summary>
/// <param name="Rows">Row of each slot: a uint pointer.</param>
/// <param name="Admission">Null to admit all.</param>
internal readonly unsafe record struct SlotAdmission(nint Rows, Partitions.RowAdmission? Admission)
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Admits(uint slot) => Admission is null || Admission.Admits(((uint*)Rows)[slot]);
}
