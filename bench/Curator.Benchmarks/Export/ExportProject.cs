using System.Security.Cryptography;
using System.Text.Json;
using Curator.Core;
using Curator.Core.Embeddings;
using Curator.Core.Images;
using Curator.Core.Labels;
using Curator.Core.Manifests;
using Curator.Labeling.Classification;

namespace Curator.Benchmarks.Export;

/// <summary>
/// A swept project of so many satellite tiles with small files of their own: a grid of places whose tiles overlap their neighbours by half, each place at four dates; a hundredth is answered by a
/// person, the rest has scores. Kept in the cache between runs.
/// </summary>
internal static class ExportProject
{
    private const int Dates = 4;
    private const int FileBytes = 3000;
    private const string TaskName = "island";

    private static readonly JsonSerializerOptions s_web = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    public static async Task<(Workspace Workspace, LabelingTask Task)> OpenAsync(string cache, int images)
    {
        var root = Path.Combine(cache, $"export-{images}");
        var project = Path.Combine(root, "project");
        if (!File.Exists(Path.Combine(root, "whole")))
        {
            if (Directory.Exists(root)) Directory.Delete(root, recursive: true);
            Directory.CreateDirectory(root);
            await using (var made = await Workspace.InitAsync(project, TimeProvider.System, CancellationToken.None)) await FillAsync(made, Path.Combine(root, "tiles"), images);
            await File.WriteAllTextAsync(Path.Combine(root, "whole"), "");
        }
        var workspace = await Workspace.OpenAsync(project, TimeProvider.System, CancellationToken.None);
        return (workspace, await workspace.Labels.GetTaskAsync(TaskName, CancellationToken.None));
    }

    private static async Task FillAsync(Workspace workspace, string tiles, int images)
    {
        var partition = await workspace.Catalog.GetOrAddPartitionAsync("tiles", "native", "all", CancellationToken.None);
        using (var manifest = ManifestWriter.Create(workspace.ManifestPath(partition)))
        {
            for (var i = 0; i < images; i++) manifest.Append(Record(i, images, tiles));
            var (rows, fingerprint) = manifest.Commit();
            await workspace.Catalog.SetManifestAsync(partition.Number, rows, fingerprint, CancellationToken.None);
        }
        var encoder = await workspace.Catalog.AddEncoderAsync("bench", new string('e', 64), 8, CancellationToken.None);
        var task = await workspace.Labels.GetOrAddTaskAsync(
            new LabelingTask(TaskName, "Is there an island?", ["yes", "no"], null, encoder.Id, "", DateTimeOffset.UnixEpoch), CancellationToken.None);
        using (var scores = EmbeddingWriter.Create(workspace.ScorePath(partition, task.Name), images, 1, EmbeddingPrecision.Single, new string('f', 64)))
        {
            for (var i = 0; i < images; i++) scores.Append([Score(i)]);
            scores.Commit();
        }
        foreach (var some in Enumerable.Range(0, images / 100).Chunk(1000))
            await workspace.Labels.AppendAsync(
                [.. some.Select(n => new NewLabelEvent($"b{n}", TaskName, new ImageId(partition.Number, n * 100L), "ann", "s", LabelEventKind.Label, n % 20 == 0 ? "yes" : "no"))], CancellationToken.None);
        var sweep = new ClassifyReport(task.Name, encoder.Id, new string('a', 64), 0.5f, images, 0, 0, 0, 0, 0, null, 1);
        await workspace.Catalog.SetValueAsync($"classify.{task.Name}", JsonSerializer.Serialize(sweep, s_web), CancellationToken.None);
    }

    private static float Score(int i) => (uint)(i / Dates * 2654435761u) % 1000 < 50 ? 0.9f : 0.1f;

    private static ImageRecord Record(int i, int images, string tiles)
    {
        var bytes = new byte[FileBytes];
        new Random(i).NextBytes(bytes);
        var folder = Path.Combine(tiles, $"{i / 1000:D4}");
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, $"tile{i:D7}.jpg");
        File.WriteAllBytes(path, bytes);
        var side = (int)Math.Ceiling(Math.Sqrt((double)images / Dates));
        var (place, date) = (i / Dates, i % Dates);
        double south = -60 + place / side * 0.25, west = -150 + place % side * 0.25;
        return new ImageRecord
        {
            Uri = path,
            Sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes)),
            SizeBytes = bytes.Length,
            ModifiedNanoseconds = 1,
            Width = 64,
            Height = 64,
            Channels = 3,
            BitDepth = 8,
            Folder = $"{i / 1000:D4}",
            PerceptualHash = (ulong)i,
            MeanLuma = 100,
            LumaDeviation = 20,
            NoDataShare = 0,
            TakenAt = DateTimeOffset.UnixEpoch.AddDays(365 * 50 + date * 30),
            Footprint = new BoundingBox(south, west, south + 0.5, west + 0.5),
        };
    }
}
