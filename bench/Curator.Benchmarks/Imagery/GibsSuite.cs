using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using Curator.Benchmarks.LabelServer;
using Curator.Imagery.Scenes;
using Curator.Tests.StandIns;

namespace Curator.Benchmarks.Imagery;

/// <summary>
/// The real tool downloads 10,000 tiles (and 200 that are really empty) of a recorded layer from a stand-in on this machine that cuts them out of a real picture of the Earth and answers one request
/// in ten wrongly, in eleven ways. It is killed with SIGKILL in the middle, more than once, and goes on. Every tile is compared with what the server has. Options: <c>--data GIBS_FOLDER
/// [--share-percent 10] [--kills 2] [--days 2] [--seed 1]</c>.
/// </summary>
internal static class GibsSuite
{
    private const string Layer = "MODIS_Terra_CorrectedReflectance_TrueColor";
    private const int Columns = 100;
    private const int EmptyColumns = 2;
    private const int Rows = 50;
    private const int FirstColumn = 100;
    private const int FirstRow = 30;
    private const double TileDegrees = 1.125;

    public static void Run(Arguments arguments) => RunAsync(arguments).GetAwaiter().GetResult();

    private static async Task RunAsync(Arguments arguments)
    {
        using var log = new RunLog("gibs", arguments);
        var data = arguments.Get("data", "");
        var (days, kills) = (arguments.Get("days", 2), arguments.Get("kills", 2));
        var capabilities = new Dictionary<string, byte[]> { ["epsg4326"] = await File.ReadAllBytesAsync(Path.Combine(data, "caps", "geotools_nasa.getcapa.xml")) };
        await using var server = await GibsStandIn.StartAsync(
            GibsImagery.OfWorld(Path.Combine(data, "onearth", "bluemarble_small", "bluemarble_small.jpg")), capabilities, request => request.Column >= FirstColumn + Columns);
        server.Faults = GibsFaults.All(arguments.Get("seed", 1), arguments.Get("share-percent", 10) / 100.0);
        var folder = Directory.CreateTempSubdirectory("curator-gibs-").FullName;
        try
        {
            var tiles = Columns * Rows * days;
            var clock = Stopwatch.StartNew();
            var spent = TimeSpan.Zero;
            long peak = 0;
            var atKill = new List<int>();
            for (var kill = 0; kill < kills; kill++)
            {
                using var killed = Start(folder, server.Address, days);
                while (server.GoodAnswers.Count < tiles * (kill + 1) / (kills + 1) && !killed.HasExited) await WatchAsync(killed);
                var (cpu, memory) = Used(killed);
                killed.Kill();
                await killed.WaitForExitAsync();
                spent += cpu;
                peak = Math.Max(peak, memory);
                atKill.Add(server.GoodAnswers.Count);
            }
            var after = server.TileRequests;
            using var last = Start(folder, server.Address, days);
            var output = last.StandardOutput.ReadToEndAsync();
            var (lastCpu, lastMemory) = (TimeSpan.Zero, 0L);
            while (!last.HasExited)
            {
                (lastCpu, lastMemory) = Used(last) is { Memory: > 0 } used ? used : (lastCpu, lastMemory);
                await WatchAsync(last);
            }
            clock.Stop();
            spent += lastCpu;
            peak = Math.Max(peak, lastMemory);
            var report = JsonDocument.Parse(await output).RootElement.GetProperty("report");
            var (right, wrong) = Compare(server, folder);
            var faults = server.Faults.Counts;
            var requests = server.TileRequests;
            log.Add(
                ("tiles", tiles), ("right", right), ("wrong", wrong), ("missing", tiles - right - wrong), ("empty found", (int)report.GetProperty("leftOut").GetInt64()), ("really empty", EmptyColumns * Rows * days),
                ("failed", (int)report.GetProperty("failed").GetInt64()), ("exit code", last.ExitCode));
            log.Add(
                ("kills at tiles", string.Join('+', atKill)), ("fetched twice", server.GoodAnswers.Where(answer => !IsEmpty(answer.Key)).Sum(answer => answer.Value - 1)), ("requests", requests), ("of the last run", requests - after),
                ("answered wrongly", faults.Values.Sum() + server.RequestsDuringHold), ("share", (faults.Values.Sum() + server.RequestsDuringHold) / (double)requests), ("while held", server.RequestsDuringHold));
            foreach (var (kind, count) in faults) log.Add(("misbehaviour", kind.ToString()), ("answers", count));
            log.Add(
                ("seconds", clock.Elapsed.TotalSeconds), ("processor s of the tool", spent.TotalSeconds), ("tiles a processor s", (tiles + EmptyColumns * Rows * days) / spent.TotalSeconds), ("peak MB", peak / 1e6),
                ("MB in tiles", Directory.EnumerateFiles(Path.Combine(folder, "out"), "*.jpg", SearchOption.AllDirectories).Sum(path => new FileInfo(path).Length) / 1e6));
            // Again, without misbehaviour: everything is there.
            server.Faults = GibsFaults.None;
            using var again = Start(folder, server.Address, days);
            var said = await again.StandardOutput.ReadToEndAsync();
            await again.WaitForExitAsync();
            log.Add(("again", "all there"), ("requests", server.TileRequests - requests), ("exit code", again.ExitCode), ("tiles there", (int)JsonDocument.Parse(said).RootElement.GetProperty("report").GetProperty("writtenBefore").GetInt64()));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Process Start(string folder, string address, int days)
    {
        var start = new ProcessStartInfo("dotnet") { WorkingDirectory = folder, RedirectStandardOutput = true };
        var first = new DateOnly(2016, 12, 31);
        var box = FormattableString.Invariant(
            $"{90 - (FirstRow + Rows) * TileDegrees},{-180 + FirstColumn * TileDegrees},{90 - FirstRow * TileDegrees},{-180 + (FirstColumn + Columns + EmptyColumns) * TileDegrees}");
        foreach (var argument in (string[])
            [ServedProject.Executable(), "download", Layer, "--from", $"{first:yyyy-MM-dd}", "--to", $"{first.AddDays(days - 1):yyyy-MM-dd}", $"--bbox={box}", "--out", "out", "--cache", "cache",
             "--address", address, "--patience", "1s", "--pause", "20ms", "--tries", "10", "--bandwidth", "10000", "--json", "--quiet"])
            start.ArgumentList.Add(argument);
        foreach (var name in start.Environment.Keys.Where(key => key.StartsWith("CURATOR_", StringComparison.Ordinal)).ToList()) start.Environment.Remove(name);
        return Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start.");
    }

    private static async Task WatchAsync(Process process) => await Task.WhenAny(process.WaitForExitAsync(), Task.Delay(50));

    private static (TimeSpan Cpu, long Memory) Used(Process process)
    {
        try
        {
            process.Refresh();
            return (process.TotalProcessorTime, process.PeakWorkingSet64);
        }
        catch (InvalidOperationException)
        {
            return default; // it ended just now
        }
    }

    private static bool IsEmpty(string path) => int.Parse(path[(path.LastIndexOf('/') + 1)..path.LastIndexOf('.')]) >= FirstColumn + Columns;

    /// <summary>Each file beside what the server has for the place and day in its name.</summary>
    private static (int Right, int Wrong) Compare(GibsStandIn server, string folder)
    {
        var (right, wrong) = (0, 0);
        foreach (var file in Directory.EnumerateFiles(Path.Combine(folder, "out"), "*.jpg", SearchOption.AllDirectories))
        {
            var known = TileName.TryParse(file, out var date, out var box);
            var (row, column) = ((int)Math.Round((90 - box.North) / TileDegrees), (int)Math.Round((180 + box.West) / TileDegrees));
            var path = $"/wmts/epsg4326/best/{Layer}/default/{date:yyyy-MM-dd}/250m/8/{row}/{column}.jpeg";
            var hash = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)));
            if (known && server.GoodHashes.TryGetValue(path, out var expected) && expected == hash) right++;
            else wrong++;
        }
        return (right, wrong);
    }
}
