namespace Curator.Core.Files;

/// <summary>An exclusive lock between processes: an open file that nobody else may open. The operating system lets go when the process dies.</summary>
internal sealed class FileLock : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly FileStream _stream;

    private FileLock(FileStream stream) => _stream = stream;

    /// <summary>Waits until the lock is free. The file stays behind: deleting it would let two processes lock two files of one name.</summary>
    /// <exception cref="WorkspaceException">The lock file cannot be written.</exception>
    public static async Task<FileLock> TakeAsync(string path, CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (TryTake(path) is { } taken) return taken;
            await Task.Delay(Pause, cancellationToken);
        }
    }

    /// <summary>Null when another process, or another part of this one, holds the lock.</summary>
    public static FileLock? TryTake(string path)
    {
        try
        {
            return new FileLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0));
        }
        catch (UnauthorizedAccessException error)
        {
            throw new WorkspaceException($"Lock '{path}' cannot be taken: {error.Message}", "Check who owns the project folder and its permissions.", error);
        }
        catch (DirectoryNotFoundException error)
        {
            throw new WorkspaceException($"Lock '{path}' cannot be taken: {error.Message}", "Look with `curator status` whether the project folder is still there.", error);
        }
        catch (IOException)
        {
            return null;
        }
    }

    public void Dispose() => _stream.Dispose();
}
