using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Curator.Core;
using Curator.Core.Embeddings;
using Curator.Core.Files;
using Curator.Search.Kernels;
using Curator.Search.Partitions;

namespace Curator.Search.Indexes;

/// <summary>
/// An opened index file (docs/design/search.md has the bytes). Opening verifies what every query reads: centroids, lists, codes; the 8-bit rows are verified
/// block by block as they are touched. Thread-safe.
/// </summary>
internal sealed unsafe class PartitionIndex : IDisposable
{
    private const int MaxSpan = 1 << 30;
    private readonly ArtefactFile _file;
    private readonly IndexLayout _layout;
    private readonly byte* _payload;
    private readonly float* _centroids;
    private readonly float* _centroidOffsets;
    private readonly int* _listBlocks;
    private readonly uint* _slotRows;
    private readonly byte* _blocks;
    private readonly long _blockBytes;
    private int[] _listOfBlock = [];

    private PartitionIndex(ArtefactFile file, IndexLayout layout, byte* payload)
    {
        _file = file;
        _layout = layout;
        _payload = payload;
        _centroids = (float*)(payload + IndexLayout.CentroidsOffset);
        _centroidOffsets = (float*)(payload + layout.CentroidOffsetsOffset);
        _listBlocks = (int*)(payload + layout.ListBlocksOffset);
        _slotRows = (uint*)(payload + layout.SlotRowsOffset);
        _blocks = payload + layout.BlocksOffset;
        _blockBytes = BitCodes.BlockBytes(layout.Dimension);
    }

    public IndexLayout Layout => _layout;

    /// <summary>Rows that are indexed; those after them are the delta.</summary>
    public long Rows => _layout.Rows;

    public int Lists => _layout.Lists;

    /// <summary>Without lists, all rows are searched.</summary>
    public bool IsExact => _layout.Lists == 0;

    /// <param name="rebuildCommand">Named in errors.</param>
    /// <exception cref="IndexFormatException">Missing, damaged, of another version, or with contents that cannot be.</exception>
    public static PartitionIndex Open(string path, string rebuildCommand)
    {
        ArtefactFile? file = null;
        try
        {
            file = ArtefactFile.Open(path, IndexLayout.Kind, IndexLayout.Version, rebuildCommand);
            var layout = IndexLayout.Parse(file.Header.Metadata, file.Header.PayloadLength)
                ?? throw new IndexFormatException($"'{path}' has metadata that do not fit its payload of {file.Header.PayloadLength} bytes.", $"Make it again with `{rebuildCommand}`.");
            var payload = VerifyHot(file, layout);
            var index = new PartitionIndex(file, layout, payload);
            if (!index.ListsAreSane())
                throw new IndexFormatException($"'{path}' has lists or rows that point outside it.", $"Make it again with `{rebuildCommand}`.");
            if (!index.IsExact) index._listOfBlock = IndexLayout.ListsOfBlocks(new ReadOnlySpan<int>(index._listBlocks, layout.Lists + 1));
            return index;
        }
        catch (ArtefactException error)
        {
            file?.Dispose();
            throw new IndexFormatException(error.WhatHappened, error.NextStep, error);
        }
        catch
        {
            file?.Dispose();
            throw;
        }
    }

    /// <summary>Reads and checks every block; returns the numbers of damaged ones.</summary>
    public IReadOnlyList<long> Verify() => _file.Verify();

    /// <summary>Time and place of the indexed rows, copied: 8 and 16 bytes a row.</summary>
    public FilterColumns ReadColumns()
    {
        var rows = checked((int)Rows);
        return new FilterColumns(
            rows, _layout.HasTimes ? Copy<long>(_layout.TimesOffset, rows) : [], _layout.HasPlaces ? Copy<float>(_layout.PlacesOffset, 4L * rows) : []);
    }

    public void Dispose() => _file.Dispose();

