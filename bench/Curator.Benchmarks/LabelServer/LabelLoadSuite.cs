using System.Diagnostics;
using System.Globalization;

namespace Curator.Benchmarks.LabelServer;

/// <summary>
/// Many people at once against the real server over HTTP, one connection each, one label a request; then the database is checked against every receipt. Client and server share this machine.
/// Options: <c>[--people 200] [--rate 100] [--seconds 600] [--burst 60] [--batch 1] [--burst-batch 1] [--databases sqlite,postgres] [--opinions 1] [--paced-pictures N] [--most-per-second 2500]</c>; a
/// rate or burst of 0 leaves that part out. Few paced pictures show the end of a round, when all that is left lies with somebody; the last says for how many labels there are pictures in the burst.
/// </summary>
internal static class LabelLoadSuite
{
    public static void Run(Arguments arguments) => RunAsync(arguments).GetAwaiter().GetResult();

    private static async Task RunAsync(Arguments arguments)
    {
        int people = arguments.Get("people", 200), rate = arguments.Get("rate", 100), seconds = arguments.Get("seconds", 600), burst = arguments.Get("burst", 60);
        using var log = new RunLog("label-load", arguments);
        foreach (var kind in arguments.Get("databases", "sqlite,postgres").Split(','))
        {
            if (rate > 0 && seconds > 0)
                await RunAsync(log, arguments, kind, "paced", people, arguments.Get("batch", 1), TimeSpan.FromSeconds(seconds), TimeSpan.FromSeconds((double)people / rate),
                    arguments.Get("paced-pictures", rate * seconds * 6 / 5 + 2 * people * LabelPerson.Ahead));
            if (burst > 0)
                await RunAsync(log, arguments, kind, "burst", people, arguments.Get("burst-batch", 1), TimeSpan.FromSeconds(burst), TimeSpan.Zero, burst * arguments.Get("most-per-second", 2500));
        }
    }

    private static async Task RunAsync(RunLog log, Arguments arguments, string kind, string mode, int people, int batch, TimeSpan length, TimeSpan interval, int images)
    {
        await using var project = await BenchProject.CreateAsync(kind, images, arguments.Get("opinions", 1));
        var persons = Enumerable.Range(0, people).Select(number => new LabelPerson(number, 1000 + number, batch)).ToList();
        TimeSpan processor, elapsed;
        await using (var server = await ServedProject.StartAsync(project.Root))
        {
            foreach (var person in persons) await person.ConnectAsync(server.Link, server.Token);
            var before = server.ProcessorTime;
            var clock = Stopwatch.StartNew();
            await Task.WhenAll(persons.Select((person, i) => interval > TimeSpan.Zero ? person.RunPacedAsync(interval * i / people, interval, length, clock) : person.RunHardAsync(length, clock)));
            elapsed = clock.Elapsed;
            processor = server.ProcessorTime - before;
        }
        var acknowledged = persons.SelectMany(person => person.Acknowledged).ToDictionary();
        var check = await project.CheckAsync(acknowledged);
        var answers = Sorted(persons.SelectMany(person => person.AnswerTimes));
        var due = Sorted(persons.SelectMany(person => person.DueTimes));
        var next = Sorted(persons.SelectMany(person => person.NextTimes));
        log.Add(
            ("run", $"{kind} {mode}"), ("people", people), ("batch", batch), ("seconds", elapsed.TotalSeconds), ("labels", acknowledged.Count), ("labels/s", acknowledged.Count / elapsed.TotalSeconds),
            ("p50 ms", At(answers, 0.5)), ("p99 ms", At(answers, 0.99)), ("p99.9 ms", At(answers, 0.999)), ("max ms", At(answers, 1)), ("due p99 ms", At(due, 0.99)), ("next p99 ms", At(next, 0.99)),
            ("server cpu ms/label", processor.TotalMilliseconds / Math.Max(1, acknowledged.Count)), ("retries", persons.Sum(person => person.Retries)), ("stored", check.Stored), ("lost", check.Lost),
            ("duplicated", check.Duplicated), ("chain", check.ChainWhole ? "whole" : "broken"), ("differing", check.Differing), ("load", Load()));
        foreach (var person in persons) person.Dispose();
    }

    private static double[] Sorted(IEnumerable<double> values) => [.. values.Order()];

    private static double At(double[] sorted, double share) => sorted.Length == 0 ? 0 : sorted[Math.Min(sorted.Length - 1, (int)(share * sorted.Length))];

    internal static string Load() => File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "".ToString(CultureInfo.InvariantCulture);
}
