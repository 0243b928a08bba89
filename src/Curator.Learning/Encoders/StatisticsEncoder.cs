using Curator.Learning.Statistics;

namespace Curator.Learning.Encoders;

/// <summary>The encoder that is there at once: <see cref="StatisticsExtractor"/>. No weights, no file, no native library. Thread-safe.</summary>
public sealed class StatisticsEncoder : IImageEncoder
{
    /// <summary>The encoder's name in every workspace.</summary>
    public const string Name = "statistics";

    /// <summary>Raised when the numbers change, so that embeddings of different revisions are never compared.</summary>
    public const int Revision = 2;

    private readonly ThreadLocal<StatisticsExtractor> _extractor = new(() => new StatisticsExtractor());

    public StatisticsEncoder(EncoderCard? card = null) => Card = card ?? NewCard();

    public EncoderCard Card { get; }

    public int Dimension => StatisticsExtractor.Dimension;

    public int ImageSize => StatisticsExtractor.Side;

    public void Encode(ReadOnlySpan<byte> pixels, int count, Span<float> embeddings)
    {
        EncoderArguments.Check(this, pixels, count, embeddings);
        var extractor = _extractor.Value!;
        const int bytes = StatisticsExtractor.Side * StatisticsExtractor.Side * 3;
        for (var i = 0; i < count; i++)
            extractor.Extract(pixels.Slice(i * bytes, bytes), embeddings.Slice(i * Dimension, Dimension));
    }

    public void Dispose() => _extractor.Dispose();

    /// <summary>The card of every workspace's statistics encoder.</summary>
    internal static EncoderCard NewCard() => new()
    {
        Name = Name,
        Version = 1,
        Kind = EncoderKind.Statistics,
        Dimension = StatisticsExtractor.Dimension,
        ImageSize = StatisticsExtractor.Side,
        StatisticsShare = 1,
    };
}
