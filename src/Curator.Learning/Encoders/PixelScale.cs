using System.Runtime.InteropServices;

namespace Curator.Learning.Encoders;

/// <summary>Bytes of pictures to the numbers that a network takes, by a table: (byte/255 − mean)/deviation, rounded to even once. Immutable, thread-safe.</summary>
internal sealed class PixelScale
{
    private readonly int _channels;
    private readonly float[] _singles; // [C, 256]
    private readonly ushort[] _halves; // [C, 256], bfloat16

    /// <param name="mean">[C], 0 to 1.</param>
    /// <param name="deviation">[C], above 0.</param>
    public PixelScale(IReadOnlyList<float> mean, IReadOnlyList<float> deviation)
    {
        _channels = mean.Count;
        _singles = [.. Enumerable.Range(0, 256 * _channels).Select(i => (float)(((i % 256 / 255.0) - mean[i / 256]) / deviation[i / 256]))];
        _halves = [.. _singles.Select(Rounded)];
    }

    /// <param name="pixels">[…, C].</param>
    /// <param name="numbers">As many bfloat16 numbers.</param>
    public void ToBFloat16(ReadOnlySpan<byte> pixels, Span<byte> numbers) => Map(pixels, MemoryMarshal.Cast<byte, ushort>(numbers), _halves);

    /// <inheritdoc cref="ToBFloat16"/>
    /// <param name="numbers">As many single-precision numbers.</param>
    public void ToSingle(ReadOnlySpan<byte> pixels, Span<byte> numbers) => Map(pixels, MemoryMarshal.Cast<byte, float>(numbers), _singles);

    private void Map<T>(ReadOnlySpan<byte> pixels, Span<T> numbers, T[] table)
    {
        for (var c = 0; c < _channels; c++)
        {
            var row = table.AsSpan(c * 256, 256);
            for (var i = c; i < pixels.Length; i += _channels) numbers[i] = row[pixels[i]];
        }
    }

    /// <summary>The upper half of a single-precision number, rounded to even. Finite numbers only.</summary>
    private static ushort Rounded(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        return (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }
}
