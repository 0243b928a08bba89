using System.Diagnostics;
using System.Globalization;
using Curator.Core.Images;
using Curator.Labeling.Export;
using Curator.Labeling.Labelers;

namespace Curator.Benchmarks.Export;

/// <summary>
/// Taking out a set: time and memory of every format, and what two parts of a split share, counted from the table that was written and not by the exporter.
/// Options: <c>[--images 100000] [--formats imagefolder,csv,…] [--cache DIR]</c>.
/// </summary>
internal static class ExportSuite
{
    public static void Run(Arguments arguments) => RunAsync(arguments).GetAwaiter().GetResult();

    private static async Task RunAsync(Arguments arguments)
    {
        var images = arguments.Get("images", 100_000);
        var (workspace, task) = await ExportProject.OpenAsync(arguments.Cache, images);
        await using var _ = workspace;
        using var log = new RunLog("export", arguments);
        var target = Path.Combine(arguments.Cache, $"export-{images}", "out");
        var formats = arguments.Get("formats", string.Join(',', Enum.GetNames<ExportFormat>())).Split(',').Select(f => Enum.Parse<ExportFormat>(f, ignoreCase: true)).ToList();
        foreach (var format in formats)
            await MeasureAsync(log, format.ToString(), () => Exporter.ExportAsync(
                workspace, task, format, target, new ExportOptions { Split = "0.8,0.1,0.1", Transfer = FileTransfer.Copy }, CancellationToken.None), target);
        await MeasureAsync(log, "ImageFolder, links", () => Exporter.ExportAsync(
            workspace, task, ExportFormat.ImageFolder, target, new ExportOptions { Split = "0.8,0.1,0.1" }, CancellationToken.None), target);
        foreach (var by in (SplitBy[])[SplitBy.Place, SplitBy.Date, SplitBy.Image])
        {
            var report = await Exporter.ExportAsync(workspace, task, ExportFormat.Csv, target, new ExportOptions { Split = "0.8,0.1,0.1", SplitBy = by }, CancellationToken.None);
            var (pairs, days) = Shared(Path.Combine(target, "labels.csv"));
            log.Add(
                ("split by", by.ToString()), ("images", report.Images), ("left out", report.Split!.LeftOut), ("touching in 2 parts", pairs), ("days in 2 parts", days),
                ("train", report.Split.Parts[0].Classes.Values.Sum()), ("val", report.Split.Parts[1].Classes.Values.Sum()), ("test", report.Split.Parts[2].Classes.Values.Sum()),
                ("yes train", Share(report, 0)), ("yes val", Share(report, 1)), ("yes test", Share(report, 2)));
        }
        Directory.Delete(target, recursive: true);
    }

    private static double Share(ExportReport report, int part)
    {
        var classes = report.Split!.Parts[part].Classes;
        return classes["yes"] / (double)classes.Values.Sum();
    }

    private static async Task MeasureAsync(RunLog log, string name, Func<Task<ExportReport>> export, string target)
    {
        if (Directory.Exists(target)) Directory.Delete(target, recursive: true);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        ForgetPeak();
        var before = ThreadClock.ProcessSeconds;
        var watch = Stopwatch.StartNew();
        var report = await export();
        log.Add(
            ("format", name), ("images", report.Images), ("wall_s", watch.Elapsed.TotalSeconds), ("cpu_s", ThreadClock.ProcessSeconds - before), ("images/s", report.Images / watch.Elapsed.TotalSeconds),
            ("peak_MiB", Peak() / 1024.0), ("left out", report.Split!.LeftOut), ("shared", report.Split.Shared));
    }

    /// <summary>Resident memory at its highest counts from now on (proc(5), clear_refs).</summary>
    private static void ForgetPeak()
    {
        if (File.Exists("/proc/self/clear_refs")) File.WriteAllText("/proc/self/clear_refs", "5");
    }

    /// <summary>KiB; 0 where the system does not tell.</summary>
    private static double Peak() =>
        File.Exists("/proc/self/status")
            ? double.Parse(File.ReadLines("/proc/self/status").First(l => l.StartsWith("VmHWM:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture)
            : 0;

    /// <summary>Pairs of different footprints that touch and lie in two parts, and days that two parts have, by a sweep from south to north over what was written.</summary>
    private static (long Pairs, int Days) Shared(string table)
    {
        var rows = Csv.Read(File.ReadAllText(table)).ToList();
        var header = rows[0].ToList();
        int South = header.IndexOf("south"), Split = header.IndexOf("split"), Taken = header.IndexOf("taken_at");
        var days = rows.Skip(1).GroupBy(r => r[Taken][..10]).Count(d => d.Select(r => r[Split]).Distinct().Skip(1).Any());
        var places = rows.Skip(1).Select(r => (Box: new BoundingBox(Number(r[South]), Number(r[South + 1]), Number(r[South + 2]), Number(r[South + 3])), Part: r[Split])).Distinct()
            .OrderBy(p => p.Box.South).ThenBy(p => p.Box.West).ToArray();
        long pairs = 0;
        for (var a = 0; a < places.Length; a++)
            for (var b = a + 1; b < places.Length && places[b].Box.South <= places[a].Box.North; b++)
                if (places[a].Part != places[b].Part && places[b].Box.West <= places[a].Box.East && places[a].Box.West <= places[b].Box.East)
                    pairs++;
        return (pairs, days);
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
