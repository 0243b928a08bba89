namespace Curator.Learning.Encoders;

/// <summary>The check that every encoder makes of its caller.</summary>
internal static class EncoderArguments
{
    public static void Check(IImageEncoder encoder, ReadOnlySpan<byte> pixels, int count, Span<float> embeddings)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var bytes = (long)count * encoder.ImageSize * encoder.ImageSize * encoder.Card.Channels;
        if (pixels.Length != bytes) throw new ArgumentException($"{count} pictures of {encoder.ImageSize}² pixels are {bytes} bytes, not {pixels.Length}.", nameof(pixels));
        if (embeddings.Length != (long)count * encoder.Dimension)
            throw new ArgumentException($"{count} embeddings of {encoder.Dimension} are {(long)count * encoder.Dimension} numbers, not {embeddings.Length}.", nameof(embeddings));
    }
}
