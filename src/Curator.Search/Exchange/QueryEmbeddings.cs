using System.Globalization;
using Curator.Core;

namespace Curator.Search.Exchange;

/// <summary>Reads embeddings to search with: a few vectors, held in memory.</summary>
public static class QueryEmbeddings
{
    private const int MaxTextBytes = 64 << 20;

    /// <summary>
    /// Rows of a <c>.npy</c> matrix or vector; of any other file the numbers of each line, with commas or blanks between, in brackets or not. A JSON array of numbers is one
    /// vector, also over several lines.
    /// </summary>
    /// <returns>At least one, all of one length.</returns>
    /// <exception cref="EmbeddingStoreException">Missing, empty, or not numbers.</exception>
    public static async Task<IReadOnlyList<float[]>> ReadAsync(string path, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (path.EndsWith(".npy", StringComparison.OrdinalIgnoreCase)) return ReadNpy(path, cancellationToken);
        if (!File.Exists(path) || new FileInfo(path).Length > MaxTextBytes)
            throw new EmbeddingStoreException($"'{path}' is {(File.Exists(path) ? $"longer than {MaxTextBytes >> 20} MB" : "not there")}.", "Give a .npy matrix, or a text file with the numbers of a vector on each line.");
        var text = (await File.ReadAllTextAsync(path, cancellationToken)).Trim();
        // In brackets, line breaks mean nothing.
        var lines = text.StartsWith('[') && !text.StartsWith("[[", StringComparison.Ordinal) && text.IndexOf(']', StringComparison.Ordinal) == text.Length - 1
            ? [text.ReplaceLineEndings(" ")]
            : text.ReplaceLineEndings("\n").Split('\n');
        var vectors = new List<float[]>();
        for (var i = 0; i < lines.Length; i++)
        {
            var parts = lines[i].Split([' ', '\t', ',', ';', '[', ']'], StringSplitOptions.RemoveEmptyEntries);
            if (parts.Length == 0) continue;
            var vector = new float[parts.Length];
            for (var j = 0; j < vector.Length; j++)
                if (!float.TryParse(parts[j], NumberStyles.Float, CultureInfo.InvariantCulture, out vector[j]) || !float.IsFinite(vector[j]))
                    throw new EmbeddingStoreException($"Line {i + 1} of '{path}' has '{parts[j]}' where a number is needed.", "Write numbers with a decimal point, and commas or blanks between them.");
            if (vectors.Count > 0 && vectors[0].Length != vector.Length)
                throw new EmbeddingStoreException($"Line {i + 1} of '{path}' has {vector.Length} numbers, the first has {vectors[0].Length}.", "Give each vector a line of its own.");
            vectors.Add(vector);
        }

        return vectors.Count > 0 ? vectors : throw new EmbeddingStoreException($"'{path}' holds no numbers.", "Write the numbers of a vector on each line.");
    }

    private static float[][] ReadNpy(string path, CancellationToken cancellationToken)
    {
        using var file = NpyFile.Open(path);
        if (file.Header.Rows is 0 or > 1_000_000) throw new EmbeddingStoreException($"'{path}' has {file.Header.Rows} rows.", "Give from 1 to 1,000,000 queries.");
        var vectors = new float[file.Header.Rows][];
        for (var i = 0; i < vectors.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            file.Read(vectors[i] = new float[file.Header.Dimension]);
        }

        return vectors;
    }
}
