using System.Diagnostics;
using Curator.Core;
using Curator.Core.Images;
using Curator.Core.Shards;
using Curator.Imagery.Ingest;
using Curator.Imagery.Tests.Support;

namespace Curator.Imagery.Tests.Ingest;

/// <summary>Ingests that die at any point, in a child process by kill -9, and the run that comes after them.</summary>
public sealed class IngestKillTests
{
    private const string ProjectVariable = "CURATOR_TEST_INGEST_PROJECT";
    private const string RootVariable = "CURATOR_TEST_INGEST_ROOT";

    /// <summary>Runs only as the child of the tests below.</summary>
    [Fact]
    public async Task Child()
    {
        var project = Environment.GetEnvironmentVariable(ProjectVariable);
        Assert.SkipWhen(project is null, "this is the child process of the other tests of this class");
        await IngestFixture.AddAsync(project!, new IngestOptions { Roots = [Environment.GetEnvironmentVariable(RootVariable)!] });
    }

    [Fact]
    public async Task A_run_after_kills_at_any_point_gives_the_bytes_of_an_undisturbed_run()
    {
        using var folder = new TemporaryFolder();
        MakeSet(folder, 2200);
        await IngestFixture.AddAsync(folder["undisturbed"], new IngestOptions { Roots = [folder["set"]] });
        var expected = IngestFixture.ManifestBytes(folder["undisturbed"]);
        var project = folder["killed"];
        var killed = 0;
        // Killed once the given number of parts is on disk, later and later; the last ones die near or in the sealing step, or end first.
        foreach (var parts in (int[])[0, 1, 3, 6, 8, 9])
        {
            using var child = StartChild(project, folder["set"], []);
            await WaitForPartsAsync(project, parts, child);
            if (!child.HasExited) child.Kill(); // SIGKILL.
            await child.WaitForExitAsync();
            if (child.ExitCode == 128 + 9) killed++;
        }
        Assert.True(killed >= 3, $"only {killed} of 6 children died before their end");
        var report = await IngestFixture.AddAsync(project, new IngestOptions { Roots = [folder["set"]] });
        Assert.Equal(expected, IngestFixture.ManifestBytes(project));
        Assert.Equal(2200, report.Added + report.AlreadyThere);
        Assert.Equal(2, report.Refused[ImageProblem.NotAnImage]);
        await AssertCatalogAgreesAsync(project, 2200);
    }

    [Fact]
    public async Task A_kill_between_the_manifest_and_the_catalog_is_healed()
    {
        using var folder = new TemporaryFolder();
        MakeSet(folder, 40);
        var project = folder["project"];
        await using (await Workspace.InitAsync(project, TimeProvider.System, CancellationToken.None))
        {
        }
        CopyDatabase(project, folder["before"]);
        await IngestFixture.AddAsync(project, new IngestOptions { Roots = [folder["set"]] });
        var expected = IngestFixture.ManifestBytes(project);
        // The catalog as it was before: the manifest is there, and nothing knows of it.
        CopyDatabase(folder["before"], project);
        var report = await IngestFixture.AddAsync(project, new IngestOptions { Roots = [folder["set"]] });
        Assert.Equal((0L, 40L, 2L), (report.Added, report.AlreadyThere, report.Refused[ImageProblem.NotAnImage]));
        Assert.Equal(expected, IngestFixture.ManifestBytes(project));
        await AssertCatalogAgreesAsync(project, 40);
    }

