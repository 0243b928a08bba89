using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Curator.Core.Embeddings;
using Curator.Core.Files;
using Curator.Search.Clustering;
using Curator.Search.Kernels;
using Curator.Search.Partitions;

namespace Curator.Search.Indexes;

/// <summary>
/// Builds a partition's index file from its embeddings, streaming: beside 8 bytes a row it holds the k-means sample and buffers of fixed size. Same
/// embeddings and options give the same bytes, on any number of threads and any processor with fused multiply-add.
/// </summary>
internal sealed class IndexBuilder
{
    /// <summary>Rows or slots at a time.</summary>
    private const int ChunkRows = 16_384;

    /// <summary>Rows that the step of the 8-bit rows is taken from, and k-means when there are fewer lists.</summary>
    private const int StepSample = 20_000;

    private const int Absent = -1;

    private readonly RowSource _source;
    private readonly IndexOptions _options;
    private readonly int _threads;
    private readonly CancellationToken _cancellationToken;
    private readonly int _rows;
    private readonly int _dimension;

    private IndexBuilder(EmbeddingFile embeddings, IndexOptions options, int threads, CancellationToken cancellationToken)
    {
        _source = new RowSource(embeddings, new Rotation(embeddings.Dimension, IndexLayout.RotationSeed));
        (_options, _threads, _cancellationToken) = (options, threads, cancellationToken);
        _rows = checked((int)embeddings.Rows);
        _dimension = embeddings.Dimension;
    }

    /// <summary>Writes the index of all rows; the file appears whole or not at all.</summary>
    /// <param name="columns">Time and place of at least the rows of the embeddings.</param>
    /// <param name="centroids">Lists to use instead of training them: [lists × dimension], rotated; null to train. For experiments with shared centroids.</param>
    /// <param name="rowsDone">Rows finished: each counts once.</param>
    public static void Build(
        string path, EmbeddingFile embeddings, FilterColumns columns, IndexOptions options, float[]? centroids, int threads, IProgress<long>? rowsDone, CancellationToken cancellationToken)
    {
        var builder = new IndexBuilder(embeddings, options, threads, cancellationToken);
        var lists = centroids is not null ? centroids.Length / embeddings.Dimension : builder.ListCount();
        var sample = builder.Sample(lists);
        centroids ??= lists == 0 ? [] : builder.Train(sample, lists);
        var assigner = lists == 0 ? null : new CentroidAssigner(centroids, embeddings.Dimension, spherical: false);
        var step = builder.LevelStep(sample, centroids, assigner);
        var (assignments, levelError) = builder.Assign(centroids, assigner, step, rowsDone);
        var (slotRows, listBlocks) = Arrange(assignments, lists);
        var layout = new IndexLayout
        {
            Rows = embeddings.Rows,
            Dimension = embeddings.Dimension,
            Lists = lists,
            Slots = slotRows.Length,
            LevelStep = step,
            LevelError = levelError,
            HasTimes = columns.Ticks.Length > 0,
            HasPlaces = columns.Boxes.Length > 0,
            Embeddings = embeddings.Fingerprint,
            Options = options,
        };
        using var writer = ArtefactWriter.Create(
            path, IndexLayout.Kind, IndexLayout.Version, IndexFingerprint.Of(embeddings.Fingerprint, options), layout.ToJson(), layout.PayloadLength);
        builder.Write(new SectionWriter(writer), layout, centroids, slotRows, listBlocks, columns);
        writer.Commit();
        rowsDone?.Report(embeddings.Rows);
    }

    /// <summary>Centroids trained on a sample of these embeddings: [lists × dimension], rotated.</summary>
    public static float[] TrainCentroids(EmbeddingFile embeddings, IndexOptions options, int lists, int threads, CancellationToken cancellationToken)
    {
        var builder = new IndexBuilder(embeddings, options, threads, cancellationToken);
        return builder.Train(builder.Sample(lists), lists);
    }

