using Curator.Core;
using Curator.Search.Exchange;

namespace Curator.Cli.Searching;

/// <summary>One query of a batch.</summary>
/// <param name="Name">As the results call it.</param>
/// <param name="Picture">Path or id; null when the numbers are given.</param>
internal sealed record BatchQuery(string Name, string? Picture, float[]? Embedding);

/// <summary>Reads a list of queries: a text file with a picture's path or id a line, or a NumPy matrix with a query a row.</summary>
internal static class SearchBatch
{
    /// <exception cref="CuratorException">Missing, empty, or no such matrix.</exception>
    public static async Task<IReadOnlyList<BatchQuery>> ReadAsync(string path, CancellationToken cancellationToken)
    {
        if (path.EndsWith(".npy", StringComparison.OrdinalIgnoreCase))
        {
            var rows = await QueryEmbeddings.ReadAsync(path, cancellationToken);
            return [.. rows.Select((row, i) => new BatchQuery($"{Path.GetFileName(path)}[{i}]", null, row))];
        }

        if (!File.Exists(path)) throw new WorkspaceException($"The list of queries '{path}' is not there.", "Give a text file with a picture's path or id a line, or a .npy matrix with a query a row.");
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var queries = new List<BatchQuery>();
        await foreach (var line in File.ReadLinesAsync(path, cancellationToken))
        {
            var text = line.Trim();
            if (text.Length == 0 || text[0] == '#') continue;
            // As seen from here, else as seen from the list.
            var beside = Path.Combine(folder, text);
            queries.Add(new BatchQuery(text, !File.Exists(text) && File.Exists(beside) ? beside : text, null));
        }

        if (queries.Count == 0) throw new WorkspaceException($"'{path}' names no picture.", "Write a picture's path or id on each line.");
        return queries;
    }
}
