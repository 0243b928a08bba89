namespace Curator.Core.Catalogs;

/// <summary>An encoder as the catalog knows it; the rest is in its folder's <c>encoder.json</c>.</summary>
/// <param name="Name">Letters, digits, dash: <c>simclr</c>.</param>
/// <param name="Version">From 1.</param>
/// <param name="Fingerprint">SHA-256 of weights and preprocessing.</param>
public sealed record EncoderRow(string Name, int Version, string Fingerprint, int Dimension, DateTimeOffset CreatedAt)
{
    /// <summary><c>simclr@1</c>.</summary>
    public string Id => $"{Name}@{Version}";
}
