using Curator.Core;
using Curator.Core.Catalogs;
using Curator.Core.Embeddings;
using Curator.Core.Images;
using Curator.Learning.Cache;
using Curator.Learning.Encoders;

namespace Curator.Learning.Embedding;

/// <summary>What must be done so that one partition's embedding file fits its images.</summary>
/// <param name="Fingerprint">That the finished file will have.</param>
/// <param name="KeptRows">Rows taken over from the present file: whole shards only.</param>
/// <param name="Shards">The rest, in row order; empty when the file is complete.</param>
internal sealed record PartitionPlan(Partition Partition, string Fingerprint, long KeptRows, IReadOnlyList<EmbedSpecification> Shards)
{
    public static async Task<PartitionPlan> MakeAsync(Workspace workspace, Partition partition, EncoderRow encoder, EmbedOptions options, NetworkComputation? computation, CancellationToken cancellationToken)
    {
        var name = computation?.Name ?? "";
        var fingerprint = EmbeddingFingerprint.Of(encoder.Fingerprint, partition.Fingerprint, options.Precision, name);
        var valid = await ValidRowsAsync(workspace, partition, encoder, options.Precision, name, fingerprint, cancellationToken);
        if (valid == partition.Rows) return new PartitionPlan(partition, fingerprint, valid, []);

        var kept = valid / PixelPart.Rows * PixelPart.Rows;
        var shards = new List<EmbedSpecification>();
        using var manifest = workspace.OpenManifest(partition);
        if (manifest.Rows < partition.Rows)
            throw new WorkspaceException($"The manifest of '{partition.Name}' has {manifest.Rows} rows, the catalog has {partition.Rows}.", "Run 'curator doctor'.");
        foreach (var images in manifest.Read(kept, partition.Rows - kept).Chunk(PixelPart.Rows))
        {
            cancellationToken.ThrowIfCancellationRequested();
            shards.Add(new EmbedSpecification(
                partition.Number, encoder.Id, kept + ((long)shards.Count * PixelPart.Rows), images.Length, options.Precision, options.Threads,
                PartFingerprint.Of(encoder.Fingerprint, options.Precision, computation, images), computation));
        }
        return new PartitionPlan(partition, fingerprint, kept, shards);
    }

    /// <summary>How many first rows of the present file belong to this encoder and these images; 0 when there is no such file.</summary>
    private static async Task<long> ValidRowsAsync(
        Workspace workspace, Partition partition, EncoderRow encoder, EmbeddingPrecision precision, string computation, string fingerprint, CancellationToken cancellationToken)
    {
        var path = workspace.EmbeddingPath(partition, encoder.Id);
        if (!File.Exists(path)) return 0;
        try
        {
            using var file = EmbeddingFile.Open(path);
            if (file.Precision != precision || file.Computation != computation || file.Dimension != encoder.Dimension || file.Rows > partition.Rows) return 0;
            if (file.Rows == partition.Rows)
            {
                if (file.Fingerprint != fingerprint) return 0;
            }
            else
            {
                var earlier = await workspace.Catalog.GetRevisionAsync(partition.Number, file.Rows, cancellationToken);
                if (earlier is null || file.Fingerprint != EmbeddingFingerprint.Of(encoder.Fingerprint, earlier, precision, computation)) return 0;
            }
            // A complete file too is read whole: who meets a damaged block elsewhere is told to run this very command.
            return file.Verify().Count == 0 ? file.Rows : 0;
        }
        catch (CuratorException)
        {
            // Damaged or of another version: made anew.
            return 0;
        }
    }
}
