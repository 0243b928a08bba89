using System.Diagnostics;
using System.Runtime.InteropServices;
using Curator.Core.Files;

namespace Curator.Search.Indexes;

/// <summary>Writes the sections of a payload one after the other, with zeros up to where each begins.</summary>
internal sealed class SectionWriter(ArtefactWriter writer)
{
    private const int ChunkBytes = 1 << 24;
    private long _position;

    public void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        Pad(offset);
        Append(bytes);
    }

    /// <summary>Writes numbers that may be more than 2 GiB.</summary>
    public void WriteLong<T>(long offset, ReadOnlySpan<T> values)
        where T : unmanaged
    {
        Pad(offset);
        const int Step = ChunkBytes / sizeof(long);
        for (var i = 0; i < values.Length; i += Step) Append(MemoryMarshal.AsBytes(values.Slice(i, Math.Min(Step, values.Length - i))));
    }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        writer.Write(bytes);
        _position += bytes.Length;
    }

    /// <summary>Zeros up to an offset.</summary>
    public void Pad(long offset)
    {
        if (offset < _position || offset - _position >= 64) throw new UnreachableException($"A bug: a section at {offset} follows one that ends at {_position}.");
        Append(stackalloc byte[(int)(offset - _position)]);
    }
}
