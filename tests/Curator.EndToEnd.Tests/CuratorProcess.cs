using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;

namespace Curator.EndToEnd.Tests;

/// <summary>The real executable in a process of its own.</summary>
internal sealed partial class CuratorProcess : IAsyncDisposable
{
    private const int InterruptSignal = 2;
    private readonly Process _process;
    private readonly Captured _output;
    private readonly Captured _error;

    private CuratorProcess(Process process)
    {
        _process = process;
        _output = new Captured(process.StandardOutput);
        _error = new Captured(process.StandardError);
    }

    /// <summary>Programs started in the background of a script ignore Ctrl-C and hand that down; those started here must not.</summary>
    static CuratorProcess()
    {
        if (!OperatingSystem.IsLinux()) return;
        var ignored = File.ReadLines("/proc/self/status").Single(line => line.StartsWith("SigIgn:", StringComparison.Ordinal));
        if ((Convert.ToUInt64(ignored["SigIgn:".Length..].Trim(), 16) & (1UL << (InterruptSignal - 1))) != 0) SetSignalHandler(InterruptSignal, 0);
    }

    public static string Executable { get; } = Path.Combine(AppContext.BaseDirectory, "curator.dll");

    public static ProcessStartInfo StartInfo(string workingDirectory, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            WorkingDirectory = workingDirectory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add(Executable);
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        foreach (var name in start.Environment.Keys.Where(k => k.StartsWith("CURATOR_", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);
        return start;
    }

    public static CuratorProcess Start(ProcessStartInfo start) =>
        new(Process.Start(start) ?? throw new InvalidOperationException($"{start.FileName} did not start"));

    public static CuratorProcess Start(string workingDirectory, params IEnumerable<string> arguments) => Start(StartInfo(workingDirectory, arguments));

    /// <summary>Runs to the end.</summary>
    public static Task<ProcessRun> RunAsync(string workingDirectory, params IEnumerable<string> arguments) => RunAsync(StartInfo(workingDirectory, arguments));

    /// <inheritdoc cref="RunAsync(string, IEnumerable{string})"/>
    public static async Task<ProcessRun> RunAsync(ProcessStartInfo start)
    {
        await using var process = Start(start);
        return await process.EndAsync();
    }

    /// <summary>Waits for the end.</summary>
    public async Task<ProcessRun> EndAsync()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return new ProcessRun(_process.ExitCode, await _output.AllAsync(), await _error.AllAsync());
    }

    /// <summary>The next line of standard output; null when the process has ended.</summary>
    public ValueTask<string?> OutputLineAsync() => _output.LineAsync();

    /// <summary>The next line of standard error; null when the process has ended.</summary>
    public ValueTask<string?> ErrorLineAsync() => _error.LineAsync();

    /// <summary>Whether it runs no more.</summary>
    public bool HasEnded => _process.HasExited;

    /// <summary>SIGKILL, unless it has ended by itself within the time. True when it was killed.</summary>
    public async Task<bool> KillAfterAsync(TimeSpan time)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(time);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
            return false;
        }
        catch (OperationCanceledException) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
        {
            await KillAsync();
            return true;
        }
    }

    /// <summary>SIGKILL, now.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Ctrl-C, at once: starting a program that sends it can take longer on a busy machine than what is to be interrupted.</summary>
    public void Interrupt() => Assert.Equal(0, SendSignal(_process.Id, InterruptSignal));

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);

    /// <param name="handler">0 for the system's own.</param>
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    [LibraryImport("libc", EntryPoint = "signal")]
    private static partial nint SetSignalHandler(int signal, nint handler);

    /// <summary>One of the process's streams, line by line and as a whole.</summary>
    private sealed class Captured
    {
        private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
        private readonly Task<string> _all;

        public Captured(StreamReader stream) => _all = PumpAsync(stream);

        public Task<string> AllAsync() => _all;

        public async ValueTask<string?> LineAsync() =>
            await _lines.Reader.WaitToReadAsync(TestContext.Current.CancellationToken) && _lines.Reader.TryRead(out var line) ? line : null;

        private async Task<string> PumpAsync(StreamReader stream)
        {
            var all = new StringBuilder();
            while (await stream.ReadLineAsync() is { } line)
            {
                all.Append(line).Append('\n');
                _lines.Writer.TryWrite(line);
            }
            _lines.Writer.Complete();
            return all.ToString();
        }
    }
}

/// <summary>How a process ended.</summary>
internal sealed record ProcessRun(int ExitCode, string Output, string Error)
{
    /// <summary>The one JSON value of a run with <c>--json</c>, which is one line and nothing else.</summary>
    public JsonElement Json
    {
        get
        {
            Assert.True(Output.Count(c => c == '\n') == 1, $"with --json standard output has one line; this is:\n{Output}\n{Error}");
            return JsonDocument.Parse(Output).RootElement;
        }
    }

    public ProcessRun Expect(int exitCode)
    {
        Assert.True(ExitCode == exitCode, $"exit code {ExitCode}, expected {exitCode}\n{Output}\n{Error}");
        return this;
    }
}