    /// <summary>
    /// Adds to <paramref name="nearest"/> the nearest rows among the vectors of some lists: the best <paramref name="candidates"/> by 1-bit codes are compared on 8-bit rows, and the best
    /// of these on the stored rows. Distances are those of the exact scan.
    /// </summary>
    /// <param name="lists">Keys of |q − c|² and list number.</param>
    /// <param name="admission">Null for all rows.</param>
    /// <exception cref="IndexFormatException">A block of 8-bit rows is damaged.</exception>
    public void SearchLists(
        PreparedQuery query, EmbeddingFile embeddings, int count, ReadOnlySpan<ulong> lists, int candidates, RowAdmission? admission, NearestReservoir nearest)
    {
        var scratch = SearchScratch.Rent();
        try
        {
            ScanLists(query, lists, Math.Max(candidates, count), admission, scratch.Candidates);
            RankCandidates(query, embeddings, count, lists, nearest, scratch);
        }
        catch (ArtefactException error)
        {
            throw new IndexFormatException(error.WhatHappened, error.NextStep, error);
        }
        finally
        {
            scratch.Return();
        }
    }

    /// <summary>Slots of some lists, filled up ones included.</summary>
    /// <param name="lists">Keys of distance and list number.</param>
    public long RowsOf(ReadOnlySpan<ulong> lists)
    {
        long blocks = 0;
        foreach (var key in lists)
        {
            var list = NearestReservoir.IdOf(key);
            blocks += _listBlocks[list + 1] - _listBlocks[list];
        }

        return blocks * BitCodes.BlockVectors;
    }

    private void ScanLists(PreparedQuery query, ReadOnlySpan<ulong> lists, int candidates, RowAdmission? admission, NearestReservoir found)
    {
        found.Reset(candidates);
        var slotAdmission = new SlotAdmission((nint)_slotRows, admission);
        fixed (byte* tables = query.Tables)
        {
            var scan = new BitScan.Query((nint)tables, query.TableStep, query.TableBias, query.Tables.Length / 16);
            for (var i = 0; i < lists.Length; i++)
            {
                if (i + 1 < lists.Length) BitScan.PrefetchHead(_blocks + (_listBlocks[NearestReservoir.IdOf(lists[i + 1])] * _blockBytes), _blockBytes);
                var list = NearestReservoir.IdOf(lists[i]);
                var first = _listBlocks[list];
                BitScan.Run(
                    _blocks + (first * _blockBytes), _listBlocks[list + 1] - first, scan, NearestReservoir.DistanceOf(lists[i]), found, (uint)first * BitCodes.BlockVectors, slotAdmission);
            }
        }

        found.Shrink();
    }

    private void RankCandidates(PreparedQuery query, EmbeddingFile embeddings, int count, ReadOnlySpan<ulong> lists, NearestReservoir nearest, SearchScratch scratch)
    {
        var products = scratch.ProductsOf(_layout.Lists);
        foreach (var key in lists) products[NearestReservoir.IdOf(key)] = ((1 - NearestReservoir.DistanceOf(key)) / 2) - _centroidOffsets[NearestReservoir.IdOf(key)];
        var scale = query.LevelStep * _layout.LevelStep;
        var found = scratch.Candidates;
        var finalists = scratch.Finalists;
        finalists.Reset(SearchTuning.Finalists(count));
        var slots = found.Unsorted();
        var stride = ByteRows.Stride(_layout.Dimension);
        fixed (short* levels = query.Levels)
        {
            for (var i = 0; i < slots.Length; i++)
            {
                if (i + 8 < slots.Length) Prefetch(NearestReservoir.IdOf(slots[i + 8]), stride);
                var slot = NearestReservoir.IdOf(slots[i]);
                var product = products[_listOfBlock[slot / BitCodes.BlockVectors]];
                finalists.Add((scale * Slopes(slot / BitCodes.BlockVectors)[slot % BitCodes.BlockVectors] * ByteRows.Dot(ByteRow(slot, stride), levels, stride)) - product, slot);
            }
        }

        finalists.Shrink();
        Rerank(query.Direction, embeddings, finalists.Unsorted(), nearest);
    }

