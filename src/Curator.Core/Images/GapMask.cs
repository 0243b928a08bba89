using System.IO.Compression;

namespace Curator.Core.Images;

/// <summary>
/// Which pixels of a picture were never seen, packed: 16-bit width and height of its grid, then one bit a cell, row by row, most significant first, deflated.
/// The grid is the picture's own up to 1,024 cells a side; of larger pictures a cell is a gap when any of its pixels is one. Immutable.
/// </summary>
public sealed class GapMask : IEquatable<GapMask>
{
    /// <summary>Most cells a side.</summary>
    public const int MaxSide = 1024;

    private const int HeaderBytes = 4;

    private readonly byte[] _packed;

    private GapMask(byte[] packed) => _packed = packed;

    /// <summary>As it lies in a manifest.</summary>
    public ReadOnlyMemory<byte> Packed => _packed;

    /// <param name="mask">[height, width]; not zero where nothing was seen.</param>
    public static GapMask Of(ReadOnlySpan<byte> mask, int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(mask.Length, checked(width * height));
        var (columns, rows) = (Math.Min(width, MaxSide), Math.Min(height, MaxSide));
        var bits = new byte[(columns * rows + 7) / 8];
        for (var y = 0; y < height; y++)
        {
            var row = (int)((long)y * rows / height) * columns;
            for (var x = 0; x < width; x++)
            {
                if (mask[y * width + x] == 0) continue;
                var cell = row + (int)((long)x * columns / width);
                bits[cell >> 3] |= (byte)(0x80 >> (cell & 7));
            }
        }

        using var packed = new MemoryStream();
        packed.Write([(byte)columns, (byte)(columns >> 8), (byte)rows, (byte)(rows >> 8)]);
        using (var deflate = new DeflateStream(packed, CompressionLevel.Optimal, leaveOpen: true)) deflate.Write(bits);
        return new GapMask(packed.ToArray());
    }

    /// <exception cref="InvalidDataException">The bytes are no mask.</exception>
    public static GapMask Unpack(byte[] packed)
    {
        ArgumentNullException.ThrowIfNull(packed);
        var mask = new GapMask(packed);
        _ = mask.Grid();
        return mask;
    }

    /// <summary>Writes 255 where nothing was seen and 0 elsewhere.</summary>
    /// <param name="mask">[height, width].</param>
    /// <exception cref="InvalidDataException">The mask is damaged.</exception>
    public void Expand(int width, int height, Span<byte> mask)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(mask.Length, checked(width * height));
        var (columns, rows) = Grid();
        var bits = new byte[(columns * rows + 7) / 8];
        using (var inflate = new DeflateStream(new MemoryStream(_packed, HeaderBytes, _packed.Length - HeaderBytes), CompressionMode.Decompress))
            if (inflate.ReadAtLeast(bits, bits.Length, throwOnEndOfStream: false) < bits.Length)
                throw new InvalidDataException("The mask ends early.");
        for (var y = 0; y < height; y++)
        {
            var row = (int)((long)y * rows / height) * columns;
            for (var x = 0; x < width; x++)
            {
                var cell = row + (int)((long)x * columns / width);
                mask[y * width + x] = (bits[cell >> 3] & (0x80 >> (cell & 7))) != 0 ? byte.MaxValue : (byte)0;
            }
        }
    }

    public bool Equals(GapMask? other) => other is not null && _packed.AsSpan().SequenceEqual(other._packed);

    public override bool Equals(object? obj) => Equals(obj as GapMask);

    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.AddBytes(_packed);
        return hash.ToHashCode();
    }

    private (int Columns, int Rows) Grid()
    {
        if (_packed.Length <= HeaderBytes) throw new InvalidDataException($"A mask of {_packed.Length} bytes.");
        var (columns, rows) = (_packed[0] | _packed[1] << 8, _packed[2] | _packed[3] << 8);
        return columns is > 0 and <= MaxSide && rows is > 0 and <= MaxSide ? (columns, rows) : throw new InvalidDataException($"A mask of {columns}×{rows} cells.");
    }
}
