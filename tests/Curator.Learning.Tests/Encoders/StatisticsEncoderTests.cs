using CsCheck;
using Curator.Learning.Encoders;
using Curator.Learning.Statistics;
using Curator.Learning.Tests.Support;

namespace Curator.Learning.Tests.Encoders;

public sealed class StatisticsEncoderTests
{
    private const int Side = 64;

    [Fact]
    public void Every_embedding_has_length_one_and_no_negative_number() =>
        Gen.Int[0, 100_000].Sample(seed =>
        {
            var embedding = Encode(Pictures.Rgb(seed, Side));
            Assert.Equal(1, embedding.Sum(value => (double)value * value), 1e-4);
            Assert.All(embedding, value => Assert.InRange(value, 0, 1));
        }, iter: 50);

    [Fact]
    public void Uniform_black_and_white_pictures_have_embeddings_too()
    {
        foreach (var level in new byte[] { 0, 128, 255 })
            Assert.Equal(1, Encode([.. Enumerable.Repeat(level, Side * Side * 3)]).Sum(value => (double)value * value), 1e-4);
    }

    [Fact]
    public void Turning_by_90_degrees_and_mirroring_change_next_to_nothing() =>
        Gen.Int[0, 100_000].Sample(seed =>
        {
            var picture = Pictures.Rgb(seed, Side);
            var embedding = Encode(picture);
            var turned = Encode(Map(picture, (x, y) => (y, Side - 1 - x)));
            var mirrored = Encode(Map(picture, (x, y) => (Side - 1 - x, y)));
            Assert.InRange(Dot(embedding, turned), 0.999, 1.001);
            // Six of the 36 pattern classes are mirror images of others.
            Assert.InRange(Dot(embedding, mirrored), 0.97, 1.001);
        }, iter: 20);

    [Fact]
    public void A_picture_alone_has_the_bits_it_has_in_a_batch()
    {
        using var encoder = new StatisticsEncoder();
        var pixels = Pictures.Batch(5, Side);
        var all = new float[5 * encoder.Dimension];
        encoder.Encode(pixels, 5, all);

        Assert.Equal(all[(3 * encoder.Dimension)..(4 * encoder.Dimension)], Encode(Pictures.Rgb(3, Side)));
    }

    [Fact]
    public void Binary_patterns_equal_the_loops_of_their_definition()
    {
        var random = new Random(3);
        var plane = Enumerable.Range(0, Side * Side).Select(_ => random.NextSingle()).ToArray();
        var actual = new float[BinaryPatterns.Bins];
        new BinaryPatterns(Side, 1, 0.004f).Count(plane, actual);

        // By rotation class, whatever its number: the sorted counts must agree.
        var expected = new Dictionary<(int Class, bool Lively), float>();
        for (var y = 2; y < Side - 2; y++)
            for (var x = 2; x < Side - 2; x++)
            {
                var code = 0;
                float difference = 0;
                for (var k = 0; k < 8; k++)
                {
                    var value = Bilinear(plane, x + Math.Cos(k * Math.PI / 4), y + Math.Sin(k * Math.PI / 4));
                    difference += Math.Abs(value - plane[(y * Side) + x]);
                    if (value > plane[(y * Side) + x] + 0.004f) code |= 1 << k;
                }
                var key = (Enumerable.Range(0, 8).Min(k => ((code >> k) | (code << (8 - k))) & 255), difference > 0.16f);
                expected[key] = expected.GetValueOrDefault(key) + 1;
            }
        Assert.Equal(expected.Values.Order(), actual.Where(count => count > 0).Order());
    }

    [Fact]
    public void Five_nearest_neighbours_on_EuroSAT_find_nine_classes_in_ten()
    {
        var root = TestData.Shared("eurosat");
        using var encoder = new StatisticsEncoder();
        var loader = new Curator.Learning.Cache.PictureLoader();
        var pixels = new byte[Side * Side * 3];
        var rows = new List<(float[] Embedding, int Class)>();
        var classes = Directory.GetDirectories(root).Order(StringComparer.Ordinal).ToArray();
        for (var c = 0; c < classes.Length; c++)
            foreach (var file in Directory.GetFiles(classes[c]).Order(StringComparer.Ordinal).Where((_, i) => i % 4 == 0))
            {
                Assert.Null(loader.Load(file, Side, pixels));
                var embedding = new float[encoder.Dimension];
                encoder.Encode(pixels, 1, embedding);
                rows.Add((embedding, c));
            }
        var array = rows.ToArray();
        new Random(1).Shuffle(array);
        var test = array[..(array.Length / 5)];
        var train = array[(array.Length / 5)..];

        var right = test.Count(query => train.OrderByDescending(row => Dot(row.Embedding, query.Embedding)).Take(5).GroupBy(row => row.Class).MaxBy(group => group.Count())!.Key == query.Class);

        // Measured: 89.5 % with a quarter of the tiles; 91.8–92.4 % with all of them.
        Assert.True(right >= 0.87 * test.Length, $"{100.0 * right / test.Length:F1} %");
    }

    private static float[] Encode(byte[] pixels)
    {
        using var encoder = new StatisticsEncoder();
        var embedding = new float[encoder.Dimension];
        encoder.Encode(pixels, 1, embedding);
        return embedding;
    }

    private static float Dot(float[] a, float[] b)
    {
        float sum = 0;
        for (var i = 0; i < a.Length; i++) sum += a[i] * b[i];
        return sum;
    }

    private static float Bilinear(float[] plane, double x, double y)
    {
        int left = (int)Math.Floor(x + 1e-9), top = (int)Math.Floor(y + 1e-9);
        double fx = Math.Max(0, x - left), fy = Math.Max(0, y - top);
        double At(int px, int py) => plane[(py * Side) + px];
        return (float)(((1 - fy) * (((1 - fx) * At(left, top)) + (fx * At(left + 1, top)))) + (fy * (((1 - fx) * At(left, top + 1)) + (fx * At(left + 1, top + 1)))));
    }

    private static byte[] Map(byte[] picture, Func<int, int, (int X, int Y)> from)
    {
        var result = new byte[picture.Length];
        for (var y = 0; y < Side; y++)
            for (var x = 0; x < Side; x++)
            {
                var (sx, sy) = from(x, y);
                picture.AsSpan(((sy * Side) + sx) * 3, 3).CopyTo(result.AsSpan(((y * Side) + x) * 3));
            }
        return result;
    }
}
