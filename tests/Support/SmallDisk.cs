using System.ComponentModel;
using System.Diagnostics;

namespace Curator.Tests.Support;

/// <summary>A real file system in memory that can be really full.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private SmallDisk()
    {
    }

    public TemporaryFolder Folder => _folder;

    /// <summary>Mounts one; the test is skipped where that is not allowed.</summary>
    public static SmallDisk Mount(int mebibytes)
    {
        var disk = new SmallDisk();
        if (OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess && Run("mount", "-t", "tmpfs", "-o", $"size={mebibytes}m", "tmpfs", disk._folder.FullPath)) return disk;
        disk._folder.Dispose();
        Assert.Skip("No small file system can be mounted here (needs root and mount).");
        throw new InvalidOperationException("Skipped.");
    }

    /// <summary>Leaves no byte free.</summary>
    public void Fill()
    {
        using var filler = new FileStream(_folder["filler"], FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        var block = new byte[4096];
        try
        {
            while (true) filler.Write(block);
        }
        catch (IOException)
        {
            // Full: that is the point.
        }
    }

    public void MakeRoom() => File.Delete(_folder["filler"]);

    public void Dispose()
    {
        // Lazily: a server's files may still be open for a moment.
        Run("umount", "-l", _folder.FullPath);
        _folder.Dispose();
    }

    private static bool Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true });
            process!.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
