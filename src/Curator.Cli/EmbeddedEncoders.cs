using Curator.Core;
using Curator.Core.Catalogs;

namespace Curator.Cli;

/// <summary>Chooses the encoder whose embeddings a search or a task uses.</summary>
internal static class EmbeddedEncoders
{
    /// <param name="nameOrId">What a person asked for, or null for the newest encoder that has embeddings.</param>
    /// <exception cref="WorkspaceException">There is none.</exception>
    public static async Task<EncoderRow> ChooseAsync(Workspace workspace, string? nameOrId, CancellationToken cancellationToken)
    {
        if (nameOrId is not null) return await workspace.Catalog.GetEncoderAsync(nameOrId, cancellationToken);
        var partitions = await workspace.Catalog.GetPartitionsAsync(cancellationToken);
        var encoders = await workspace.Catalog.GetEncodersAsync(cancellationToken);
        return encoders
            .OrderByDescending(e => e.CreatedAt).ThenByDescending(e => e.Version)
            .FirstOrDefault(e => partitions.Any(p => File.Exists(workspace.EmbeddingPath(p, e.Id))))
            ?? throw new WorkspaceException("No picture has an embedding yet.", "curator train (better), then: curator embed");
    }
}
