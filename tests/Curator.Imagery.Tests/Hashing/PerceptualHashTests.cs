using Curator.Imagery.Decoding;
using Curator.Imagery.Hashing;
using Curator.Imagery.Resizing;
using Curator.Imagery.Tests.Support;

namespace Curator.Imagery.Tests.Hashing;

public sealed class PerceptualHashTests
{
    /// <summary>The definition: four nested sums of the orthonormal DCT-II over the 32×32 luma, then the median of 63.</summary>
    private static ulong Oracle(byte[] rgb, int width, int height)
    {
        var small = new byte[32 * 32 * 3];
        new Resizer().Resize(rgb, width, height, small, 32, 32);
        var low = new double[64];
        for (var v = 0; v < 8; v++)
            for (var u = 0; u < 8; u++)
            {
                double sum = 0;
                for (var y = 0; y < 32; y++)
                    for (var x = 0; x < 32; x++)
                    {
                        var at = 3 * (32 * y + x);
                        var luma = 0.299 * small[at] + 0.587 * small[at + 1] + 0.114 * small[at + 2];
                        sum += luma * Math.Cos(Math.PI * u * (2 * x + 1) / 64) * Math.Cos(Math.PI * v * (2 * y + 1) / 64);
                    }
                low[8 * v + u] = sum * Math.Sqrt((u == 0 ? 1 : 2) / 32.0) * Math.Sqrt((v == 0 ? 1 : 2) / 32.0);
            }
        var median = low.Skip(1).Order().ElementAt(31);
        return low.Select((c, i) => c > median + 1e-6 ? 1UL << i : 0).Aggregate(0UL, (a, b) => a | b);
    }

    [Fact]
    public void Equals_the_literal_definition()
    {
        var hash = new PerceptualHash();
        for (var seed = 0; seed < 30; seed++)
        {
            var (width, height) = (20 + seed * 7, 90 - seed * 2);
            var rgb = seed % 2 == 0 ? Pictures.Noise(width, height, seed) : Pictures.Rgb(width, height, seed);
            Assert.Equal(Oracle(rgb, width, height), hash.Of(rgb, width, height));
        }
    }

    [Fact]
    public void Flat_pictures_hash_alike_whatever_their_level()
    {
        var hash = new PerceptualHash();
        var grey = new byte[3 * 64 * 64];
        Array.Fill(grey, (byte)93);
        var white = new byte[3 * 64 * 64];
        Array.Fill(white, (byte)255);
        Assert.Equal(1UL, hash.Of(grey, 64, 64));
        Assert.Equal(1UL, hash.Of(white, 64, 64));
        Assert.Equal(0UL, hash.Of(new byte[3 * 64 * 64], 64, 64));
    }

    [Fact]
    public void Survives_compression_and_scaling_and_tells_real_tiles_apart()
    {
        var files = Directory.GetFiles(TestData.Shared("eurosat/Highway"), "*.jpg").Order(StringComparer.Ordinal).Take(60).ToArray();
        var decoder = new ImageDecoder();
        var hash = new PerceptualHash();
        var resizer = new Resizer();
        var hashes = new List<ulong>();
        var compressed = new List<int>();
        var scaled = new List<int>();
        foreach (var file in files)
        {
            var result = decoder.DecodeFile(file, DecodeOptions.Default);
            Assert.True(result.Succeeded);
            var rgb = result.Image.Pixels.ToArray();
            hashes.Add(hash.Of(rgb, 64, 64));
            var again = decoder.Decode(Pictures.Jpeg(rgb, 64, 64, 40), DecodeOptions.Default);
            compressed.Add(PerceptualHash.Distance(hashes[^1], hash.Of(again.Image!.Pixels.Span, 64, 64)));
            var large = new byte[3 * 150 * 150];
            resizer.Resize(rgb, 64, 64, large, 150, 150);
            scaled.Add(PerceptualHash.Distance(hashes[^1], hash.Of(large, 150, 150)));
        }
        // Measured: medians 2 and 0.
        Assert.True(compressed.Order().ElementAt(30) <= 6, $"median {compressed.Order().ElementAt(30)}");
        Assert.True(scaled.Order().ElementAt(30) <= 4, $"median {scaled.Order().ElementAt(30)}");
        var apart = hashes.SelectMany((a, i) => hashes.Skip(i + 1).Select(b => PerceptualHash.Distance(a, b))).Order().ToArray();
        Assert.True(apart[apart.Length / 2] is >= 24 and <= 40, $"median distance of different tiles {apart[apart.Length / 2]}");
    }
}
