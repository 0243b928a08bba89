using System.IO.MemoryMappedFiles;

namespace Curator.Core.Files;

/// <summary>
/// A file in memory, and one bit a block that says that its checksum was found right. Everybody who opens the same file shares one mapping, so that neither its pages are looked up nor its blocks
/// checked again; it is closed when the last one leaves. A file that was replaced or written to has another. Thread-safe.
/// </summary>
internal sealed unsafe class ArtefactMapping : IDisposable
{
    private static readonly Lock s_lock = new();
    private static readonly Dictionary<Identity, ArtefactMapping> s_open = [];

    private readonly Identity _file;
    private readonly MemoryMappedFile _map;
    private readonly MemoryMappedViewAccessor _view;
    private readonly ulong[] _verified;
    private int _shared;

    private ArtefactMapping(Identity file, FileStream stream, long blocks)
    {
        _file = file;
        _verified = new ulong[checked((int)((blocks + 63) / 64))];
        _map = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
        _view = _map.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        byte* start = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        Start = start + _view.PointerOffset;
    }

    /// <summary>First byte of the file, until <see cref="Dispose"/>.</summary>
    public byte* Start { get; }

    /// <param name="path">Tells files apart, with length, time of the last write and <paramref name="seed"/>.</param>
    /// <param name="stream">Of the file; owned from here on.</param>
    /// <param name="seed">Checksum of the header, with lengths, fingerprint and metadata.</param>
    /// <returns>To be disposed once for each call.</returns>
    public static ArtefactMapping Of(string path, FileStream stream, ulong seed, long blocks)
    {
        var file = new Identity(Path.GetFullPath(path), stream.Length, File.GetLastWriteTimeUtc(stream.SafeFileHandle), seed);
        lock (s_lock)
        {
            if (s_open.TryGetValue(file, out var known)) stream.Dispose();
            else s_open.Add(file, known = new ArtefactMapping(file, stream, blocks));
            known._shared++;
            return known;
        }
    }

    public bool IsVerified(long block) => (Volatile.Read(ref _verified[block >> 6]) & (1UL << (int)(block & 63))) != 0;

    public void SetVerified(long block) => Interlocked.Or(ref _verified[block >> 6], 1UL << (int)(block & 63));

    public void Dispose()
    {
        lock (s_lock)
        {
            if (--_shared > 0) return;
            s_open.Remove(_file);
        }
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _map.Dispose();
    }

    private readonly record struct Identity(string Path, long Length, DateTime WrittenAt, ulong Seed);
}
