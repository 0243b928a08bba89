using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Curator.Core.Manifests;

namespace Curator.Imagery.Ingest;

/// <summary>How a file stands to the manifest.</summary>
internal enum Familiarity : byte
{
    /// <summary>No row has its path.</summary>
    Unknown,

    /// <summary>The newest row of its path has its size and time.</summary>
    Same,

    /// <summary>The newest row of its path has another size or time.</summary>
    Different,
}

/// <summary>
/// Which files have a row in a manifest, in 21 bytes a row: a sorted array of 64-bit hashes of their paths, with row numbers, and a 64-bit hash
/// of path, size and time. "Same" rests on both hashes, 128 bits; "Different" is checked against the path in the manifest. Not thread-safe.
/// </summary>
internal sealed class KnownImages
{
    private readonly ManifestReader? _manifest;
    private readonly ulong[] _paths;
    private readonly int[] _rows;
    private readonly ulong[] _states;
    private readonly Familiarity[] _met;

    /// <param name="manifest">Stays the caller's and must live as long; null when the partition has none yet.</param>
    public KnownImages(ManifestReader? manifest)
    {
        _manifest = manifest;
        var count = checked((int)(manifest?.Rows ?? 0));
        (_paths, _rows, _states, _met) = (new ulong[count], new int[count], new ulong[count], new Familiarity[count]);
        var row = 0;
        foreach (var record in manifest?.Read() ?? [])
        {
            (_paths[row], _states[row]) = Hash(record.Uri, record.SizeBytes, record.ModifiedNanoseconds);
            _rows[row] = row;
            row++;
        }
        Array.Sort(_paths, _rows);
    }

    /// <summary>Looks a file up, and remembers that its row was met.</summary>
    /// <param name="row">The newest row of the path; -1 when unknown.</param>
    public Familiarity Find(string path, long sizeBytes, long modifiedNanoseconds, out long row)
    {
        var (key, state) = Hash(path, sizeBytes, modifiedNanoseconds);
        row = -1;
        foreach (var candidate in Candidates(key))
        {
            var same = _states[candidate] == state;
            if (!same && _manifest![candidate].Uri != path) continue; // Another path with the same hash.
            row = candidate;
            return _met[candidate] = same ? Familiarity.Same : Familiarity.Different;
        }
        return Familiarity.Unknown;
    }

    /// <summary>Whether <see cref="Find"/> met the row's file, and it was as the row says.</summary>
    public bool WasSame(long row) => _met[row] == Familiarity.Same;

    /// <summary>Newest rows of paths under the given roots that <see cref="Find"/> has not met.</summary>
    public IEnumerable<(long Row, string Path)> NotMet(RootSet roots)
    {
        if (_manifest is null || !_met.Contains(Familiarity.Unknown)) yield break;
        var row = -1;
        foreach (var record in _manifest.Read())
        {
            row++;
            if (_met[row] != Familiarity.Unknown || !roots.Contains(record.Uri)) continue;
            var newest = row;
            foreach (var candidate in Candidates(Hash(record.Uri, 0, 0).Path))
            {
                newest = candidate;
                if (candidate == row || _manifest[candidate].Uri == record.Uri) break;
            }
            if (newest == row) yield return (row, record.Uri);
        }
    }

    /// <summary>Rows whose path has this hash, newest first; nearly always none or one.</summary>
    private List<int> Candidates(ulong key)
    {
        var at = Array.BinarySearch(_paths, key);
        if (at < 0) return [];
        while (at > 0 && _paths[at - 1] == key) at--;
        var rows = new List<int>(1);
        for (; at < _paths.Length && _paths[at] == key; at++) rows.Add(_rows[at]);
        rows.Sort((a, b) => b.CompareTo(a));
        return rows;
    }

    private static (ulong Path, ulong State) Hash(string path, long sizeBytes, long modifiedNanoseconds)
    {
        var length = Encoding.UTF8.GetByteCount(path);
        var bytes = length <= 1024 ? stackalloc byte[length + 16] : new byte[length + 16];
        Encoding.UTF8.GetBytes(path, bytes);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[length..], sizeBytes);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[(length + 8)..], modifiedNanoseconds);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes[..length], hash);
        var key = BinaryPrimitives.ReadUInt64LittleEndian(hash);
        SHA256.HashData(bytes, hash);
        return (key, BinaryPrimitives.ReadUInt64LittleEndian(hash));
    }
}