    /// <summary>√rows, in whole calls of the kernel that compares centroids where that is a small change.</summary>
    private int ListCount()
    {
        const int Call = 4 * PanelKernel.Width;
        if (_rows < _options.ListsFrom || _rows == 0) return 0;
        if (_options.Lists > 0) return Math.Min(_options.Lists, _rows);
        var root = Math.Sqrt(_rows);
        return root < 3 * Call ? Math.Max(1, (int)Math.Round(root)) : (int)Math.Round(root / Call) * Call;
    }

    /// <summary>Present rows drawn evenly: [n × dimension], unit length, rotated.</summary>
    private float[] Sample(int lists)
    {
        var size = (int)Math.Min(_rows, Math.Max(StepSample, (long)lists * _options.SamplesPerList));
        var sample = new float[(long)size * _dimension];
        var random = new Random(_options.Seed);
        var rows = new int[size];
        for (var i = 0; i < size; i++)
        {
            var from = (long)i * _rows / size;
            rows[i] = size == _rows ? i : (int)random.NextInt64(from, Math.Max(from + 1, (i + 1L) * _rows / size));
        }

        var present = new bool[size];
        RowBlocks.Run(size, 1024, _threads, (first, count) =>
        {
            for (var i = first; i < first + count; i++) present[i] = _source.Read(rows[i], sample.AsSpan(i * _dimension, _dimension));
        }, _cancellationToken);
        var kept = 0;
        for (var i = 0; i < size; i++)
        {
            if (!present[i]) continue;
            if (kept != i) sample.AsSpan(i * _dimension, _dimension).CopyTo(sample.AsSpan(kept * _dimension));
            kept++;
        }

        return kept == size ? sample : sample[..(kept * _dimension)];
    }

    private float[] Train(float[] sample, int lists)
    {
        var options = new KMeansOptions
        {
            Clusters = lists, Iterations = _options.Iterations, Seed = _options.Seed, SamplesPerCluster = _options.SamplesPerList, Threads = _threads, Tolerance = 1e-3,
        };
        // Nothing is present: one list at the origin, which stays empty.
        if (sample.Length == 0) return new float[(long)lists * _dimension];
        var centroids = KMeans.Train(sample, _dimension, options, _cancellationToken).Centroids;
        if (centroids.Length == lists * _dimension) return centroids;
        // Fewer present rows than lists: the rest are copies, to which ties never go.
        var padded = new float[(long)lists * _dimension];
        for (var c = 0; c < lists; c++) centroids.AsSpan(c * _dimension % centroids.Length, _dimension).CopyTo(padded.AsSpan(c * _dimension));
        return padded;
    }

    /// <summary>127 steps reach the coordinate that all but a few in ten thousand stay below: of the vectors, or with lists of what their centroids leave of them, in units of their slopes.</summary>
    private float LevelStep(float[] sample, float[] centroids, CentroidAssigner? assigner)
    {
        if (sample.Length == 0) return 1;
        var units = assigner is null ? sample : Shares(sample, centroids, assigner);
        var values = new float[Math.Min(units.Length, 1 << 20)];
        var stride = units.Length / values.Length;
        for (var i = 0; i < values.Length; i++) values[i] = Math.Abs(units[i * stride]);
        Array.Sort(values);
        var reach = values[(int)((values.Length - 1) * 0.9999)] * 1.05f;
        return Math.Max(reach, 1e-6f) / 127;
    }

    /// <summary>Some vectors of the sample less their centroids, over their slopes.</summary>
    private float[] Shares(float[] sample, float[] centroids, CentroidAssigner assigner)
    {
        var count = sample.Length / _dimension;
        var taken = Math.Min(count, StepSample);
        var rows = new float[(long)taken * _dimension];
        for (var i = 0; i < taken; i++) sample.AsSpan((int)((long)i * count / taken) * _dimension, _dimension).CopyTo(rows.AsSpan(i * _dimension));
        var lists = new int[taken];
        assigner.Assign(rows, lists, new float[taken], _threads, _cancellationToken);
        for (var i = 0; i < taken; i++)
        {
            var row = rows.AsSpan(i * _dimension, _dimension);
            var slope = Subtract(row, Centroid(centroids, lists[i]));
            if (slope != 0) TensorPrimitives.Divide(row, slope, row);
        }

        return rows;
    }

