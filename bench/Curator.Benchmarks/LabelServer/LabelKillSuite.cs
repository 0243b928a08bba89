using System.Diagnostics;

namespace Curator.Benchmarks.LabelServer;

/// <summary>
/// SIGKILL of the serving process during labeling, again and again: half of the kills between requests, half while one is under way. After each start it is measured how long the first label takes
/// from the start of the process to its receipt; at the end the database is checked against every receipt. Options: <c>[--kills 1000] [--databases sqlite,postgres]</c>.
/// </summary>
internal static class LabelKillSuite
{
    private const int Images = 2_000;
    private const int FullOutbox = 90;

    public static void Run(Arguments arguments) => RunAsync(arguments).GetAwaiter().GetResult();

    private static async Task RunAsync(Arguments arguments)
    {
        using var log = new RunLog("label-kills", arguments);
        foreach (var kind in arguments.Get("databases", "sqlite,postgres").Split(',')) await RunAsync(log, kind, arguments.Get("kills", 1000));
    }

    private static async Task RunAsync(RunLog log, string kind, int kills)
    {
        await using var project = await BenchProject.CreateAsync(kind, Images, opinions: 1);
        using var person = new LabelPerson(1, 77, FullOutbox);
        var starts = new List<double>();
        var token = "";
        var unanswered = 0;
        for (var life = 0; life <= kills; life++)
        {
            var clock = Stopwatch.GetTimestamp();
            await using var server = await ServedProject.StartAsync(project.Root);
            if (token.Length == 0) token = server.Token;
            await person.ConnectAsync(server.Link, token);
            person.DrawAny(1, Images); // with what waits since the kill
            await person.FlushAsync();
            starts.Add(Stopwatch.GetElapsedTime(clock).TotalMilliseconds);
            for (var batch = 0; batch < 2; batch++)
            {
                person.DrawAny(3, Images);
                await person.FlushAsync();
            }
            if (life == kills) break;
            if (life % 2 == 0)
            {
                await server.KillAsync();
                continue;
            }
            person.DrawAny(FullOutbox, Images);
            var median = person.AnswerTimes.TakeLast(50).Order().ElementAt(Math.Min(24, person.AnswerTimes.Count / 2));
            var request = person.TrySendAsync();
            await Task.Delay(TimeSpan.FromMilliseconds(2 * median * person.Uniform()));
            await server.KillAsync();
            if (!await request) unanswered++;
            if (life % 100 == 99) Report(log, $"{kind}, {life + 1} kills", starts, unanswered, person, null);
        }
        Report(log, $"{kind}, {kills} kills, end", starts, unanswered, person, await project.CheckAsync(person.Acknowledged));
    }

    private static void Report(RunLog log, string run, List<double> starts, int unanswered, LabelPerson person, LabelCheck? check)
    {
        var sorted = starts.Order().ToArray();
        log.Add(
            ("run", run), ("unanswered", unanswered), ("acknowledged", person.Acknowledged.Count), ("first label p50 ms", sorted[sorted.Length / 2]),
            ("first label p99 ms", sorted[Math.Min(sorted.Length - 1, (int)(0.99 * sorted.Length))]), ("first label max ms", sorted[^1]), ("stored", check?.Stored ?? -1), ("lost", check?.Lost ?? -1),
            ("duplicated", check?.Duplicated ?? -1), ("chain", check is null ? "" : check.ChainWhole ? "whole" : "broken"), ("differing", check?.Differing ?? -1), ("load", LabelLoadSuite.Load()));
    }
}
