namespace Curator.Imagery;

/// <summary>Pixels of one picture.</summary>
/// <param name="Rgb">RGB, uint8, <c>[Height, Width, 3]</c>, row-major, without padding.</param>
public sealed record RgbImage(int Width, int Height, ReadOnlyMemory<byte> Rgb)
{
    /// <exception cref="ArgumentException">The pixels are not Height × Width × 3 bytes.</exception>
    internal void Check(string name)
    {
        if (Width < 1 || Height < 1 || Rgb.Length != 3L * Width * Height)
            throw new ArgumentException($"{Rgb.Length} bytes are not {Height}×{Width}×3.", name);
    }
}
