using System.Buffers.Binary;
using System.Text;

namespace Curator.Learning.Native;

/// <summary>
/// Makes a 64-bit little-endian ELF library loadable on systems whose libstdc++ lacks one symbol version that it asks for without needing.
/// Layout: System V ABI, "Symbol Table"; LSB core specification, "Symbol Versioning" (Elf64_Verneed, Elf64_Vernaux).
/// </summary>
internal sealed class ElfSymbolVersions
{
    private const int SymbolBytes = 24;
    private const ushort WeakFlag = 2;
    private const ushort GlobalVersion = 1;

    private readonly byte[] _file;
    private readonly Dictionary<string, (long Offset, long Size)> _sections = [];

    private ElfSymbolVersions(byte[] file)
    {
        _file = file;
        if (file.Length < 64 || !file.AsSpan(0, 6).SequenceEqual((ReadOnlySpan<byte>)[0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1]))
            throw new InvalidDataException("not a 64-bit little-endian ELF file");
        var table = (long)U64(0x28);
        int entryBytes = U16(0x3A), count = U16(0x3C), names = U16(0x3E);
        var nameTable = (long)U64(table + ((long)names * entryBytes) + 0x18);
        for (var i = 0; i < count; i++)
        {
            var entry = table + ((long)i * entryBytes);
            _sections[Text(nameTable + U32(entry))] = ((long)U64(entry + 0x18), (long)U64(entry + 0x20));
        }
    }

    /// <summary>
    /// In <paramref name="file"/>, makes the need for <paramref name="version"/> weak and points its only symbol, which must be
    /// <paramref name="marker"/>, at <paramref name="harmless"/>, a libc function without arguments whose name is not longer.
    /// </summary>
    /// <returns>False when the file does not need the version, or needs it for anything else: then nothing was changed.</returns>
    public static bool TryRelax(byte[] file, string version, string marker, string harmless)
    {
        if (harmless.Length > marker.Length) throw new ArgumentException("The new name must fit in the old one's place.", nameof(harmless));
        try
        {
            return new ElfSymbolVersions(file).Relax(version, marker, harmless);
        }
        catch (Exception e) when (e is InvalidDataException or ArgumentOutOfRangeException or IndexOutOfRangeException or OverflowException or KeyNotFoundException)
        {
            return false;
        }
    }

    /// <summary>Names of the symbols that a library must find in others; weak ones, which may stay missing, are left out.</summary>
    /// <exception cref="InvalidDataException">Not an ELF library with a symbol table.</exception>
    public static IReadOnlyList<string> Needed(byte[] file)
    {
        const int weak = 2;
        try
        {
            var elf = new ElfSymbolVersions(file);
            var strings = elf._sections[".dynstr"].Offset;
            var (symbols, size) = elf._sections[".dynsym"];
            var needed = new List<string>();
            for (var entry = symbols + SymbolBytes; entry < symbols + size; entry += SymbolBytes)
                // Elf64_Sym: name, info (binding in the upper half), other, section (0: defined elsewhere).
                if (elf.U16(entry + 6) == 0 && file[entry + 4] >> 4 != weak)
                    needed.Add(elf.Text(strings + elf.U32(entry)));
            return needed;
        }
        catch (Exception e) when (e is ArgumentOutOfRangeException or IndexOutOfRangeException or OverflowException or KeyNotFoundException)
        {
            throw new InvalidDataException("not an ELF library with a symbol table", e);
        }
    }

    private bool Relax(string version, string marker, string harmless)
    {
        var (need, index) = FindNeed(version);
        if (need < 0) return false;

        // First look at every symbol that uses the version; only when the marker is the only one is anything written.
        var strings = _sections[".dynstr"].Offset;
        var (symbols, size) = _sections[".dynsym"];
        var versions = _sections[".gnu.version"].Offset;
        long found = -1;
        for (long i = 0; i < size / SymbolBytes; i++)
        {
            if ((U16(versions + (2 * i)) & 0x7fff) != index) continue;
            if (found >= 0 || Text(strings + U32(symbols + (SymbolBytes * i))) != marker) return false;
            found = i;
        }
        if (found < 0) return false;

        var name = checked((int)(strings + U32(symbols + (SymbolBytes * found))));
        _file.AsSpan(name, marker.Length).Clear();
        Encoding.ASCII.GetBytes(harmless, _file.AsSpan(name));
        Put16(versions + (2 * found), GlobalVersion);
        Put16(need + 4, (ushort)(U16(need + 4) | WeakFlag));
        return true;
    }

    /// <summary>Offset of the Elf64_Vernaux entry of the version and its index, or -1.</summary>
    private (long Entry, int Index) FindNeed(string version)
    {
        var strings = _sections[".dynstr"].Offset;
        for (var file = _sections[".gnu.version_r"].Offset; ;)
        {
            var entry = file + U32(file + 8);
            for (int i = 0, count = U16(file + 2); i < count; i++, entry += U32(entry + 12))
                if (Text(strings + U32(entry + 8)) == version)
                    return (entry, U16(entry + 6));
            if (U32(file + 12) == 0) return (-1, 0);
            file += U32(file + 12);
        }
    }

    private ushort U16(long offset) => BinaryPrimitives.ReadUInt16LittleEndian(_file.AsSpan(checked((int)offset), 2));

    private uint U32(long offset) => BinaryPrimitives.ReadUInt32LittleEndian(_file.AsSpan(checked((int)offset), 4));

    private ulong U64(long offset) => BinaryPrimitives.ReadUInt64LittleEndian(_file.AsSpan(checked((int)offset), 8));

    private void Put16(long offset, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(_file.AsSpan(checked((int)offset), 2), value);

    private string Text(long offset)
    {
        var rest = _file.AsSpan(checked((int)offset));
        var end = rest.IndexOf((byte)0);
        if (end < 0) throw new InvalidDataException("a name without an end");
        return Encoding.ASCII.GetString(rest[..end]);
    }
}