    /// <summary>
    /// The exact search. With q·x ≈ q·c + q·r, r in 8 bits, a score is off by at most e = (length lost by the row) + (length lost by the query)·|r|, and |r| ≤ 2 since both are unit
    /// vectors; so with s the k-th best score, a row that scores below s − 2e cannot be among the k nearest, and all others are compared on their stored rows.
    /// </summary>
    /// <param name="admission">Null for all rows.</param>
    /// <exception cref="IndexFormatException">A block of 8-bit rows is damaged.</exception>
    public void SearchAll(PreparedQuery query, EmbeddingFile embeddings, int count, RowAdmission? admission, NearestReservoir nearest)
    {
        var scratch = SearchScratch.Rent();
        try
        {
            SearchAll(query, embeddings, count, admission, nearest, scratch);
        }
        catch (ArtefactException error)
        {
            throw new IndexFormatException(error.WhatHappened, error.NextStep, error);
        }
        finally
        {
            scratch.Return();
        }
    }

    private void SearchAll(PreparedQuery query, EmbeddingFile embeddings, int count, RowAdmission? admission, NearestReservoir nearest, SearchScratch scratch)
    {
        var slots = checked((int)_layout.Slots);
        if (slots == 0) return;
        var stride = ByteRows.Stride(_layout.Dimension);
        var scores = scratch.ScoresOf(slots);
        var best = scratch.Candidates;
        best.Reset(Math.Min(count, slots));
        var products = ListProducts(query, scratch);
        var scale = query.LevelStep * _layout.LevelStep;
        fixed (short* levels = query.Levels)
        {
            for (var chunk = 0; chunk < slots; chunk += MaxSpan / stride)
            {
                var size = Math.Min(MaxSpan / stride, slots - chunk);
                fixed (byte* rows = _file.Payload(_layout.ByteRowsOffset + ((long)chunk * stride), size * stride))
                {
                    for (var i = 0; i < size; i++)
                    {
                        var slot = chunk + i;
                        if (_slotRows[slot] == uint.MaxValue || (admission is not null && !admission.Admits(_slotRows[slot])))
                        {
                            scores[slot] = float.PositiveInfinity;
                            continue;
                        }

                        var dot = ByteRows.Dot((sbyte*)rows + ((long)i * stride), levels, stride);
                        var block = (uint)slot / BitCodes.BlockVectors;
                        scores[slot] = IsExact ? -scale * dot : (scale * Slopes(block)[slot % BitCodes.BlockVectors] * dot) - products[_listOfBlock[block]];
                        best.Add(scores[slot], (uint)slot);
                    }
                }
            }
        }

        var ranked = best.Sorted();
        if (ranked.Length == 0) return;
        // 10⁻⁵ is the rounding of q·c and of the score in single precision, with room.
        var margin = 2 * (_layout.LevelError + (query.LevelError * (2 + _layout.LevelError)) + 1e-5f);
        var limit = ranked.Length < count ? float.MaxValue : NearestReservoir.DistanceOf(ranked[^1]) + margin;
        for (var slot = 0; slot < slots; slot++)
            if (scores[slot] <= limit)
                ExactScan.Take(embeddings, query.Direction, new ReadOnlySpan<uint>(ref _slotRows[slot]), nearest);
    }

    /// <summary>q·c of every list.</summary>
    private float[] ListProducts(PreparedQuery query, SearchScratch scratch)
    {
        var products = scratch.ProductsOf(_layout.PaddedLists);
        fixed (float* rotated = query.Rotated, p = products)
            for (var list = 0; list < _layout.PaddedLists; list += 4 * PanelKernel.Width)
                PanelKernel.DotFour(_centroids + ((long)list * _layout.Dimension), rotated, _layout.Dimension, p + list);
        return products;
    }

    /// <summary>[32] slopes of a block's vectors, which are not positive.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private float* Slopes(uint block) => (float*)(_blocks + ((block + 1) * _blockBytes)) - BitCodes.BlockVectors;

