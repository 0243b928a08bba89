using System.Runtime.InteropServices;

namespace Curator.Core.Files;

/// <summary>
/// Makes renames and new names in a folder durable: open + fsync + close of the folder on Linux and macOS. Windows has no such
/// call for folders; NTFS journals its names.
/// </summary>
internal static partial class DirectorySync
{
    private const int InvalidArgument = 22;
    private const int LinuxCloseOnExec = 0x80000;
    private const int MacCloseOnExec = 0x1000000;

    /// <exception cref="IOException">The operating system reports that the folder could not be made durable.</exception>
    public static void Flush(string directory)
    {
        if (OperatingSystem.IsWindows()) return;
        var descriptor = Open(directory, OperatingSystem.IsMacOS() ? MacCloseOnExec : LinuxCloseOnExec);
        if (descriptor < 0) throw Failure("open", directory);
        try
        {
            // File systems that cannot fsync a folder say EINVAL; there is nothing more to do on those.
            if (Fsync(descriptor) != 0 && Marshal.GetLastPInvokeError() != InvalidArgument) throw Failure("fsync", directory);
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    private static IOException Failure(string call, string directory) =>
        new($"{call} of folder '{directory}' failed: {Marshal.GetLastPInvokeErrorMessage()}.");

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}
