using Curator.Imagery.Hashing;
using Curator.Imagery.Resizing;
using Curator.Imagery.Tests.Support;

namespace Curator.Imagery.Tests.Hashing;

public sealed class FineHashTests
{
    /// <summary>The definition: nested sums of the orthonormal DCT-II over the 64×64 luma at frequencies 1 to 16, then the median of all 256.</summary>
    private static ulong[] Oracle(byte[] rgb, int width, int height)
    {
        var small = new byte[64 * 64 * 3];
        new Resizer().Resize(rgb, width, height, small, 64, 64);
        var low = new double[256];
        for (var v = 1; v <= 16; v++)
            for (var u = 1; u <= 16; u++)
            {
                double sum = 0;
                for (var y = 0; y < 64; y++)
                    for (var x = 0; x < 64; x++)
                    {
                        var at = 3 * (64 * y + x);
                        var luma = 0.299 * small[at] + 0.587 * small[at + 1] + 0.114 * small[at + 2];
                        sum += luma * Math.Cos(Math.PI * u * (2 * x + 1) / 128) * Math.Cos(Math.PI * v * (2 * y + 1) / 128);
                    }
                low[16 * (v - 1) + u - 1] = sum * 2 / 64;
            }
        var sorted = low.Order().ToArray();
        var median = (sorted[127] + sorted[128]) / 2;
        var hash = new ulong[4];
        for (var i = 0; i < 256; i++)
            if (low[i] > median + 1e-6)
                hash[i / 64] |= 1UL << (i % 64);
        return hash;
    }

    [Fact]
    public void Equals_the_literal_definition()
    {
        var hash = new FineHash();
        for (var seed = 0; seed < 6; seed++)
        {
            var (width, height) = (40 + seed * 31, 90 - seed * 5);
            var rgb = seed % 2 == 0 ? Pictures.Noise(width, height, seed) : Pictures.Rgb(width, height, seed);
            var words = new ulong[4];
            hash.Of(rgb, width, height, words);
            Assert.Equal(Oracle(rgb, width, height), words);
        }
    }

    [Fact]
    public void The_hash_of_each_form_is_the_hash_of_the_turned_picture()
    {
        var (fine, coarse) = (new FineHash(), new PerceptualHash());
        const int Side = 64;
        var rgb = Pictures.Noise(Side, Side, 5);
        var forms = new ulong[8 * FineHash.Words];
        var coarseForms = new ulong[8];
        fine.AllForms(rgb, Side, Side, forms);
        coarse.AllForms(rgb, Side, Side, coarseForms);
        Assert.Equal(8, coarseForms.Distinct().Count());
        var words = new ulong[FineHash.Words];
        for (var form = 0; form < 8; form++)
        {
            var turned = Turn(rgb, Side, form);
            fine.Of(turned, Side, Side, words);
            // The filter's two passes round in another order once a picture is transposed.
            Assert.True(FineHash.Distance(words, forms.AsSpan(form * FineHash.Words)) <= 4, $"form {form}");
            Assert.True(PerceptualHash.Distance(coarse.Of(turned, Side, Side), coarseForms[form]) <= 2, $"form {form}");
        }
    }

    [Fact]
    public void Quality_tells_flat_pictures_from_rich_ones()
    {
        var hash = new FineHash();
        var words = new ulong[FineHash.Words];
        Assert.Equal(0, hash.Of(new byte[3 * 64 * 64], 64, 64, words));
        Assert.Equal(new ulong[4], words);
        Assert.Equal(100, hash.Of(Pictures.Noise(64, 64), 64, 64, words));
    }

    private static byte[] Turn(byte[] rgb, int side, int form)
    {
        var turned = new byte[rgb.Length];
        for (var y = 0; y < side; y++)
            for (var x = 0; x < side; x++)
            {
                var (fromX, fromY) = (form & 4) != 0 ? (y, x) : (x, y);
                if ((form & 1) != 0) fromX = side - 1 - fromX;
                if ((form & 2) != 0) fromY = side - 1 - fromY;
                rgb.AsSpan(3 * (fromY * side + fromX), 3).CopyTo(turned.AsSpan(3 * (y * side + x)));
            }
        return turned;
    }
}