    [Fact]
    public async Task A_cancelled_run_is_continued_and_lost_or_damaged_parts_are_made_again()
    {
        using var folder = new TemporaryFolder();
        MakeSet(folder, 1500);
        await IngestFixture.AddAsync(folder["undisturbed"], new IngestOptions { Roots = [folder["set"]] });
        var project = folder["project"];
        using (var source = new CancellationTokenSource())
        {
            await using var workspace = await Workspace.InitAsync(project, TimeProvider.System, CancellationToken.None);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Imagery.Ingest.Ingest.AddAsync(
                workspace, new IngestOptions { Roots = [folder["set"]] }, new PoolEngine(1), new CancelAt(source, 1200), source.Token));
        }
        var parts = Directory.GetFiles(Path.Combine(project, ".work", "ingest-1"), "*.parquet").Order().ToArray();
        Assert.True(parts.Length >= 3, $"{parts.Length} parts");
        File.Delete(parts[0]);
        File.WriteAllBytes(parts[1], File.ReadAllBytes(parts[1])[..200]);
        await IngestFixture.AddAsync(project, new IngestOptions { Roots = [folder["set"]] });
        Assert.Equal(IngestFixture.ManifestBytes(folder["undisturbed"]), IngestFixture.ManifestBytes(project));
        await AssertCatalogAgreesAsync(project, 1500);
    }

    [Fact]
    public async Task Unreadable_files_and_folders_are_counted_and_the_rest_is_taken_in()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "permissions of this kind are Unix's");
        string[] drop = Environment.IsPrivilegedProcess ? ["/usr/bin/setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all"] : [];
        Assert.SkipWhen(drop.Length > 0 && !File.Exists(drop[0]), "root may read everything, and there is no setpriv to drop that");
        using var folder = new TemporaryFolder();
        MakeSet(folder, 10);
        var secret = folder["set/0/secret.png"];
        File.Copy(Directory.GetFiles(folder["set/0"], "*.png")[0], secret);
        Directory.CreateDirectory(folder["set/closed"]);
        File.Copy(secret, folder["set/closed/inside.png"]);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(secret, UnixFileMode.None);
            File.SetUnixFileMode(folder["set/closed"], UnixFileMode.None);
        }
        using (var child = StartChild(folder["project"], folder["set"], drop))
        {
            await child.WaitForExitAsync();
            Assert.Equal(0, child.ExitCode);
        }
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(folder["set/closed"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await AssertCatalogAgreesAsync(folder["project"], 10);
        await using var workspace = await Workspace.OpenAsync(folder["project"], TimeProvider.System, CancellationToken.None);
        var counts = await workspace.Catalog.CountRejectedAsync(1, CancellationToken.None);
        Assert.Equal((2L, 2L), (counts[ImageProblem.Unreadable], counts[ImageProblem.NotAnImage]));
    }

    /// <summary>Small pictures in folders of 500, and two files that are none.</summary>
    private static void MakeSet(TemporaryFolder folder, int count)
    {
        for (var i = 0; i < count; i++)
        {
            Directory.CreateDirectory(folder[$"set/{i / 500}"]);
            File.WriteAllBytes(folder[$"set/{i / 500}/{i}.png"], Pictures.RawPng(4, 4, 2, 8, Pictures.Noise(4, 4, i)));
        }
        File.WriteAllText(folder["set/a.jpg"], "no picture");
        File.WriteAllText(folder["set/z.jpg"], "none either");
    }

    private static Process StartChild(string project, string root, string[] prefix)
    {
        string[] command = [.. prefix, Environment.ProcessPath!, .. Self(), "--filter-method", $"{typeof(IngestKillTests).FullName}.{nameof(Child)}"];
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment[ProjectVariable] = project;
        start.Environment[RootVariable] = root;
        var process = Process.Start(start)!;
        // Nobody reads the child's output; without this a full pipe would stop it.
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    /// <summary>The assembly, where this process is the dotnet host and not the tests' own executable.</summary>
    private static string[] Self() =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [typeof(IngestKillTests).Assembly.Location] : [];

    private static async Task WaitForPartsAsync(string project, int parts, Process child)
    {
        var folder = Path.Combine(project, ".work", "ingest-1");
        while (!child.HasExited)
        {
            try
            {
                if (Directory.GetFiles(folder, "*.parquet").Length >= parts) return;
            }
            catch (DirectoryNotFoundException)
            {
                // Not begun yet, or sealed in this moment.
            }
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }
    }

    private static void CopyDatabase(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.GetFiles(to, "curator.db*")) File.Delete(file);
        foreach (var file in Directory.GetFiles(from, "curator.db*")) File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
    }

    private static async Task AssertCatalogAgreesAsync(string project, long rows)
    {
        await using var workspace = await Workspace.OpenAsync(project, TimeProvider.System, CancellationToken.None);
        var partition = Assert.Single(await workspace.Catalog.GetPartitionsAsync(CancellationToken.None));
        using var manifest = workspace.OpenManifest(partition);
        Assert.Equal((rows, rows, manifest.Fingerprint), (manifest.Rows, partition.Rows, partition.Fingerprint));
        Assert.Empty(await workspace.Catalog.GetShardsAsync(IngestStage.StageName, "", CancellationToken.None));
        Assert.False(Directory.Exists(Path.Combine(project, ".work", "ingest-1")));
        Assert.Empty(Directory.GetFiles(project, ".*.tmp", SearchOption.AllDirectories));
    }

    private sealed class CancelAt(CancellationTokenSource source, long done) : IProgress<StageProgress>
    {
        public void Report(StageProgress value)
        {
            if (value.Total > 0 && value.Done >= done) source.Cancel();
        }
    }
}
