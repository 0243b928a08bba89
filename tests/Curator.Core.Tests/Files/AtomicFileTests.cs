using System.Diagnostics;
using Curator.Core.Files;

namespace Curator.Core.Tests.Files;

public sealed class AtomicFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_write_that_fails_leaves_the_old_file_and_no_other()
    {
        AtomicFile.WriteText(_folder["a.json"], "old");
        Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(_folder["a.json"], stream =>
        {
            stream.WriteByte(1);
            throw new InvalidOperationException("the disk is on fire");
        }));
        Assert.Equal("old", File.ReadAllText(_folder["a.json"]));
        Assert.Single(Directory.EnumerateFiles(_folder.FullPath));
    }

    [Fact]
    public void Readers_see_the_old_or_the_new_text_and_nothing_between()
    {
        var texts = Enumerable.Range(0, 50).Select(i => new string((char)('a' + (i % 26)), 10_000)).ToArray();
        AtomicFile.WriteText(_folder["a"], texts[0]);
        Parallel.Invoke(
            () =>
            {
                foreach (var text in texts) AtomicFile.WriteText(_folder["a"], text);
            },
            () =>
            {
                for (var i = 0; i < 200; i++) Assert.Contains(File.ReadAllText(_folder["a"]), texts);
            });
    }

    [Fact]
    public async Task Leftovers_of_dead_processes_go_and_those_of_living_ones_stay()
    {
        int dead;
        using (var process = Process.Start(new ProcessStartInfo("dotnet", "--version") { RedirectStandardOutput = true })!)
        {
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            dead = process.Id;
        }

        Directory.CreateDirectory(_folder["deep/er"]);
        var mine = AtomicFile.TemporaryName(_folder["deep/er/images.parquet"]);
        var left = mine.Replace($"-{Environment.ProcessId}-", $"-{dead}-", StringComparison.Ordinal);
        var elsewhere = _folder[$"deep/er/.images.parquet.deadbeef-{dead}-1.tmp"];
        var foreign = _folder[".notes.tmp"];
        foreach (var path in (string[])[mine, left, elsewhere, foreign]) File.WriteAllText(path, "x");
        Assert.NotEqual(mine, left);
        Assert.Equal(1, AtomicFile.RemoveLeftovers(_folder.FullPath));
        Assert.False(File.Exists(left));
        foreach (var path in (string[])[mine, elsewhere, foreign]) Assert.True(File.Exists(path));
    }

    [Fact]
    public void Leftovers_of_an_earlier_process_with_the_same_number_go()
    {
        var path = AtomicFile.TemporaryName(_folder["a"]);
        File.WriteAllText(path, "x");
        File.SetLastWriteTimeUtc(path, new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        Assert.Equal(1, AtomicFile.RemoveLeftovers(_folder.FullPath));
    }

    [Fact]
    public void A_missing_folder_has_no_leftovers() => Assert.Equal(0, AtomicFile.RemoveLeftovers(_folder["nowhere"]));
}
