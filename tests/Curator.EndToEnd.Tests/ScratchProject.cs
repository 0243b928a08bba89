using System.Security.Cryptography;
using Curator.Core;

namespace Curator.EndToEnd.Tests;

/// <summary>A fresh directory with a <c>pictures</c> folder and room for projects beside it, which only the real executable works on.</summary>
internal sealed class ScratchProject : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private int _copies;

    public string Folder => _folder.FullPath;

    public string Pictures => _folder["pictures"];

    public string Root => _folder["project"];

    public string this[string relative] => _folder[relative];

    /// <summary>Makes the project with so many generated pictures.</summary>
    public static async Task<ScratchProject> CreateAsync(int pictures, int rarity = 4)
    {
        var project = new ScratchProject();
        EndToEnd.Tests.Pictures.Write(project.Pictures, pictures, rarity);
        (await CuratorProcess.RunAsync(project.Folder, "init", "project")).Expect(0);
        return project;
    }

    /// <summary>Runs a verb in the project's folder, so that it is found without a flag.</summary>
    public Task<ProcessRun> RunAsync(params IEnumerable<string> arguments) => CuratorProcess.RunAsync(Root, arguments);

    /// <summary>The same with variables set.</summary>
    public Task<ProcessRun> RunAsync(IReadOnlyDictionary<string, string> environment, params IEnumerable<string> arguments)
    {
        var start = CuratorProcess.StartInfo(Root, arguments);
        foreach (var (name, value) in environment) start.Environment[name] = value;
        return CuratorProcess.RunAsync(start);
    }

    /// <summary>A copy of the project as it is; no process may have it open.</summary>
    public string Copy()
    {
        var copy = _folder[$"copy-{++_copies}"];
        foreach (var directory in Directory.EnumerateDirectories(Root, "*", SearchOption.AllDirectories).Prepend(Root))
            Directory.CreateDirectory(Path.Combine(copy, Path.GetRelativePath(Root, directory)));
        foreach (var file in Directory.EnumerateFiles(Root, "*", SearchOption.AllDirectories))
            File.Copy(file, Path.Combine(copy, Path.GetRelativePath(Root, file)));
        return copy;
    }

    /// <summary>SHA-256 of the one file of that name below the folder.</summary>
    public static string HashOf(string folder, string name)
    {
        var path = Assert.Single(Directory.EnumerateFiles(folder, name, SearchOption.AllDirectories));
        return Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));
    }

    public static Task<Workspace> OpenAsync(string root) => Workspace.OpenAsync(root, TimeProvider.System, CancellationToken.None);

    public void Dispose() => _folder.Dispose();
}
