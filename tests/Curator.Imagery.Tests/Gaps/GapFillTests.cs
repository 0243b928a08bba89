using Curator.Imagery.Gaps;

namespace Curator.Imagery.Tests.Gaps;

public sealed class GapFillTests
{
    [Fact]
    public void A_gap_in_a_flat_picture_vanishes_without_a_trace()
    {
        var rgb = Flat(40, 30, 90, 120, 60);
        for (var y = 5; y < 25; y++) rgb.AsSpan(((y * 40) + 10) * 3, 12 * 3).Clear();

        FillSmoothly(rgb, 40, 30);

        Assert.Equal(Flat(40, 30, 90, 120, 60), rgb);
    }

    [Fact]
    public void A_gap_between_two_colours_is_filled_with_what_lies_between_and_known_pixels_stay()
    {
        const int side = 64;
        var rgb = new byte[side * side * 3];
        for (var i = 0; i < side * side; i++)
        {
            var x = i % side;
            if (x is < 24 or >= 40) rgb.AsSpan(i * 3, 3).Fill((byte)(x < 24 ? 50 : 200));
        }
        var before = rgb.ToArray();

        FillSmoothly(rgb, side, side);

        for (var i = 0; i < side * side; i++)
        {
            var x = i % side;
            if (x is < 24 or >= 40) Assert.Equal(before[i * 3], rgb[i * 3]);
            else Assert.InRange(rgb[i * 3], 50, 200);
        }
        Assert.True(rgb[((32 * side) + 25) * 3] < rgb[((32 * side) + 38) * 3], "the filling does not lead from one side to the other");
    }

    [Fact]
    public void A_few_black_pixels_and_an_all_black_picture_stay()
    {
        var shadow = Flat(40, 40, 80, 80, 80);
        shadow.AsSpan(0, 30).Clear(); // 10 of 1,600 pixels
        var copy = shadow.ToArray();
        var night = new byte[40 * 40 * 3];

        var mask = new byte[40 * 40];
        Assert.Equal(0, new GapDetector().Detect(shadow, 40, 40, mask));
        Assert.Equal(1600, new GapDetector().Detect(night, 40, 40, mask));
        GapFill.Apply(GapFillMethod.Smooth, night, 40, 40, mask, seed: 0);

        Assert.Equal(copy, shadow);
        Assert.All(night, value => Assert.Equal(0, value));
    }

    /// <summary>Takes every black pixel for missing.</summary>
    private static void FillSmoothly(byte[] rgb, int width, int height)
    {
        var mask = new byte[width * height];
        for (var i = 0; i < mask.Length; i++) mask[i] = (byte)((rgb[3 * i] | rgb[3 * i + 1] | rgb[3 * i + 2]) == 0 ? 1 : 0);
        GapFill.Apply(GapFillMethod.Smooth, rgb, width, height, mask, seed: 0);
    }

    private static byte[] Flat(int width, int height, byte red, byte green, byte blue)
    {
        var rgb = new byte[width * height * 3];
        for (var i = 0; i < rgb.Length; i += 3) (rgb[i], rgb[i + 1], rgb[i + 2]) = (red, green, blue);
        return rgb;
    }
}
