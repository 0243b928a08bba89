namespace Curator.Learning.Encoders;

/// <summary>
/// What a network has learned, then the statistics (half-whitened on the images it was trained on), each of length one, weighted so that the whole has length one: the cosine of two joined
/// embeddings is the weighted mean of the parts' cosines. docs/decisions/0032-joined-features.md. Thread-safe. Owns the network.
/// </summary>
public sealed class JoinedEncoder : IImageEncoder
{
    private readonly IImageEncoder _learned;
    private readonly StatisticsEncoder _statistics;
    private readonly Whitening _whitening;

    internal JoinedEncoder(IImageEncoder learned, Whitening whitening)
    {
        ArgumentNullException.ThrowIfNull(learned);
        if (learned.ImageSize < Statistics.StatisticsExtractor.Side || learned.ImageSize % Statistics.StatisticsExtractor.Side != 0)
            throw new ArgumentException($"The statistics need pictures whose side is a multiple of {Statistics.StatisticsExtractor.Side} pixels, not {learned.ImageSize}.", nameof(learned));
        _learned = learned;
        _whitening = whitening;
        _statistics = new StatisticsEncoder();
    }

    public EncoderCard Card => _learned.Card;

    public int Dimension => _learned.Dimension + _whitening.Dimension;

    public int ImageSize => _learned.ImageSize;

    public void Encode(ReadOnlySpan<byte> pixels, int count, Span<float> embeddings)
    {
        EncoderArguments.Check(this, pixels, count, embeddings);
        var learned = new float[count * _learned.Dimension];
        var statistics = new float[count * _statistics.Dimension];
        _learned.Encode(pixels, count, learned);
        _statistics.Encode(PixelReduction.To(pixels, count, ImageSize, _statistics.ImageSize), count, statistics);
        float ofStatistics = MathF.Sqrt(Card.StatisticsShare), ofLearned = MathF.Sqrt(1 - Card.StatisticsShare);
        for (var i = 0; i < count; i++)
        {
            var row = embeddings.Slice(i * Dimension, Dimension);
            for (var j = 0; j < _learned.Dimension; j++) row[j] = ofLearned * learned[(i * _learned.Dimension) + j];
            var tail = row[_learned.Dimension..];
            _whitening.Apply(statistics.AsSpan(i * _statistics.Dimension, _statistics.Dimension), tail);
            UnitLength.Normalise(tail);
            foreach (ref var value in tail) value *= ofStatistics;
        }
    }

    public void Dispose()
    {
        _learned.Dispose();
        _statistics.Dispose();
    }
}
