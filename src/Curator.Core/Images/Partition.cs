namespace Curator.Core.Images;

/// <summary>
/// The unit of everything: what is indexed, loaded for a query, embedded as shards, sent elsewhere and rebuilt.
/// Its folder is <c>partitions/&lt;product&gt;/&lt;resolution&gt;/&lt;period&gt;/</c>.
/// </summary>
/// <param name="Number">From 1, given by the catalog; part of every <see cref="ImageId"/>.</param>
/// <param name="Product">For a folder of pictures, the folder's name.</param>
/// <param name="Resolution">For a folder of pictures, <c>native</c>.</param>
/// <param name="Period">For a folder of pictures, <c>all</c>.</param>
/// <param name="Rows">Rows of the manifest.</param>
/// <param name="Fingerprint">Chained SHA-256 over all rows' content hashes: <see cref="Manifests.ManifestFingerprint"/>. Empty while there is no manifest.</param>
public sealed record Partition(int Number, string Product, string Resolution, string Period, long Rows, string Fingerprint)
{
    /// <summary><c>product/resolution/period</c>, the folder under <c>partitions/</c> and the name that people see.</summary>
    public string Name => $"{Product}/{Resolution}/{Period}";
}
