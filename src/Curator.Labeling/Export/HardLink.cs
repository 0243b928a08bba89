using System.Runtime.InteropServices;

namespace Curator.Labeling.Export;

/// <summary>A second name for a file; .NET 10 has no call for it.</summary>
internal static partial class HardLink
{
    /// <exception cref="IOException">Another file system, no permission, or the name is taken.</exception>
    public static void Create(string path, string existing)
    {
        var done = OperatingSystem.IsWindows() ? CreateHardLinkW(path, existing, 0) != 0 : Link(existing, path) == 0;
        if (!done)
            throw new IOException($"'{path}' cannot become a hard link to '{existing}': {Marshal.GetLastPInvokeErrorMessage()}.");
    }

    [LibraryImport("libc", EntryPoint = "link", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Link(string existing, string path);

    [LibraryImport("kernel32", StringMarshalling = StringMarshalling.Utf16, SetLastError = true)]
    private static partial int CreateHardLinkW(string path, string existing, nint reserved);
}
