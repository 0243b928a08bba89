using System.Security.Cryptography;
using System.Text;

namespace Curator.Core.Embeddings;

/// <summary>What an embedding file was made from: SHA-256 over encoder fingerprint, manifest fingerprint of its rows, precision, and computation.</summary>
public static class EmbeddingFingerprint
{
    /// <param name="encoderFingerprint">64 hexadecimal digits.</param>
    /// <param name="manifestFingerprint"><see cref="Manifests.ManifestFingerprint"/> of just the rows that the file has.</param>
    /// <param name="computation"><see cref="EmbeddingFile.Computation"/>; empty for the usual one.</param>
    /// <returns>64 lower-case hexadecimal digits.</returns>
    public static string Of(string encoderFingerprint, string manifestFingerprint, EmbeddingPrecision precision, string computation = "")
    {
        ArgumentException.ThrowIfNullOrEmpty(encoderFingerprint);
        ArgumentException.ThrowIfNullOrEmpty(manifestFingerprint);
        ArgumentNullException.ThrowIfNull(computation);
        // Hexadecimal digits and a computation hold no newline, so the text has one reading only.
        var text = $"embedding\n{encoderFingerprint}\n{manifestFingerprint}\n{(precision == EmbeddingPrecision.Half ? "f16" : "f32")}{(computation.Length > 0 ? "\n" + computation : "")}";
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }
}
