using System.Security.Cryptography;
using System.Text;
using Curator.Core;

namespace Curator.Labeling.Export;

/// <summary>
/// The place where an export is made until it is whole: <c>OUT.partial</c>, with a mark that names the set. One process at a time works there. The finished folder takes the place of
/// the earlier one by renaming; between the two renames a kill leaves both beside each other, and the next export of the same set ends it.
/// </summary>
internal sealed class ExportStage : IDisposable
{
    private const string MarkName = ".curator-export";

    private readonly IDisposable _alone;

    private ExportStage(string goal, IDisposable alone)
    {
        Goal = goal;
        Path = goal + ".partial";
        _alone = alone;
    }

    /// <summary>Absolute path of the finished set.</summary>
    public string Goal { get; }

    /// <summary>Absolute path of the folder to write into.</summary>
    public string Path { get; }

    private string Old => Goal + ".replaced";

    /// <exception cref="WorkspaceException">The folder holds something else than an export.</exception>
    public static async Task<ExportStage> OpenAsync(Workspace workspace, string outDirectory, CancellationToken cancellationToken)
    {
        var goal = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(outDirectory));
        var name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(goal)))[..16];
        var stage = new ExportStage(goal, await workspace.LockAsync($"export-{name}", cancellationToken));
        try
        {
            foreach (var path in (string[])[goal, stage.Path, stage.Old]) RequireOurs(path);
            return stage;
        }
        catch
        {
            stage.Dispose();
            throw;
        }
    }

    /// <summary>Goes on with what an interrupted export of the same set left, or begins anew.</summary>
    public void Begin(string fingerprint)
    {
        var mark = System.IO.Path.Combine(Path, MarkName);
        if (File.Exists(mark) && File.ReadAllText(mark) == fingerprint) return;
        if (Directory.Exists(Path)) Directory.Delete(Path, recursive: true);
        Directory.CreateDirectory(Path);
        File.WriteAllText(mark, fingerprint);
    }

    public void Publish()
    {
        File.Delete(System.IO.Path.Combine(Path, MarkName));
        if (Directory.Exists(Old)) Directory.Delete(Old, recursive: true);
        if (Directory.Exists(Goal)) Directory.Move(Goal, Old);
        Directory.Move(Path, Goal);
        if (Directory.Exists(Old)) Directory.Delete(Old, recursive: true);
    }

    public void Dispose() => _alone.Dispose();

    private static void RequireOurs(string path)
    {
        if (File.Exists(path)) throw Occupied(path, "is a file");
        if (!Directory.Exists(path) || !Directory.EnumerateFileSystemEntries(path).Any()) return;
        if (File.Exists(System.IO.Path.Combine(path, MarkName))) return;
        if (File.Exists(System.IO.Path.Combine(path, Provenance.FileName)) && File.Exists(System.IO.Path.Combine(path, DataCard.FileName))) return;
        // Sets that earlier versions made have no provenance.
        var table = System.IO.Path.Combine(path, LabelTable.FileName);
        if (!File.Exists(table) || !File.Exists(System.IO.Path.Combine(path, DataCard.FileName)) || File.ReadLines(table).FirstOrDefault() != LabelTable.FirstHeader)
            throw Occupied(path, "holds files that no export made");
    }

    private static WorkspaceException Occupied(string path, string what) => new($"'{path}' {what}.", "Name another folder: curator export TASK --format F OUT.");
}
