using System.Diagnostics;
using System.Globalization;

namespace Curator.Tests.Support;

/// <summary>
/// A throw-away PostgreSQL server of this process alone: its own data folder, a Unix socket and no network. PostgreSQL refuses to run as root, so root runs it as the user <c>postgres</c> that Debian's
/// package makes. It ends with the process.
/// </summary>
internal sealed class PostgresCluster
{
    private static readonly Lock Gate = new();
    private static PostgresCluster? _shared;
    private static string? _reason;
    private static int _projects;

    private readonly string _folder;
    private readonly string _programs;

    private PostgresCluster(string folder, string programs) => (_folder, _programs) = (folder, programs);

    /// <summary>The process's server, started on first use; null, with the reason, where PostgreSQL is not installed or does not start.</summary>
    public static PostgresCluster? TryGet(out string reason, bool durable = false)
    {
        lock (Gate)
        {
            if (_shared is null && _reason is null)
            {
                try
                {
                    _shared = Start(durable);
                    AppDomain.CurrentDomain.ProcessExit += (_, _) => _shared?.Stop();
                }
                catch (Exception e) when (e is InvalidOperationException or IOException or System.ComponentModel.Win32Exception)
                {
                    _reason = e.Message;
                }
            }

            reason = _reason ?? "";
            return _shared;
        }
    }

    /// <summary>Address of a project that nobody has used before.</summary>
    public string NewAddress() =>
        string.Create(CultureInfo.InvariantCulture, $"postgres://curator@localhost/postgres?host={_folder}&schema=project_{Interlocked.Increment(ref _projects)}");

    private static PostgresCluster Start(bool durable)
    {
        var programs = Directory.Exists("/usr/lib/postgresql")
            ? Directory.EnumerateDirectories("/usr/lib/postgresql").Select(version => Path.Combine(version, "bin")).Where(bin => File.Exists(Path.Combine(bin, "initdb"))).Order().LastOrDefault()
            : null;
        if (programs is null) throw new InvalidOperationException("PostgreSQL is not installed (Debian: postgresql).");
        var folder = Path.Combine(Path.GetTempPath(), $"curator-pg-{Environment.ProcessId}-{Environment.TickCount64}");
        Directory.CreateDirectory(folder);
        var cluster = new PostgresCluster(folder, programs);
        if (Environment.IsPrivilegedProcess) Run("chown", "postgres", folder);
        cluster.RunAsOwner("initdb", "-D", cluster.Data, "-A", "trust", "-U", "curator", "-E", "UTF8", "--locale=C", "--no-sync");
        // What is thrown away need not reach the disk, unless speed is what is measured.
        var settings = $"-c listen_addresses= -c unix_socket_directories={folder} -c max_connections=300 -c shared_buffers=64MB"
            + (durable ? "" : " -c fsync=off -c synchronous_commit=off -c full_page_writes=off");
        cluster.RunAsOwner("pg_ctl", "-D", cluster.Data, "-w", "-s", "-l", Path.Combine(folder, "log"), "-o", settings, "start");
        return cluster;
    }

    private string Data => Path.Combine(_folder, "data");

    private void Stop()
    {
        try
        {
            RunAsOwner("pg_ctl", "-D", Data, "-w", "-s", "-m", "immediate", "stop");
            Directory.Delete(_folder, recursive: true);
        }
        catch (Exception e) when (e is InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            // The process ends; what is left lies in the folder for temporary files.
        }
    }

    private void RunAsOwner(string program, params string[] arguments)
    {
        var path = Path.Combine(_programs, program);
        if (Environment.IsPrivilegedProcess) Run("setpriv", ["--reuid=postgres", "--regid=postgres", "--clear-groups", path, .. arguments]);
        else Run(path, arguments);
    }

    private static void Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Path.GetTempPath() };
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
        // The server keeps the pipes of whoever started it; only the end of the starting program is waited for.
        process.WaitForExit(120_000);
        if (!process.HasExited || process.ExitCode != 0) throw new InvalidOperationException($"{Path.GetFileName(program)} failed: {(process.HasExited ? process.StandardError.ReadToEnd() : "no end")}");
    }
}
