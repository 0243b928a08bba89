using System.Runtime.InteropServices;

namespace Curator.Benchmarks;

/// <summary>Makes files cold: their pages leave the operating system's cache, so that the next read comes from the disk. Linux only; pages that are mapped stay.</summary>
internal static partial class PageCache
{
    private const int DontNeed = 4;

    public static void Drop(string path)
    {
        if (!OperatingSystem.IsLinux()) return;
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
        RandomAccess.FlushToDisk(file);
        _ = Advise(file.DangerousGetHandle().ToInt32(), 0, 0, DontNeed);
    }

    [LibraryImport("libc", EntryPoint = "posix_fadvise")]
    private static partial int Advise(int file, long offset, long length, int advice);
}
