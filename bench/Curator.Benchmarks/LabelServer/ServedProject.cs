using System.Diagnostics;
using System.Text.Json;

namespace Curator.Benchmarks.LabelServer;

/// <summary>The real executable serving a project in a process of its own.</summary>
internal sealed class ServedProject : IAsyncDisposable
{
    private readonly Process _process;

    private ServedProject(Process process, Uri link) => (_process, Link) = (process, link);

    /// <summary>An owner's link.</summary>
    public Uri Link { get; }

    public string Token => Link.Fragment["#token=".Length..];

    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    public static async Task<ServedProject> StartAsync(string root)
    {
        var start = new ProcessStartInfo("dotnet") { WorkingDirectory = root, RedirectStandardOutput = true };
        foreach (var argument in (string[])[Executable(), "serve", "--port", "0", "--json", "--quiet"]) start.ArgumentList.Add(argument);
        foreach (var name in start.Environment.Keys.Where(key => key.StartsWith("CURATOR_", StringComparison.Ordinal)).ToList()) start.Environment.Remove(name);
        var process = Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start.");
        var line = await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The server ended before it served.");
        return new ServedProject(process, new Uri(JsonDocument.Parse(line).RootElement.GetProperty("link").GetString()!));
    }

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
    }

    /// <summary>The tool as it was built.</summary>
    public static string Executable()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
            if (File.Exists(Path.Combine(directory.FullName, "Curator.slnx")))
                return Directory.EnumerateDirectories(Path.Combine(directory.FullName, "artifacts", "bin", "Curator.Cli"), "release*").Select(folder => Path.Combine(folder, "curator.dll")).First(File.Exists);
        throw new FileNotFoundException("curator.dll was not built; run ./curator once.");
    }
}
