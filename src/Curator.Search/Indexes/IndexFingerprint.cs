using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Curator.Search.Indexes;

/// <summary>What an index file was made from: SHA-256 over format version, embedding fingerprint and options.</summary>
internal static class IndexFingerprint
{
    public static string Of(string embeddings, IndexOptions options)
    {
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"index {IndexLayout.Version} {embeddings} {options.ListsFrom} {options.Lists} {options.SamplesPerList} {options.Iterations} {options.Seed}");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }
}
