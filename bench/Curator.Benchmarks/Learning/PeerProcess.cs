using System.Diagnostics;
using System.Text.Json;

namespace Curator.Benchmarks.Learning;

/// <summary>A measurement of some steps.</summary>
/// <param name="Wall">Seconds on the clock.</param>
/// <param name="Processor">Seconds of all threads of the process.</param>
internal readonly record struct Measured(long Images, double Wall, double Processor)
{
    public static Measured operator +(Measured a, Measured b) => new(a.Images + b.Images, a.Wall + b.Wall, a.Processor + b.Processor);

    public static Measured Of(long images, Action work)
    {
        var (wall, processor) = (Stopwatch.GetTimestamp(), ThreadClock.ProcessSeconds);
        work();
        return new Measured(images, Stopwatch.GetElapsedTime(wall).TotalSeconds, ThreadClock.ProcessSeconds - processor);
    }
}

/// <summary>A peer that waits for work on its standard input, so that its turns and ours alternate on the same machine. Owns the process.</summary>
internal sealed class PeerProcess : IDisposable
{
    private readonly Process _process;

    public PeerProcess(string file, params string[] arguments)
    {
        var start = new ProcessStartInfo(file, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.Environment["OMP_WAIT_POLICY"] = "passive";
        // The allocator's settings that our own process gives itself (docs/design/learning.md): without them the peer in single precision takes twice as long.
        if (Environment.GetEnvironmentVariable("CURATOR_BENCH_PLAIN_PEER") != "1")
        {
            start.Environment["MALLOC_MMAP_MAX_"] = "0";
            start.Environment["MALLOC_TRIM_THRESHOLD_"] = "2147483647";
            start.Environment["MALLOC_TOP_PAD_"] = "67108864";
            start.Environment["MALLOC_ARENA_MAX"] = "1";
        }
        _process = Process.Start(start) ?? throw new InvalidOperationException($"{file} did not start.");
        Greeting = Line();
    }

    /// <summary>What it said about itself.</summary>
    public string Greeting { get; }

    public Measured Ask(string request)
    {
        _process.StandardInput.WriteLine(request);
        _process.StandardInput.Flush();
        using var answer = JsonDocument.Parse(Line());
        return new Measured(answer.RootElement.GetProperty("images").GetInt64(), answer.RootElement.GetProperty("wall").GetDouble(), answer.RootElement.GetProperty("cpu").GetDouble());
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }

    private string Line() => _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("The peer ended; its error stands above.");
}
