using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Curator.Core;
using Curator.Core.Embeddings;
using Curator.Core.Images;

namespace Curator.Labeling.Predictions;

/// <summary>
/// Keeps predictions of outside models: for each partition a file <c>NAME.predictions</c> beside the embeddings (docs/design/active-learning.md), rows tied to image ids,
/// and one value in the catalog, written last. An import that was killed leaves files that do not fit the value; they are refused until it is done again.
/// </summary>
public static class PredictionStore
{
    private const string Prefix = "predictions.";
    private const string IndexKey = "predictions";

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>Scores the predictions and stores them under a name; replaces what was there under it.</summary>
    /// <exception cref="WorkspaceException">None of the pictures is in the project, or a name fits several.</exception>
    public static async Task<PredictionImport> ImportAsync(
        Workspace workspace, string name, PredictionSet set, string format, string source, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentNullException.ThrowIfNull(set);
        Names.Check(name, "prediction");
        var ids = await ImageNames.FindAsync(workspace, [.. set.Images.Select(i => i.Name)], cancellationToken);
        var unknown = set.Images.Where(i => !ids.ContainsKey(i.Name)).Select(i => i.Name).ToList();
        var known = set.Images.Where(i => ids.ContainsKey(i.Name)).ToList();
        if (known.Count == 0)
            throw new WorkspaceException(
                $"None of the {set.Images.Count:N0} pictures in '{source}' is in this project; the first is '{(set.Images.Count > 0 ? set.Images[0].Name : "")}'.",
                "Take them in with `curator add PATH`; pictures are known by path or file name.");
        var width = 1 + set.Classes.Count + ScoreNames(set.Kind).Count;
        var rows = ToRows(set, known, width);
        var order = Enumerable.Range(0, known.Count).OrderBy(i => ids[known[i].Name]).ToArray();
        for (var i = 1; i < order.Length; i++)
            if (ids[known[order[i]].Name] == ids[known[order[i - 1]].Name])
                throw new WorkspaceException(
                    $"'{known[order[i - 1]].Name}' and '{known[order[i]].Name}' in '{source}' are the same picture.", "Give each picture once.");
        var content = Hash(set, known, rows, order, ids);
        using var alone = await workspace.LockAsync($"predictions-{name}", cancellationToken);
        foreach (var partition in await workspace.Catalog.GetPartitionsAsync(cancellationToken))
        {
            var mine = order.Where(i => ids[known[i].Name].Partition == partition.Number).Select(i => (ids[known[i].Name].Row, Values: rows.AsMemory(i * width, width))).ToList();
            var path = workspace.PredictionPath(partition, name);
            if (mine.Count == 0) File.Delete(path);
            else Write(path, partition, mine, width, Fingerprint(content, partition.Fingerprint));
        }
        var info = new PredictionInfo(
            name, set.Kind, format, source, set.Classes, ScoreNames(set.Kind), known.Count, known.Sum(i => (long)(i.Boxes?.Count ?? 0)), set.WithoutConfidence, workspace.Clock.GetUtcNow(), content);
        await workspace.Catalog.SetValueAsync(Prefix + name, JsonSerializer.Serialize(info, Json), cancellationToken);
        await AddNameAsync(workspace, name, cancellationToken);
        return new PredictionImport(info, unknown);
    }

    /// <summary>All imports, by name.</summary>
    public static async Task<IReadOnlyList<PredictionInfo>> ListAsync(Workspace workspace, CancellationToken cancellationToken)
    {
        var found = new List<PredictionInfo>();
        foreach (var name in await NamesAsync(workspace, cancellationToken))
            if (await FindAsync(workspace, name, cancellationToken) is { } info)
                found.Add(info);
        return found;
    }

    /// <param name="name">Null for the only import, or the newest of several.</param>
    /// <exception cref="WorkspaceException">No such import.</exception>
    public static async Task<PredictionInfo> GetAsync(Workspace workspace, string? name, CancellationToken cancellationToken)
    {
        var all = await ListAsync(workspace, cancellationToken);
        return (name is null ? all.MaxBy(i => i.ImportedAt) : all.FirstOrDefault(i => i.Name == name)) ?? throw new WorkspaceException(
            all.Count == 0 ? "The project has no predictions of an outside model." : $"The project has no predictions '{name}'; it has {string.Join(", ", all.Select(i => i.Name))}.",
            "Bring them in with `curator predictions import NAME FILE`.");
    }

