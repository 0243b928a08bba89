namespace Curator.Core.Manifests;

/// <summary>
/// The running fingerprint of a manifest: f(0) = SHA-256 of nothing, f(r+1) = SHA-256(f(r) ‖ sha256 of row r). Because rows are only
/// appended, the fingerprint of the first n rows stays valid when more come, and an embedding file of n rows can be continued.
/// </summary>
public struct ManifestFingerprint
{
    /// <param name="sha256">64 hexadecimal digits, as in <see cref="Images.ImageRecord.Sha256"/>.</param>
    public void Append(string sha256) => throw new NotImplementedException();

    /// <summary>64 lower-case hexadecimal digits.</summary>
    public readonly string Value => throw new NotImplementedException();
}
