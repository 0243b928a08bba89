using Curator.Core;
using Curator.Imagery.Health;
using Curator.Imagery.Ingest;
using Curator.Imagery.Tests.Ingest;
using Curator.Imagery.Tests.Support;

namespace Curator.Imagery.Tests.Health;

public sealed class PictureHealthTests
{
    private const int Side = 48;

    [Fact]
    public async Task Each_kind_of_problem_is_counted_with_examples_and_good_pictures_are_not()
    {
        using var folder = new TemporaryFolder();
        var root = Directory.CreateDirectory(folder["tiles"]).FullName;
        var noise = Pictures.Noise(Side, Side);
        for (var i = 0; i < 40; i++) Save($"good{i:00}", Pictures.Noise(Side, Side, i + 10));
        Save("dark", [.. noise.Select(v => (byte)(v / 12))]);
        Save("empty", [.. noise.Select((v, i) => i < noise.Length * 2 / 3 ? (byte)0 : v)]);
        Save("flat", [.. Enumerable.Repeat(new byte[] { 90, 60, 40 }, Side * Side).SelectMany(p => p)]);
        Save("blurry", [.. Enumerable.Range(0, Side * Side).SelectMany(i => Enumerable.Repeat((byte)(128 + 90 * Math.Sin(i % Side / 9.0) * Math.Cos(i / Side / 8.0)), 3).Select((v, c) => (byte)(c == 0 ? v : v / 2)))]);
        Save("clouds", [.. Enumerable.Range(0, Side * Side).SelectMany(i => Enumerable.Repeat((byte)(200 + (i * 7919 % 41)), 3))]);
        File.WriteAllBytes(Path.Combine(root, "odd.png"), Pictures.Png(Pictures.Noise(Side, Side + 1), Side, Side + 1));
        await IngestFixture.AddAsync(folder["project"], new IngestOptions { Roots = [root] });
        await using var workspace = await Workspace.OpenAsync(folder["project"], TimeProvider.System, CancellationToken.None);
        var partition = Assert.Single(await workspace.Catalog.GetPartitionsAsync(CancellationToken.None));
        var found = PictureHealth.Of(workspace, partition, CancellationToken.None);
        Assert.Equal(
            [(HealthProblem.NoData, "empty.png"), (HealthProblem.Dark, "dark.png"), (HealthProblem.Featureless, "flat.png"), (HealthProblem.Blurry, "blurry.png"),
                (HealthProblem.Cloudy, "clouds.png"), (HealthProblem.OddSize, "odd.png")],
            found.Select(finding => (finding.Problem, Path.GetFileName(Assert.Single(finding.Examples)))));
        Assert.All(found, finding => Assert.Equal(1, finding.Images));

        void Save(string name, byte[] rgb) => File.WriteAllBytes(Path.Combine(root, name + ".png"), Pictures.Png(rgb, Side, Side));
    }

    [Fact]
    public void Sharpness_and_clouds_are_what_the_literal_sums_give()
    {
        var rgb = Pictures.Noise(31, 17);
        rgb.AsSpan(0, 30).Clear();
        var luma = new int[17, 31];
        double first = 0, second = 0, seen = 0, clouds = 0;
        for (var y = 0; y < 17; y++)
            for (var x = 0; x < 31; x++)
            {
                var at = 3 * (31 * y + x);
                luma[y, x] = (77 * rgb[at] + 150 * rgb[at + 1] + 29 * rgb[at + 2] + 64) >> 7;
                int most = Math.Max(rgb[at], Math.Max(rgb[at + 1], rgb[at + 2])), least = Math.Min(rgb[at], Math.Min(rgb[at + 1], rgb[at + 2]));
                if (most > 3) seen++;
                if (most > 100 && (most - least) / (double)most < 0.2) clouds++;
                if (x > 0) first += Math.Abs(luma[y, x] - luma[y, x - 1]);
                if (y > 0) first += Math.Abs(luma[y, x] - luma[y - 1, x]);
                if (x > 1) second += Math.Abs(luma[y, x] - 2 * luma[y, x - 1] + luma[y, x - 2]);
                if (y > 1) second += Math.Abs(luma[y, x] - 2 * luma[y - 1, x] + luma[y - 2, x]);
            }

        var quality = PictureQuality.Of(rgb, 31, 17);
        Assert.Equal((float)(clouds / seen), quality.CloudShare);
        Assert.Equal((float)(second / first), quality.Sharpness);
    }
}
