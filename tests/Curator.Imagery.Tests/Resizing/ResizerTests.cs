using System.Diagnostics;
using System.Globalization;
using Curator.Imagery.Resizing;
using Curator.Imagery.Tests.Support;

namespace Curator.Imagery.Tests.Resizing;

public sealed class ResizerTests
{
    public static TheoryData<int, int, int, int> Sizes => new()
    {
        { 64, 64, 224, 224 }, { 256, 256, 224, 224 }, { 300, 200, 64, 64 }, { 17, 31, 5, 3 }, { 1, 1, 7, 9 }, { 9, 5, 1, 1 }, { 40, 30, 40, 30 },
        { 33, 47, 100, 20 }, { 33, 47, 20, 100 }, { 2, 300, 2, 10 }, { 513, 511, 32, 32 }, { 5, 4, 6, 4 },
    };

    /// <summary>
    /// The filter as PIL and torchvision define it, one target pixel at a time in double precision: a triangle of half width
    /// max(1, source / target) on the target pixel's centre, cut at the edges, weights adding up to 1.
    /// </summary>
    private static byte[] Oracle(byte[] source, int width, int height, int newWidth, int newHeight)
    {
        var result = new byte[3 * newWidth * newHeight];
        for (var y = 0; y < newHeight; y++)
            for (var x = 0; x < newWidth; x++)
                for (var c = 0; c < 3; c++)
                {
                    double sum = 0, total = 0;
                    for (var sy = 0; sy < height; sy++)
                    {
                        var down = Weight(sy, y, height, newHeight);
                        if (down == 0) continue;
                        for (var sx = 0; sx < width; sx++)
                        {
                            var weight = down * Weight(sx, x, width, newWidth);
                            sum += weight * source[3 * (sy * width + sx) + c];
                            total += weight;
                        }
                    }
                    result[3 * (y * newWidth + x) + c] = (byte)Math.Round(sum / total);
                }
        return result;

        static double Weight(int at, int target, int size, int newSize)
        {
            var scale = (double)size / newSize;
            return Math.Max(0, 1 - Math.Abs((at + 0.5 - (target + 0.5) * scale) / Math.Max(1, scale)));
        }
    }

    private static int WorstDifference(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        Assert.Equal(a.Length, b.Length);
        var worst = 0;
        for (var i = 0; i < a.Length; i++) worst = Math.Max(worst, Math.Abs(a[i] - b[i]));
        return worst;
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Equals_the_literal_filter_within_one_level(int width, int height, int newWidth, int newHeight)
    {
        foreach (var source in (byte[][])[Pictures.Noise(width, height), Pictures.Rgb(width, height)])
        {
            var actual = new byte[3 * newWidth * newHeight];
            new Resizer().Resize(source, width, height, actual, newWidth, newHeight);
            Assert.InRange(WorstDifference(Oracle(source, width, height, newWidth, newHeight), actual), 0, 1);
        }
    }

    [Fact]
    public void Same_size_changes_nothing_and_flat_stays_flat()
    {
        var resizer = new Resizer();
        var source = Pictures.Noise(50, 40);
        var same = new byte[source.Length];
        resizer.Resize(source, 50, 40, same, 50, 40);
        Assert.Equal(source, same);
        foreach (var level in (byte[])[0, 1, 127, 254, 255])
        {
            var flat = new byte[3 * 91 * 77];
            Array.Fill(flat, level);
            var small = new byte[3 * 13 * 110];
            resizer.Resize(flat, 91, 77, small, 13, 110);
            Assert.All(small, value => Assert.Equal(level, value));
        }
    }

    [Fact]
    public void Centre_crop_equals_resizing_the_short_side_and_cutting()
    {
        foreach (var (width, height, side, shortSide) in new[] { (300, 200, 64, 64), (200, 300, 64, 73), (64, 64, 224, 256), (101, 57, 40, 41) })
        {
            var source = Pictures.Noise(width, height);
            var (w, h) = width <= height ? (shortSide, shortSide * height / width) : (shortSide * width / height, shortSide);
            var whole = new byte[3 * w * h];
            var resizer = new Resizer();
            resizer.Resize(source, width, height, whole, w, h);
            var left = (int)Math.Round((w - side) / 2.0, MidpointRounding.ToEven);
            var top = (int)Math.Round((h - side) / 2.0, MidpointRounding.ToEven);
            var expected = new byte[3 * side * side];
            for (var y = 0; y < side; y++) whole.AsSpan(3 * ((top + y) * w + left), 3 * side).CopyTo(expected.AsSpan(3 * y * side));
            var actual = new byte[3 * side * side];
            resizer.ToSquare(source, width, height, actual, side, SquareMode.CentreCrop, shortSide);
            Assert.InRange(WorstDifference(expected, actual), 0, 1);
        }
    }

    [Fact]
    public void Wrong_lengths_are_refused()
    {
        var resizer = new Resizer();
        Assert.Throws<ArgumentException>(() => resizer.Resize(new byte[11], 2, 2, new byte[12], 2, 2));
        Assert.Throws<ArgumentException>(() => resizer.Resize(new byte[12], 2, 2, new byte[11], 2, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => resizer.ToSquare(new byte[12], 2, 2, new byte[12], 2, SquareMode.CentreCrop, 1));
    }

    [Fact]
    public void Equals_pil_within_one_level()
    {
        const string Python = "/usr/bin/python3";
        Assert.SkipUnless(File.Exists(Python) && Run(Python, "import PIL") == 0, "python3-pil is not installed");
        using var folder = new TemporaryFolder();
        foreach (var (width, height, newWidth, newHeight) in new[] { (256, 256, 224, 224), (64, 64, 224, 224), (511, 300, 100, 96), (1000, 700, 32, 32), (37, 23, 224, 10) })
        {
            var source = Pictures.Noise(width, height);
            File.WriteAllBytes(folder["in.rgb"], source);
            var script = string.Create(CultureInfo.InvariantCulture, $"""
                from PIL import Image
                i = Image.frombytes('RGB', ({width}, {height}), open('{folder["in.rgb"]}', 'rb').read())
                open('{folder["out.rgb"]}', 'wb').write(i.resize(({newWidth}, {newHeight}), Image.BILINEAR).tobytes())
                """);
            Assert.Equal(0, Run(Python, script));
            var actual = new byte[3 * newWidth * newHeight];
            new Resizer().Resize(source, width, height, actual, newWidth, newHeight);
            Assert.InRange(WorstDifference(File.ReadAllBytes(folder["out.rgb"]), actual), 0, 1);
        }
    }

    private static int Run(string program, string script)
    {
        using var process = Process.Start(new ProcessStartInfo(program, ["-c", script]) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode;
    }
}
