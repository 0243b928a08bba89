using Curator.Core;
using Curator.Core.Catalogs;
using Curator.Core.Embeddings;

namespace Curator.Benchmarks.Labels;

/// <summary>All pictures of an embedded project, in memory: where each lies and its embedding. The class of a picture is the folder that holds it.</summary>
internal sealed record EmbeddedPictures(IReadOnlyList<string> Uris, int[] Classes, IReadOnlyList<string> ClassNames, float[] Rows, EncoderRow Encoder)
{
    public int Count => Uris.Count;

    public ReadOnlySpan<float> Row(int i) => Rows.AsSpan(i * Encoder.Dimension, Encoder.Dimension);

    public static async Task<EmbeddedPictures> LoadAsync(string root, string encoder, CancellationToken cancellationToken)
    {
        await using var workspace = await Workspace.OpenAsync(Path.GetFullPath(root), TimeProvider.System, cancellationToken);
        var row = await workspace.Catalog.GetEncoderAsync(encoder.Length > 0 ? encoder : null, cancellationToken);
        var uris = new List<string>();
        var rows = new List<float[]>();
        foreach (var partition in await workspace.Catalog.GetPartitionsAsync(cancellationToken))
        {
            if (!File.Exists(workspace.EmbeddingPath(partition, row.Id))) continue;
            var marked = await workspace.Catalog.GetImageStatesAsync(partition.Number, cancellationToken);
            using var manifest = workspace.OpenManifest(partition);
            using var file = EmbeddingFile.Open(workspace.EmbeddingPath(partition, row.Id));
            long number = -1;
            foreach (var record in manifest.Read())
            {
                if (++number >= file.Rows || marked.ContainsKey(number) || file.IsAbsent(number)) continue;
                uris.Add(record.Uri);
                var vector = new float[file.Dimension];
                file.Read(number, vector);
                rows.Add(vector);
            }
        }
        var folders = uris.Select(u => Path.GetFileName(Path.GetDirectoryName(u)!)).ToArray();
        var names = folders.Distinct().Order(StringComparer.Ordinal).ToArray();
        return new EmbeddedPictures(uris, [.. folders.Select(f => Array.IndexOf(names, f))], names, [.. rows.SelectMany(r => r)], row);
    }
}