    /// <summary>What a partition's file was made from: SHA-256 over the import's content and the manifest of the rows.</summary>
    internal static string Fingerprint(string content, string manifest) => Hex($"predictions 1\n{content}\n{manifest}\n");

    private static IReadOnlyList<string> ScoreNames(PredictionKind kind) => kind == PredictionKind.Classification ? ClassificationScorer.Names : DetectionScorer.Names;

    /// <summary>[images, 1 + classes + scores]: a 1 that says that there is a prediction, probabilities, scores.</summary>
    private static float[] ToRows(PredictionSet set, List<ImagePrediction> images, int width)
    {
        var classes = set.Classes.Count;
        var scores = set.Kind == PredictionKind.Detection ? DetectionScorer.Score([.. images.Select(i => i.Boxes!)], classes) : [];
        var rows = new float[images.Count * width];
        for (var i = 0; i < images.Count; i++)
        {
            var row = rows.AsSpan(i * width, width);
            row[0] = 1;
            if (set.Kind == PredictionKind.Classification)
            {
                images[i].Probabilities.CopyTo(row[1..]);
                ClassificationScorer.Score(images[i].Probabilities, row[(1 + classes)..]);
            }
            else
            {
                DetectionScorer.Presence(images[i].Boxes!, classes).CopyTo(row[1..]);
                scores.AsSpan(i * DetectionScorer.Names.Count, DetectionScorer.Names.Count).CopyTo(row[(1 + classes)..]);
            }
        }
        return rows;
    }

    private static void Write(string path, Partition partition, IReadOnlyList<(long Row, Memory<float> Values)> images, int width, string fingerprint)
    {
        using var writer = EmbeddingWriter.Create(path, partition.Rows, width, EmbeddingPrecision.Single, fingerprint);
        var empty = new float[width];
        long next = 0;
        foreach (var (row, values) in images)
        {
            for (; next < row; next++) writer.Append(empty);
            writer.Append(values.Span);
            next++;
        }
        for (; next < partition.Rows; next++) writer.Append(empty);
        writer.Commit();
    }

    private static string Hash(PredictionSet set, List<ImagePrediction> images, float[] rows, int[] order, IReadOnlyDictionary<string, ImageId> ids)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{set.Kind}\n{JsonSerializer.Serialize(set.Classes)}\n"));
        var width = rows.Length / images.Count;
        Span<byte> id = stackalloc byte[12];
        foreach (var i in order)
        {
            var image = ids[images[i].Name];
            BinaryPrimitives.WriteInt32LittleEndian(id, image.Partition);
            BinaryPrimitives.WriteInt64LittleEndian(id[4..], image.Row);
            hash.AppendData(id);
            hash.AppendData(MemoryMarshal.AsBytes(rows.AsSpan(i * width, width)));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static string Hex(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static async Task<PredictionInfo?> FindAsync(Workspace workspace, string name, CancellationToken cancellationToken) =>
        await workspace.Catalog.GetValueAsync(Prefix + name, cancellationToken) is { } json ? JsonSerializer.Deserialize<PredictionInfo>(json, Json) : null;

    private static async Task<IReadOnlyList<string>> NamesAsync(Workspace workspace, CancellationToken cancellationToken) =>
        await workspace.Catalog.GetValueAsync(IndexKey, cancellationToken) is { } json ? JsonSerializer.Deserialize<string[]>(json)! : [];

    private static async Task AddNameAsync(Workspace workspace, string name, CancellationToken cancellationToken)
    {
        using var alone = await workspace.LockAsync("predictions", cancellationToken);
        var names = new SortedSet<string>(await NamesAsync(workspace, cancellationToken), StringComparer.Ordinal);
        if (names.Add(name)) await workspace.Catalog.SetValueAsync(IndexKey, JsonSerializer.Serialize(names), cancellationToken);
    }
}
