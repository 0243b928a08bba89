using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Curator.Benchmarks;

/// <summary>A kept run: bench/runs/DATE-MACHINE/SUITE-TIME.jsonl, first line what ran where, then one line a result; the same as a table on the console.</summary>
internal sealed class RunLog : IDisposable
{
    private readonly StreamWriter _lines;
    private string[]? _columns;

    public RunLog(string suite, Arguments arguments)
    {
        var now = TimeProvider.System.GetUtcNow();
        var processor = Processor();
        var machine = string.Concat(processor.Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant();
        var folder = arguments.Get("out", Path.Combine(Root(), "bench", "runs", $"{now:yyyy-MM-dd}-{machine}-{Environment.ProcessorCount}cpu"));
        Directory.CreateDirectory(folder);
        // Several processes may begin in the same second.
        Path_ = Path.Combine(folder, $"{suite}-{now:HHmmss}.jsonl");
        if (File.Exists(Path_)) Path_ = Path.Combine(folder, $"{suite}-{now:HHmmss}-{Environment.ProcessId}.jsonl");
        _lines = new StreamWriter(new FileStream(Path_, FileMode.CreateNew, FileAccess.Write, FileShare.Read)) { AutoFlush = true };
        Write(new
        {
            suite,
            command = $"dotnet run -c Release --project bench/Curator.Benchmarks -- {suite} {Portable(arguments.Text)}".TrimEnd(),
            commit = Commit(),
            at = now,
            processor,
            processors = Environment.ProcessorCount,
            memoryBytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
            runtime = RuntimeInformation.FrameworkDescription,
            system = RuntimeInformation.OSDescription,
            load = File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Trim() : "",
        });
        Console.WriteLine($"{processor}, {Environment.ProcessorCount} processors, {RuntimeInformation.FrameworkDescription}; kept in {Path_}");
    }

    public string Path_ { get; }

    /// <summary>One result: names and values in order.</summary>
    public void Add(params (string Name, object Value)[] row)
    {
        Write(row.ToDictionary(cell => cell.Name, cell => cell.Value));
        var columns = row.Select(cell => cell.Name).ToArray();
        if (_columns is null || !_columns.SequenceEqual(columns))
        {
            _columns = columns;
            Console.WriteLine();
            Console.WriteLine(string.Join(' ', columns.Select((name, i) => Cell(name, i))));
        }

        Console.WriteLine(string.Join(' ', row.Select((cell, i) => Cell(Format(cell.Value), i))));
    }

    public void Dispose() => _lines.Dispose();

    private void Write(object value) => _lines.WriteLine(JsonSerializer.Serialize(value));

    private static string Cell(string text, int column) => column == 0 ? text.PadRight(30) : text.PadLeft(14);

    private static string Format(object value) => value switch
    {
        double number => number.ToString(Math.Abs(number) >= 1000 ? "N0" : "0.####", CultureInfo.InvariantCulture),
        IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    private static string Processor()
    {
        if (!File.Exists("/proc/cpuinfo")) return RuntimeInformation.ProcessArchitecture.ToString();
        var line = File.ReadLines("/proc/cpuinfo").FirstOrDefault(text => text.StartsWith("model name", StringComparison.Ordinal));
        return line is null ? "unknown" : line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
    }

    private static string Commit()
    {
        try
        {
            using var git = Process.Start(new ProcessStartInfo("git", "describe --always --dirty") { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Root() });
            return git?.StandardOutput.ReadToEnd().Trim() ?? "";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            // A machine that only runs what was built elsewhere has no git.
            return "";
        }
    }

    /// <summary>The options without this machine's folders: paths below or beside the checkout from its root, others by their last name.</summary>
    private static string Portable(string options) => string.Join(' ', options.Split(' ').Select(word =>
    {
        if (!Path.IsPathRooted(word)) return word;
        var relative = Path.GetRelativePath(Root(), word);
        return relative.StartsWith("../..", StringComparison.Ordinal) ? Path.GetFileName(word.TrimEnd('/')) : relative;
    }));

    private static string Root()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
            if (File.Exists(Path.Combine(directory.FullName, "Curator.slnx")))
                return directory.FullName;
        return Environment.CurrentDirectory;
    }
}