    private ReadOnlySpan<float> Centroid(float[] centroids, int list) => centroids.AsSpan(list * _dimension, _dimension);

    /// <summary>Leaves what the centroid leaves of a vector.</summary>
    /// <returns>The vector's slope without its sign.</returns>
    private static float Subtract(Span<float> vector, ReadOnlySpan<float> centroid)
    {
        var slope = -BitCodes.Slope(vector, centroid);
        TensorPrimitives.Subtract(vector, centroid, vector);
        return slope;
    }

    /// <summary>List of every row, or <see cref="Absent"/>; and the greatest length that 8-bit rounding takes from any.</summary>
    private (int[] Assignments, float LevelError) Assign(float[] centroids, CentroidAssigner? assigner, float step, IProgress<long>? rowsDone)
    {
        var assignments = new int[_rows];
        var buffer = new float[(long)Math.Min(ChunkRows, _rows) * _dimension];
        var scores = new float[Math.Min(ChunkRows, _rows)];
        var lost = new float[scores.Length];
        var present = new bool[scores.Length];
        float greatest = 0;
        for (var start = 0; start < _rows; start += ChunkRows)
        {
            var size = Math.Min(ChunkRows, _rows - start);
            var first = start;
            RowBlocks.Run(size, 512, _threads, (from, count) =>
            {
                for (var i = from; i < from + count; i++) present[i] = _source.Read(first + i, buffer.AsSpan(i * _dimension, _dimension));
            }, _cancellationToken);
            assigner?.Assign(buffer.AsMemory(0, size * _dimension), assignments.AsMemory(start, size), scores, _threads, _cancellationToken);
            RowBlocks.Run(size, 512, _threads, (from, count) =>
            {
                var levels = new sbyte[ByteRows.Stride(_dimension)];
                for (var i = from; i < from + count; i++)
                {
                    var row = buffer.AsSpan(i * _dimension, _dimension);
                    var scale = assigner is null || !present[i] ? 1 : Subtract(row, Centroid(centroids, assignments[first + i]));
                    lost[i] = present[i] ? ByteRows.Encode(row, step * scale, levels) : 0;
                }
            }, _cancellationToken);
            for (var i = 0; i < size; i++)
            {
                if (!present[i]) assignments[start + i] = Absent;
                greatest = Math.Max(greatest, lost[i]);
            }

            rowsDone?.Report((start + size) / 2);
        }

        // A hair more, for the rounding of the sums.
        return (assignments, (MathF.Sqrt(greatest) * 1.0001f) + 1e-6f);
    }

    /// <summary>Rows list by list, ascending in each, each list padded to whole blocks; without lists the present rows.</summary>
    private static (uint[] SlotRows, int[] ListBlocks) Arrange(int[] assignments, int lists)
    {
        if (lists == 0)
        {
            var present = new List<uint>(assignments.Length);
            for (var row = 0; row < assignments.Length; row++)
                if (assignments[row] != Absent)
                    present.Add((uint)row);
            return ([.. present], []);
        }

        var sizes = new int[lists];
        foreach (var list in assignments)
            if (list != Absent)
                sizes[list]++;
        var listBlocks = new int[lists + 1];
        for (var c = 0; c < lists; c++) listBlocks[c + 1] = listBlocks[c] + ((sizes[c] + BitCodes.BlockVectors - 1) / BitCodes.BlockVectors);
        var slotRows = new uint[(long)listBlocks[lists] * BitCodes.BlockVectors];
        Array.Fill(slotRows, uint.MaxValue);
        Array.Clear(sizes);
        for (var row = 0; row < assignments.Length; row++)
            if (assignments[row] is var list and not Absent)
                slotRows[((long)listBlocks[list] * BitCodes.BlockVectors) + sizes[list]++] = (uint)row;
        return (slotRows, listBlocks);
    }