    /// <summary>Adds every list with its |q − c|².</summary>
    /// <param name="firstId">Added to the numbers of the lists.</param>
    public void AddLists(PreparedQuery query, uint firstId, NearestReservoir nearest)
    {
        const int Width = 4 * PanelKernel.Width;
        var products = stackalloc float[Width];
        fixed (float* rotated = query.Rotated)
        {
            for (var p = 0; p < _layout.PaddedLists; p += Width)
            {
                PanelKernel.DotFour(_centroids + ((long)p * _layout.Dimension), rotated, _layout.Dimension, products);
                for (var first = 0; first < Width; first += PanelKernel.Width)
                {
                    var distances = Vector512<float>.One - (2 * (Vector512.Load(products + first) + Vector512.Load(_centroidOffsets + p + first)));
                    distances.Store(products + first);

                    // Padding is at +∞, which an infinite threshold must not let in.
                    var within = Vector512.LessThanOrEqual(distances, Vector512.Create(Math.Min(nearest.Threshold, float.MaxValue))).ExtractMostSignificantBits();
                    for (; within != 0; within &= within - 1)
                    {
                        var lane = first + BitOperations.TrailingZeroCount(within);
                        nearest.Add(products[lane], firstId + (uint)(p + lane));
                    }
                }
            }
        }
    }

    private void Rerank(float[] direction, EmbeddingFile embeddings, ReadOnlySpan<ulong> slots, NearestReservoir nearest)
    {
        const int Batch = 256;
        var rows = stackalloc uint[Batch];
        for (var first = 0; first < slots.Length; first += Batch)
        {
            var size = Math.Min(Batch, slots.Length - first);
            for (var i = 0; i < size; i++) rows[i] = _slotRows[NearestReservoir.IdOf(slots[first + i])];
            ExactScan.Take(embeddings, direction, new ReadOnlySpan<uint>(rows, size), nearest);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private sbyte* ByteRow(uint slot, int stride) =>
        (sbyte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(_file.Payload(_layout.ByteRowsOffset + ((long)slot * stride), stride)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Prefetch(uint slot, int stride)
    {
        if (!Sse.IsSupported) return;
        var row = _payload + _layout.ByteRowsOffset + ((long)slot * stride);
        for (var i = 0; i < stride; i += 64) Sse.Prefetch0(row + i);
    }

    /// <summary>Verifies all before the filter columns, and returns where the payload begins.</summary>
    private static byte* VerifyHot(ArtefactFile file, IndexLayout layout)
    {
        for (long offset = 0; offset < layout.TimesOffset; offset += MaxSpan) file.Payload(offset, (int)Math.Min(MaxSpan, layout.TimesOffset - offset));
        if (file.Header.PayloadLength == 0) return null;
        return (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(file.Payload(0, 1)));
    }

    /// <summary>Checksums tell damage, not malice: list bounds and rows are checked too, so that no file can make a search read outside the mapping.</summary>
    private bool ListsAreSane()
    {
        if (_layout.Lists > 0 && (_listBlocks[0] != 0 || _listBlocks[_layout.Lists] != _layout.Blocks)) return false;
        for (var list = 0; list < _layout.Lists; list++)
            if (_listBlocks[list] > _listBlocks[list + 1])
                return false;
        for (long slot = 0; slot < _layout.Slots; slot++)
            if (_slotRows[slot] >= _layout.Rows && (IsExact || _slotRows[slot] != uint.MaxValue))
                return false;
        return true;
    }

    private T[] Copy<T>(long offset, long count)
        where T : unmanaged
    {
        var values = new T[count];
        var step = MaxSpan / sizeof(T);
        for (long done = 0; done < count; done += step)
        {
            var size = (int)Math.Min(step, count - done);
            MemoryMarshal.Cast<byte, T>(_file.Payload(offset + (done * sizeof(T)), size * sizeof(T))).CopyTo(values.AsSpan((int)done, size));
        }

        return values;
    }
}
