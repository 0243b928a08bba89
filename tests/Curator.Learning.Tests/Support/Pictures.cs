using Curator.Core;
using Curator.Core.Images;
using Curator.Core.Manifests;
using SkiaSharp;

namespace Curator.Learning.Tests.Support;

/// <summary>Small generated pictures and workspaces of them.</summary>
internal static class Pictures
{
    /// <summary>[side, side, 3]: smooth colours with stripes, different for every seed.</summary>
    public static byte[] Rgb(int seed, int side)
    {
        var random = new Random(seed);
        double fx = 1 + (random.NextDouble() * 6), fy = 1 + (random.NextDouble() * 6), phase = random.NextDouble() * 6;
        var colour = new[] { random.NextDouble(), random.NextDouble(), random.NextDouble() };
        var pixels = new byte[side * side * 3];
        for (var y = 0; y < side; y++)
            for (var x = 0; x < side; x++)
                for (var c = 0; c < 3; c++)
                    pixels[(((y * side) + x) * 3) + c] =
                        (byte)Math.Clamp(255 * colour[c] * (0.6 + (0.4 * Math.Sin((fx * x * 6.28 / side) + (fy * y * 6.28 / side) + phase))) + random.Next(8), 0, 255);
        return pixels;
    }

    /// <summary>[count, side, side, 3].</summary>
    public static byte[] Batch(int count, int side) => [.. Enumerable.Range(0, count).SelectMany(i => Rgb(i, side))];

    public static void WritePng(string path, int seed, int side)
    {
        var rgb = Rgb(seed, side);
        using var bitmap = new SKBitmap(new SKImageInfo(side, side, SKColorType.Rgba8888, SKAlphaType.Opaque));
        var target = bitmap.GetPixelSpan();
        for (var i = 0; i < side * side; i++)
        {
            rgb.AsSpan(i * 3, 3).CopyTo(target[(i * 4)..]);
            target[(i * 4) + 3] = 255;
        }
        using var data = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        File.WriteAllBytes(path, data.ToArray());
    }

    /// <summary>A workspace with pictures first … count − 1 in one partition, appended to what it has.</summary>
    /// <param name="classFolder">Folder of each picture by its number; null for none.</param>
    /// <param name="write">Writes the picture of a path, number and side; null for <see cref="WritePng"/>.</param>
    public static async Task AddAsync(Workspace workspace, string folder, int first, int count, int side, CancellationToken cancellationToken, Func<int, string>? classFolder = null, Action<string, int, int>? write = null)
    {
        Directory.CreateDirectory(folder);
        var partition = await workspace.Catalog.GetOrAddPartitionAsync("tiles", "native", "all", cancellationToken);
        var records = new List<ImageRecord>();
        if (partition.Rows > 0)
        {
            using var manifest = workspace.OpenManifest(partition);
            records.AddRange(manifest.Read());
        }
        for (var i = first; i < first + count; i++)
        {
            var path = Path.Combine(folder, FormattableString.Invariant($"{i:D5}.png"));
            (write ?? WritePng)(path, i, side);
            records.Add(Record(path, side) with { Folder = classFolder?.Invoke(i) ?? "" });
        }
        using var writer = ManifestWriter.Create(workspace.ManifestPath(partition));
        foreach (var record in records) writer.Append(record);
        var (rows, fingerprint) = writer.Commit();
        await workspace.Catalog.SetManifestAsync(partition.Number, rows, fingerprint, cancellationToken);
    }

    private static ImageRecord Record(string path, int side) => new()
    {
        Uri = path,
        Sha256 = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(path))),
        SizeBytes = new FileInfo(path).Length,
        ModifiedNanoseconds = 0,
        Width = side,
        Height = side,
        Channels = 3,
        BitDepth = 8,
        Folder = "",
        PerceptualHash = 0,
        MeanLuma = 0,
        LumaDeviation = 0,
        NoDataShare = 0,
    };
}
