using System.Diagnostics;

namespace Curator.Benchmarks.Learning;

/// <summary>The modules of <c>bench/peers/node</c>, installed in the bench cache.</summary>
internal static class NodePeer
{
    /// <summary>Where the peer's program and its list of packages lie.</summary>
    public const string Folder = "bench/peers/node";

    /// <summary>Installs what the lock file names unless it is there. No package's own script is run: one would fetch libraries for a GPU.</summary>
    /// <returns>The folder with <c>node_modules</c>.</returns>
    public static string Install(string cache)
    {
        var target = Directory.CreateDirectory(Path.Combine(cache, "peers-node")).FullName;
        var wanted = File.ReadAllText(Path.Combine(Folder, "package-lock.json"));
        var installed = Path.Combine(target, "package-lock.json");
        if (Directory.Exists(Path.Combine(target, "node_modules", "onnxruntime-node")) && File.Exists(installed) && File.ReadAllText(installed) == wanted) return target;
        foreach (var name in (string[])["package.json", ".npmrc", "package-lock.json"]) File.Copy(Path.Combine(Folder, name), Path.Combine(target, name), overwrite: true);
        using var process = Process.Start(new ProcessStartInfo("npm", ["ci", "--ignore-scripts", "--prefix", target]) { WorkingDirectory = target, RedirectStandardOutput = true })
            ?? throw new InvalidOperationException("npm did not start.");
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? target : throw new InvalidOperationException($"npm ci --ignore-scripts --prefix {target} failed.");
    }
}
