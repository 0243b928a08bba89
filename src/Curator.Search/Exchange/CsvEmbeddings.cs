using System.Globalization;
using System.Runtime.CompilerServices;
using Curator.Core;

namespace Curator.Search.Exchange;

/// <summary>Lines of <c>filename,embedding_0,…</c>. The first column may be quoted; the others are numbers with a decimal point.</summary>
internal static class CsvEmbeddings
{
    /// <summary>Line number from 1, first column, numbers. The heading tells how many columns there are; columns not named embedding_… are passed over.</summary>
    /// <exception cref="EmbeddingStoreException">A line that does not fit the heading; tells which.</exception>
    public static async IAsyncEnumerable<(long Line, string Key, float[] Embedding)> ReadAsync(string path, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(path);
        var heading = Split(await reader.ReadLineAsync(cancellationToken) ?? "", path, 1);
        var columns = Enumerable.Range(1, Math.Max(0, heading.Count - 1)).Where(c => heading[c].StartsWith("embedding", StringComparison.OrdinalIgnoreCase)).ToArray();
        if (columns.Length == 0)
            throw new EmbeddingStoreException($"'{path}' has no columns embedding_0, embedding_1 …", "Give a heading line: filename,embedding_0,embedding_1,…");
        for (long line = 2; await reader.ReadLineAsync(cancellationToken) is { } text; line++)
        {
            if (text.Length == 0) continue;
            var cells = Split(text, path, line);
            if (cells.Count != heading.Count)
                throw new EmbeddingStoreException($"Line {line} of '{path}' has {cells.Count} columns where the heading has {heading.Count}.", "Correct the line, or leave it out.");
            var embedding = new float[columns.Length];
            for (var j = 0; j < columns.Length; j++)
                if (!float.TryParse(cells[columns[j]], NumberStyles.Float, CultureInfo.InvariantCulture, out embedding[j]) || !float.IsFinite(embedding[j]))
                    throw new EmbeddingStoreException($"Line {line} of '{path}' has '{cells[columns[j]]}' where a number is needed.", "Correct the line, or leave it out.");
            yield return (line, cells[0], embedding);
        }
    }

    private static List<string> Split(string line, string path, long number)
    {
        var cells = new List<string>();
        var position = 0;
        while (true)
        {
            if (position < line.Length && line[position] == '"')
            {
                var cell = new System.Text.StringBuilder();
                for (position++; ; position++)
                {
                    if (position == line.Length) throw new EmbeddingStoreException($"Line {number} of '{path}' has a quote that is not closed.", "Correct the line, or leave it out.");
                    if (line[position] == '"' && (position + 1 == line.Length || line[position + 1] != '"')) break;
                    if (line[position] == '"') position++;
                    cell.Append(line[position]);
                }

                position++;
                cells.Add(cell.ToString());
            }
            else
            {
                var comma = line.IndexOf(',', position);
                var end = comma < 0 ? line.Length : comma;
                cells.Add(line[position..end].Trim());
                position = end;
            }

            if (position >= line.Length) return cells;
            position++;
        }
    }
}
