using System.Diagnostics;
using System.Globalization;
using System.IO.Hashing;
using System.Text;

namespace Curator.Core.Files;

/// <summary>
/// Files appear whole or not at all: written under a temporary name in the same folder, fsynced, renamed, and the folder
/// fsynced. Temporary files of dead processes are removed by <see cref="RemoveLeftovers"/>. Thread-safe.
/// </summary>
public static class AtomicFile
{
    private const string Suffix = ".tmp";

    // The host is part of the name because process ids of another machine on a shared folder say nothing here.
    private static readonly string Host =
        XxHash32.HashToUInt32(Encoding.UTF8.GetBytes(Environment.MachineName)).ToString("x8", CultureInfo.InvariantCulture);

    private static int s_last;

    /// <summary>Writes a file through <paramref name="write"/> and makes it visible; replaces an existing one.</summary>
    /// <exception cref="IOException">Disk full, no permission; the file under <paramref name="path"/> is as it was.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        var temporary = TemporaryName(path);
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            Publish(temporary, path);
        }
        catch
        {
            TryDelete(temporary);
            throw;
        }
    }

    /// <inheritdoc cref="Write(string, Action{Stream})"/>
    /// <param name="text">Written as UTF-8 without a byte order mark.</param>
    public static void WriteText(string path, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)));
    }

    /// <summary>Renames a finished, fsynced temporary file to its name and fsyncs the folder.</summary>
    public static void Publish(string temporaryPath, string path)
    {
        File.Move(temporaryPath, path, overwrite: true);
        DirectorySync.Flush(FolderOf(path));
    }

    /// <summary>A name beside <paramref name="path"/> that no other process uses: <c>.name.HOST-PID-n.tmp</c>.</summary>
    public static string TemporaryName(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var n = Interlocked.Increment(ref s_last);
        var name = string.Create(CultureInfo.InvariantCulture, $".{Path.GetFileName(path)}.{Host}-{Environment.ProcessId}-{n}{Suffix}");
        return Path.Combine(FolderOf(path), name);
    }

    /// <summary>
    /// Deletes temporary files under <paramref name="directory"/> (recursive) that a process of this machine left when it died.
    /// Those of living processes and of other machines stay. Returns how many were deleted.
    /// </summary>
    public static int RemoveLeftovers(string directory)
    {
        if (!Directory.Exists(directory)) return 0;
        var options = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = true };
        var removed = 0;
        foreach (var path in Directory.EnumerateFiles(directory, ".*" + Suffix, options))
            if (TryReadOwner(Path.GetFileName(path), out var processId) && !IsOwnerAlive(processId, path) && TryDelete(path))
                removed++;
        return removed;
    }

    private static string FolderOf(string path) => Path.GetDirectoryName(Path.GetFullPath(path))
        ?? throw new ArgumentException($"'{path}' names no file in a folder.", nameof(path));

    private static bool TryReadOwner(string name, out int processId)
    {
        processId = 0;
        var stem = name[..^Suffix.Length];
        var parts = stem[(stem.LastIndexOf('.') + 1)..].Split('-');
        return parts.Length == 3 && parts[0] == Host
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out processId);
    }

    private static bool IsOwnerAlive(int processId, string path)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            // A process that began after the file was last written only inherited the number.
            return process.StartTime.ToUniversalTime() <= File.GetLastWriteTimeUtc(path).AddMinutes(1);
        }
        catch (ArgumentException)
        {
            return false;
        }
        catch (Exception error) when (error is InvalidOperationException or System.ComponentModel.Win32Exception or NotSupportedException)
        {
            return true;
        }
    }

    internal static bool TryDelete(string path)
    {
        try
        {
            File.Delete(path);
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
