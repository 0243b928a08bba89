using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Curator.Core.Files;

namespace Curator.Core.Embeddings;

/// <summary>
/// The n × d matrix of one partition and one encoder (<c>&lt;encoder&gt;.embeddings</c>), memory-mapped, row r belonging to image row r.
/// A row of zeros is an image without an embedding (its file had vanished). Score files are the same with d = 1. Thread-safe.
/// </summary>
public sealed class EmbeddingFile : IDisposable
{
    private readonly ArtefactFile _file;
    private readonly EmbeddingLayout _layout;

    private EmbeddingFile(ArtefactFile file, EmbeddingLayout layout)
    {
        _file = file;
        _layout = layout;
    }

    /// <param name="rebuildCommand">Named in errors.</param>
    /// <param name="expectedFingerprint"><see cref="EmbeddingFingerprint"/> that the caller holds; null skips the check.</param>
    /// <exception cref="EmbeddingStoreException">Missing, damaged, or made from other images or another encoder.</exception>
    public static EmbeddingFile Open(string path, string rebuildCommand = "curator embed", string? expectedFingerprint = null)
    {
        ArtefactFile? file = null;
        try
        {
            file = ArtefactFile.Open(path, EmbeddingLayout.Kind, EmbeddingLayout.Version, rebuildCommand, expectedFingerprint);
            var layout = EmbeddingLayout.Parse(file.Header.Metadata, file.Header.PayloadLength)
                ?? throw new EmbeddingStoreException(
                    $"'{path}' says {file.Header.Metadata} of a payload of {file.Header.PayloadLength} bytes, which cannot be.", $"Make it again with `{rebuildCommand}`.");
            return new EmbeddingFile(file, layout);
        }
        catch (ArtefactException error)
        {
            throw Wrap(error);
        }
        catch
        {
            file?.Dispose();
            throw;
        }
    }

    public long Rows => _layout.Rows;

    public int Dimension => _layout.Dimension;

    public EmbeddingPrecision Precision => _layout.Precision;

    /// <summary>
    /// How the encoder computed, where that is not its usual way (single precision on the processor, in ONNX Runtime or without a network): <c>bf16-cpu</c>, <c>bf16-cuda</c>, <c>fp32-cuda</c>.
    /// Rows of different computations are never in one file.
    /// </summary>
    public string Computation => _layout.Computation;

    /// <summary><see cref="EmbeddingFingerprint"/> of what the file was made from.</summary>
    public string Fingerprint => _file.Header.Fingerprint;

    /// <summary>Copies rows as single precision. <paramref name="destination"/>: [count × Dimension], row-major; count is its length / Dimension.</summary>
    /// <exception cref="EmbeddingStoreException">A block of the rows is damaged.</exception>
    public void Read(long firstRow, Span<float> destination)
    {
        if (destination.Length % Dimension != 0)
            throw new ArgumentException($"{destination.Length} numbers are no whole rows of {Dimension}.", nameof(destination));
        var count = destination.Length / Dimension;
        // Rows of a call may exceed 2 GiB of stored bytes; steps of at most 2^26 numbers stay below it.
        var step = Math.Max(1, (1 << 26) / Dimension);
        for (var done = 0; done < count; done += step)
        {
            var rows = Math.Min(step, count - done);
            var target = destination.Slice(done * Dimension, rows * Dimension);
            if (Precision == EmbeddingPrecision.Half) TensorPrimitives.ConvertToSingle(HalfRows(firstRow + done, rows), target);
            else SingleRows(firstRow + done, rows).CopyTo(target);
        }
    }

    /// <summary>The stored rows in place, when <see cref="Precision"/> is <see cref="EmbeddingPrecision.Half"/>: [count × Dimension]. Valid until <see cref="Dispose"/>.</summary>
    /// <exception cref="EmbeddingStoreException">A block of the rows is damaged.</exception>
    public ReadOnlySpan<Half> HalfRows(long firstRow, int count) => MemoryMarshal.Cast<byte, Half>(Bytes(firstRow, count, EmbeddingPrecision.Half));

    /// <summary>The stored rows in place, when <see cref="Precision"/> is <see cref="EmbeddingPrecision.Single"/>: [count × Dimension]. Valid until <see cref="Dispose"/>.</summary>
    /// <exception cref="EmbeddingStoreException">A block of the rows is damaged.</exception>
    public ReadOnlySpan<float> SingleRows(long firstRow, int count) => MemoryMarshal.Cast<byte, float>(Bytes(firstRow, count, EmbeddingPrecision.Single));

    /// <summary>Whether the row is all zeros: its image could not be embedded.</summary>
    public bool IsAbsent(long row) => !Bytes(row, 1, Precision).ContainsAnyExcept((byte)0);

    /// <summary>Reads and checks every block; returns the numbers of damaged ones.</summary>
    public IReadOnlyList<long> Verify() => _file.Verify();

    public void Dispose() => _file.Dispose();

    private ReadOnlySpan<byte> Bytes(long firstRow, int count, EmbeddingPrecision precision)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(firstRow);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (precision != Precision) throw new InvalidOperationException($"The file stores {Precision} precision; {precision} was asked for in place.");
        if (firstRow > Rows || count > Rows - firstRow)
            throw new ArgumentOutOfRangeException(nameof(firstRow), $"Rows {firstRow} to {firstRow + count} were asked of {Rows}.");
        try
        {
            return _file.Payload(firstRow * _layout.BytesPerRow, checked((int)(count * _layout.BytesPerRow)));
        }
        catch (ArtefactException error)
        {
            throw Wrap(error);
        }
    }

    private static EmbeddingStoreException Wrap(ArtefactException error) => new(error.WhatHappened, error.NextStep, error);
}
