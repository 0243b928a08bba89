using Curator.Tests.StandIns;

namespace Curator.EndToEnd.Tests;

/// <summary>The real process downloads from a server that misbehaves, and is killed in the middle.</summary>
public sealed class DownloadKillTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Killed_in_the_middle_it_goes_on_without_fetching_anything_twice()
    {
        await using var server = await GibsStandIn.StartAsync();
        // Of every kind but those that cost seconds each: 10 % of all answers.
        server.Faults = new GibsFaults(
            11, 0.1, [.. Enum.GetValues<GibsFault>().Where(kind => kind is not (GibsFault.Busy or GibsFault.Stall)).Select(kind => (kind, kind == GibsFault.ErrorBurst ? 1.0 / GibsFaults.Burst : 1))]);
        string[] line =
        [
            "download", GibsStandIn.DailyJpeg, "--from", "2020-09-05", "--to", "2020-09-06", "--bbox=-60,-90,60,90", "--resolution", "4km", "--address", server.Address, "--cache", _folder["cache"], "--out",
            _folder["tiles"], "--pause", "5ms", "--tries", "10", "--bandwidth", "10000", "--json",
        ];
        const int tiles = 2 * 8 * 10; // 18 degrees a tile
        var kills = 0;
        while (kills < 3)
        {
            await using var process = CuratorProcess.Start(_folder.FullPath, line);
            var enough = (kills + 1) * tiles / 4;
            await Kills.UntilAsync(() => server.GoodAnswers.Count >= enough);
            await process.KillAsync();
            kills++;
        }
        var run = (await CuratorProcess.RunAsync(_folder.FullPath, line)).Expect(0).Json.GetProperty("report");
        Assert.Equal(tiles, run.GetProperty("sourceTiles").GetInt64());
        Assert.Equal(tiles, run.GetProperty("written").GetInt64() + run.GetProperty("writtenBefore").GetInt64());
        // A tile that was on its way when the process was killed is fetched again; no other. Eight to nine are on their way at a time.
        var repeated = server.GoodAnswers.Values.Sum(count => count - 1);
        Assert.InRange(repeated, 0, kills * 10);
        Assert.InRange(run.GetProperty("alreadyThere").GetInt64(), tiles * 3 / 4 - 10 * kills, tiles);
        // Each tile is the one that the server has.
        var expected = server.GoodAnswers.Keys.Select(path => Convert.ToHexString(server.Expected(path))).Order().ToList();
        var files = Directory.EnumerateFiles(_folder["tiles"], "*.jpg", SearchOption.AllDirectories).ToList();
        Assert.Equal(tiles, files.Count);
        Assert.Equal(expected, files.Select(path => Convert.ToHexString(File.ReadAllBytes(path))).Order());
        Assert.DoesNotContain(Directory.EnumerateFiles(_folder["tiles"], "*.tmp", SearchOption.AllDirectories), _ => true);
    }
}
