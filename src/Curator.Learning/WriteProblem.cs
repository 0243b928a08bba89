using Curator.Core;

namespace Curator.Learning;

/// <summary>A file that cannot be written, as a rule because the disk is full.</summary>
internal static class WriteProblem
{
    /// <param name="what">Begins the sentence: <c>The checkpoint '…'</c>.</param>
    public static CheckpointException Of(string what, Exception error) =>
        new($"{what} cannot be written: {error.Message} The last good checkpoint is kept.", "Free some disk space, then run the same command: it goes on from there.", error);

    /// <param name="path">Of a file of embeddings.</param>
    public static EmbeddingStoreException OfEmbeddings(string path, Exception error) =>
        new($"The embeddings '{path}' cannot be written: {error.Message}", "Free some disk space, then run 'curator embed' again: finished shards are kept.", error);

    /// <summary>Whether the error is one of writing, where nothing but writing is tried.</summary>
    public static bool Is(Exception error) => error is IOException or UnauthorizedAccessException;
}
