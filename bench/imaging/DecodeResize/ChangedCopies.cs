using System.Globalization;
using Curator.Core;
using Curator.Core.Shards;
using Curator.Imagery;
using Curator.Imagery.Decoding;
using Curator.Imagery.Duplicates;
using Curator.Imagery.Ingest;
using Curator.Imagery.Resizing;
using Curator.Imagery.Thumbnails;

/// <summary>How well changed copies of real tiles are found, one kind of change at a time. Every tile is there once as it is and once changed.</summary>
internal static class ChangedCopies
{
    private static readonly (string Name, Func<RgbImage, byte[]> Make)[] Changes =
    [
        ("JPEG quality 75", image => Jpeg(image, 75)),
        ("JPEG quality 40", image => Jpeg(image, 40)),
        ("resized to 100", image => Jpeg(Resize(image, 100), 95)),
        ("resized to 40", image => Jpeg(Resize(image, 40), 95)),
        ("brightened 15 %", image => Jpeg(Map(image, value => value * 1.15 + 5), 95)),
        ("contrast 130 %", image => Jpeg(Map(image, value => (value - 128) * 1.3 + 128), 95)),
        ("cropped 3 %", image => Jpeg(Crop(image, 0.03), 95)),
        ("cropped 6 %", image => Jpeg(Crop(image, 0.06), 95)),
    ];

    public static async Task RunAsync(string folder, int perClass)
    {
        var files = Directory.GetDirectories(folder).Order(StringComparer.Ordinal)
            .SelectMany(c => Directory.GetFiles(c).Order(StringComparer.Ordinal).Take(perClass)).ToList();
        var work = Directory.CreateTempSubdirectory("curator-copies-");
        try
        {
            foreach (var (name, make) in Changes)
            {
                var pictures = work.CreateSubdirectory($"pictures-{name.Replace(' ', '-').Replace("%", "", StringComparison.Ordinal)}");
                var decoder = new ImageDecoder();
                foreach (var file in files)
                {
                    var image = decoder.DecodeFile(file, DecodeOptions.Default).Image!;
                    File.Copy(file, Path.Combine(pictures.FullName, Path.GetFileNameWithoutExtension(file) + "+0.jpg"));
                    File.WriteAllBytes(
                        Path.Combine(pictures.FullName, Path.GetFileNameWithoutExtension(file) + "+1.jpg"), make(new RgbImage(image.Width, image.Height, image.Pixels.ToArray())));
                }
                await using var workspace = await Workspace.InitAsync(Path.Combine(work.FullName, "project-" + pictures.Name), TimeProvider.System, CancellationToken.None);
                await Ingest.AddAsync(workspace, new IngestOptions { Roots = [pictures.FullName] }, new PoolEngine(2), null, CancellationToken.None);
                var report = await DuplicateFinder.FindAsync(workspace, new DuplicateOptions(), null, CancellationToken.None);
                Print(name, report, files.Count);
            }
        }
        finally
        {
            work.Delete(recursive: true);
        }
    }

    /// <summary>A pair is every two pictures of one group; it is right when both come from one tile. Featureless tiles are not looked for and not counted.</summary>
    private static void Print(string name, DuplicateReport report, int tiles)
    {
        var groups = report.Groups.Select(group => group.Duplicates.Select(d => d.Path).Append(group.KeptPath).Select(Origin).GroupBy(origin => origin).Select(g => g.Count()).ToList()).ToList();
        double right = groups.Sum(group => group.Sum(n => n * (n - 1) / 2)), all = groups.Sum(group => (double)group.Sum() * (group.Sum() - 1) / 2);
        var wanted = tiles - report.Featureless.Count / 2.0;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{name,-16} recall {right / wanted:0.000}, precision {right / Math.Max(1, all):0.000}, {tiles} tiles, {report.Featureless.Count / 2} of them featureless"));
    }

    private static string Origin(string path) => Path.GetFileName(path).Split('+')[0];

    private static byte[] Jpeg(RgbImage image, int quality) => new Thumbnailer().Jpeg(image, Math.Max(image.Width, image.Height), quality);

    private static RgbImage Map(RgbImage image, Func<byte, double> change)
    {
        var pixels = image.Rgb.ToArray();
        for (var i = 0; i < pixels.Length; i++) pixels[i] = (byte)Math.Clamp(change(pixels[i]), 0, 255);
        return image with { Rgb = pixels };
    }

    private static RgbImage Resize(RgbImage image, int side)
    {
        var pixels = new byte[3 * side * side];
        new Resizer().Resize(image.Rgb.Span, image.Width, image.Height, pixels, side, side);
        return new RgbImage(side, side, pixels);
    }

    /// <summary>Takes the share away at each edge.</summary>
    private static RgbImage Crop(RgbImage image, double share)
    {
        var (left, top) = ((int)Math.Round(image.Width * share), (int)Math.Round(image.Height * share));
        var (width, height) = (image.Width - 2 * left, image.Height - 2 * top);
        var pixels = new byte[3 * width * height];
        for (var y = 0; y < height; y++)
            image.Rgb.Span.Slice(3 * ((y + top) * image.Width + left), 3 * width).CopyTo(pixels.AsSpan(3 * y * width));
        return new RgbImage(width, height, pixels);
    }
}
