using System.Diagnostics;

namespace Curator.EndToEnd.Tests;

/// <summary>One bad file never stops the rest: it is counted with its reason.</summary>
public sealed class BadInputTests
{
    private const int Good = 12;

    [Fact]
    public async Task Each_bad_file_is_counted_with_its_reason_and_the_rest_is_taken_in()
    {
        using var project = await ScratchProject.CreateAsync(Good);
        WriteBad(project.Pictures);

        var added = (await project.RunAsync("add", project.Pictures, "--json")).Expect(1);
        var report = added.Json.GetProperty("report");
        // The sound ones of an unusual kind are pictures like all others.
        Assert.Equal(Good + 2, report.GetProperty("added").GetInt64());
        Assert.Equal(Reasons(), report.GetProperty("refused").EnumerateObject().ToDictionary(r => r.Name, r => r.Value.GetInt64()));
        Assert.Equal(Reasons().Values.Sum(), report.GetProperty("examples").GetArrayLength());
        Assert.All(report.GetProperty("examples").EnumerateArray(), e => Assert.NotEmpty(e.GetProperty("detail").GetString()!));

        var status = (await project.RunAsync("status", "--json")).Expect(0);
        var partition = status.Json.GetProperty("status").GetProperty("partitions")[0];
        Assert.Equal(Good + 2, partition.GetProperty("images").GetInt64());
        Assert.Equal(Reasons(), partition.GetProperty("refused").EnumerateObject().ToDictionary(r => r.Name, r => r.Value.GetInt64()));

        var again = (await project.RunAsync("add", project.Pictures)).Expect(1);
        Assert.Contains($"0 pictures added, {Good + 2} were there already", again.Output, StringComparison.Ordinal);
        Assert.Contains("1 refused: cut short", again.Output, StringComparison.Ordinal);
        Assert.Contains("1 refused: more pixels than the limit", again.Output, StringComparison.Ordinal);

        (await project.RunAsync("embed")).Expect(0);
        var hits = (await project.RunAsync("search", Path.Combine(project.Pictures, "deep.png"), "-k", "1", "--json")).Expect(0);
        Assert.Equal(Path.Combine(project.Pictures, "deep.png"), hits.Json[0].GetProperty("path").GetString());

        static Dictionary<string, long> Reasons() => new() { ["truncated"] = 1, ["notAnImage"] = 1, ["empty"] = 1, ["tooLarge"] = 1, ["missing"] = 1 };
    }

    [Fact]
    public async Task A_file_without_read_permission_is_counted_and_the_rest_is_taken_in()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("permissions of another kind");
            return;
        }
        using var folder = new TemporaryFolder();
        Pictures.Write(folder["pictures"], Good);
        var locked = Path.Combine(folder["pictures"], "stripes", "00001.jpg");
        File.SetUnixFileMode(locked, UnixFileMode.None);
        // The system's temporary folder is not the other user's to read.
        File.SetUnixFileMode(folder.FullPath, (UnixFileMode)0b111_111_111);
        Assert.SkipUnless(await TryAsync("dotnet", CuratorProcess.Executable, "--help"), "another user may not read the executable here");

        Assert.Equal(0, (await CuratorProcess.RunAsync(AsSomebody(CuratorProcess.StartInfo(folder.FullPath, "init", "project")))).ExitCode);
        var added = (await CuratorProcess.RunAsync(AsSomebody(CuratorProcess.StartInfo(folder["project"], "add", folder["pictures"], "--json")))).Expect(1);
        var report = added.Json.GetProperty("report");
        Assert.Equal(Good - 1, report.GetProperty("added").GetInt64());
        Assert.Equal(1, report.GetProperty("refused").GetProperty("unreadable").GetInt64());
        Assert.Equal(locked, report.GetProperty("examples")[0].GetProperty("uri").GetString());
    }

    private static void WriteBad(string folder)
    {
        BadPictures.WriteTruncated(Path.Combine(folder, "half.jpg"), Path.Combine(folder, "disc", "00000.jpg"));
        File.WriteAllText(Path.Combine(folder, "letter.jpg"), "Dear reader, this is no picture.\n");
        File.WriteAllBytes(Path.Combine(folder, "nothing.jpg"), []);
        BadPictures.WriteHugePng(Path.Combine(folder, "bomb.png"), 50_000);
        BadPictures.WriteCmyk(Path.Combine(folder, "inks.jpg"));
        BadPictures.WriteDeep(Path.Combine(folder, "deep.png"));
        File.CreateSymbolicLink(Path.Combine(folder, "nowhere.jpg"), Path.Combine(folder, "not-there.jpg"));
    }

    private static async Task<bool> TryAsync(string file, params string[] arguments)
    {
        var start = new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        return (await CuratorProcess.RunAsync(AsSomebody(start))).ExitCode == 0;
    }

    /// <summary>Root may read everything; so for root the process runs as the user that owns nothing.</summary>
    private static ProcessStartInfo AsSomebody(ProcessStartInfo start)
    {
        if (!Environment.IsPrivilegedProcess) return start;
        var other = new ProcessStartInfo("setpriv", ["--reuid=65534", "--regid=65534", "--clear-groups", "env", "HOME=/nonexistent", start.FileName, .. start.ArgumentList])
        {
            WorkingDirectory = start.WorkingDirectory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in other.Environment.Keys.Where(k => k.StartsWith("CURATOR_", StringComparison.Ordinal)).ToList()) other.Environment.Remove(name);
        return other;
    }
}
