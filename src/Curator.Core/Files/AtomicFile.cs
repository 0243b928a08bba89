namespace Curator.Core.Files;

/// <summary>
/// Files appear whole or not at all: written under a temporary name in the same folder, fsynced, renamed, and the folder
/// fsynced. Temporary files of dead processes are removed by <see cref="RemoveLeftovers"/>.
/// </summary>
public static class AtomicFile
{
    /// <summary>Writes a file through <paramref name="write"/> and makes it visible; replaces an existing one.</summary>
    public static void Write(string path, Action<Stream> write) => throw new NotImplementedException();

    /// <inheritdoc cref="Write(string, Action{Stream})"/>
    public static void WriteText(string path, string text) => throw new NotImplementedException();

    /// <summary>Renames a finished, fsynced temporary file to its name and fsyncs the folder.</summary>
    public static void Publish(string temporaryPath, string path) => throw new NotImplementedException();

    /// <summary>A name beside <paramref name="path"/> that no other process uses: <c>.name.PID-n.tmp</c>.</summary>
    public static string TemporaryName(string path) => throw new NotImplementedException();

    /// <summary>Deletes temporary files under <paramref name="directory"/> (recursive) whose process is gone. Returns how many.</summary>
    public static int RemoveLeftovers(string directory) => throw new NotImplementedException();
}
