using System.Security.Cryptography;
using System.Text;
using Curator.Core;
using Curator.Core.Embeddings;
using Curator.Core.Images;
using Curator.Learning.Encoders;

namespace Curator.Learning.Embedding;

/// <summary>What a part file was made from, and whether one is there.</summary>
internal static class PartFingerprint
{
    /// <summary>SHA-256 over encoder, precision, computation and the rows' content hashes: the same rows give the same part, whatever was added behind them.</summary>
    public static string Of(string encoderFingerprint, EmbeddingPrecision precision, NetworkComputation? computation, IEnumerable<ImageRecord> images)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.ASCII.GetBytes($"part 1|{encoderFingerprint}|{precision}|{(computation is null ? "" : computation.Name + "|")}"));
        foreach (var image in images) hash.AppendData(Encoding.ASCII.GetBytes(image.Sha256));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Rows of zeros in the part file; null when it is not there, damaged, or of other inputs.</summary>
    public static long? CountAbsent(string path, EmbedSpecification specification)
    {
        if (!File.Exists(path)) return null;
        try
        {
            using var part = EmbeddingFile.Open(path, "curator embed", specification.Fingerprint);
            if (part.Rows != specification.Rows || part.Verify().Count > 0) return null;
            long absent = 0;
            for (var row = 0L; row < part.Rows; row++)
                if (part.IsAbsent(row))
                    absent++;
            return absent;
        }
        catch (CuratorException)
        {
            return null;
        }
    }
}
