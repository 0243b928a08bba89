namespace Curator.Learning.Encoders;

/// <summary>
/// Turns pictures into embeddings. The same pixels give the same numbers whatever else is in the call and however many threads call.
/// Thread-safe. Dispose when no call is under way.
/// </summary>
public interface IImageEncoder : IDisposable
{
    /// <summary>What it is, how it was made, how pictures must be prepared for it.</summary>
    EncoderCard Card { get; }

    /// <summary>Length of an embedding.</summary>
    int Dimension { get; }

    /// <summary>Side S of the pictures it takes, pixels.</summary>
    int ImageSize { get; }

    /// <param name="pixels">[N, S, S, C] uint8, row-major: RGB, or the bands that the card names.</param>
    /// <param name="count">N, from 0.</param>
    /// <param name="embeddings">[N, D] float32, row-major; every row of length one.</param>
    /// <exception cref="ArgumentException">A span is not as long as N says.</exception>
    void Encode(ReadOnlySpan<byte> pixels, int count, Span<float> embeddings);
}
