using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Curator.Benchmarks;

/// <summary>Processor time of the calling thread: what a query costs, whoever else keeps the machine busy.</summary>
internal static partial class ThreadClock
{
    private const int ThreadCpuTime = 3;

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }

    /// <summary>Seconds of the thread; wall time where the system has no such clock.</summary>
    public static double Seconds
    {
        get
        {
            if (!OperatingSystem.IsLinux() || GetTime(ThreadCpuTime, out var time) != 0) return Stopwatch.GetTimestamp() / (double)Stopwatch.Frequency;
            return time.Seconds + (time.Nanoseconds * 1e-9);
        }
    }

    /// <summary>Seconds of all threads of the process: what a build costs.</summary>
    public static double ProcessSeconds
    {
        get
        {
            using var process = Process.GetCurrentProcess();
            return process.TotalProcessorTime.TotalSeconds;
        }
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, out TimeSpec time);
}