    private void Write(SectionWriter sections, IndexLayout layout, float[] centroids, uint[] slotRows, int[] listBlocks, FilterColumns columns)
    {
        var panels = new float[(long)layout.PaddedLists * _dimension];
        PanelKernel.Pack(centroids, _dimension, panels);
        sections.Write(IndexLayout.CentroidsOffset, MemoryMarshal.AsBytes<float>(panels));
        sections.Write(layout.CentroidOffsetsOffset, MemoryMarshal.AsBytes<float>(CentroidOffsets(centroids, layout)));
        sections.Write(layout.ListBlocksOffset, MemoryMarshal.AsBytes<int>(listBlocks));
        sections.WriteLong(layout.SlotRowsOffset, slotRows);
        sections.Pad(layout.BlocksOffset);
        WriteBlocks(sections, layout, centroids, slotRows, listBlocks);
        sections.Pad(layout.TimesOffset);
        if (layout.HasTimes) sections.WriteLong(layout.TimesOffset, columns.Ticks[.._rows]);
        if (layout.HasPlaces) sections.WriteLong(layout.PlacesOffset, columns.Boxes[..(4 * _rows)]);
        sections.Pad(layout.ByteRowsOffset);
        WriteByteRows(sections, layout, centroids, slotRows, listBlocks);
    }

    private unsafe float[] CentroidOffsets(float[] centroids, IndexLayout layout)
    {
        var offsets = new float[layout.PaddedLists];
        offsets.AsSpan(layout.Lists).Fill(float.NegativeInfinity);
        fixed (float* c = centroids)
            for (var i = 0; i < layout.Lists; i++)
                offsets[i] = -0.5f * RowKernels.Dot(c + ((long)i * _dimension), c + ((long)i * _dimension), _dimension);
        return offsets;
    }

    private void WriteBlocks(SectionWriter sections, IndexLayout layout, float[] centroids, uint[] slotRows, int[] listBlocks)
    {
        var blockBytes = BitCodes.BlockBytes(_dimension);
        const int ChunkBlocks = ChunkRows / BitCodes.BlockVectors;
        var listOf = IndexLayout.ListsOfBlocks(listBlocks);
        var buffer = new byte[ChunkBlocks * blockBytes];
        for (var start = 0; start < layout.Blocks; start += ChunkBlocks)
        {
            var first = start;
            var size = (int)Math.Min(ChunkBlocks, layout.Blocks - start);
            RowBlocks.Run(size, 16, _threads, (from, count) =>
            {
                var vector = new float[_dimension];
                for (var b = from; b < from + count; b++)
                {
                    var block = buffer.AsSpan(b * blockBytes, blockBytes);
                    var centroid = Centroid(centroids, listOf[first + b]);
                    BitCodes.Clear(block, _dimension);
                    for (var lane = 0; lane < BitCodes.BlockVectors; lane++)
                    {
                        var row = slotRows[((long)(first + b) * BitCodes.BlockVectors) + lane];
                        if (row != uint.MaxValue && _source.Read(row, vector)) BitCodes.Encode(block, lane, vector, centroid);
                    }
                }
            }, _cancellationToken);
            sections.Append(buffer.AsSpan(0, size * blockBytes));
        }
    }

    private void WriteByteRows(SectionWriter sections, IndexLayout layout, float[] centroids, uint[] slotRows, int[] listBlocks)
    {
        var listOf = IndexLayout.ListsOfBlocks(listBlocks);
        var stride = ByteRows.Stride(_dimension);
        var buffer = new sbyte[(long)ChunkRows * stride];
        for (long start = 0; start < layout.Slots; start += ChunkRows)
        {
            var first = start;
            var size = (int)Math.Min(ChunkRows, layout.Slots - start);
            RowBlocks.Run(size, 512, _threads, (from, count) =>
            {
                var vector = new float[_dimension];
                for (var i = from; i < from + count; i++)
                {
                    var levels = buffer.AsSpan(i * stride, stride);
                    if (slotRows[first + i] == uint.MaxValue || !_source.Read(slotRows[first + i], vector))
                    {
                        levels.Clear();
                        continue;
                    }

                    var scale = layout.Lists == 0 ? 1 : Subtract(vector, Centroid(centroids, listOf[(first + i) / BitCodes.BlockVectors]));
                    ByteRows.Encode(vector, layout.LevelStep * scale, levels);
                }
            }, _cancellationToken);
            sections.Append(MemoryMarshal.AsBytes(buffer.AsSpan(0, size * stride)));
        }
    }
}
