using System.Diagnostics;
using Curator.Core.Databases;
using Curator.Core.Images;
using Curator.Core.Labels;

namespace Curator.Benchmarks.LabelServer;

/// <summary>
/// Group commit against a commit a label, in turns on the same machine: closed loops of so many callers in this process, one label a call, all as durable. The peer stores one plain row a transaction, without hash, projection
/// or counts, as a web framework with one transaction a request would. Options: <c>[--callers 200] [--seconds 5] [--rounds 3] [--databases sqlite,postgres]</c>.
/// </summary>
internal static class LabelCommitSuite
{
    public static void Run(Arguments arguments) => RunAsync(arguments).GetAwaiter().GetResult();

    private static async Task RunAsync(Arguments arguments)
    {
        int callers = arguments.Get("callers", 200), rounds = arguments.Get("rounds", 3);
        var length = TimeSpan.FromSeconds(arguments.Get("seconds", 5));
        using var log = new RunLog("label-commit", arguments);
        foreach (var kind in arguments.Get("databases", "sqlite,postgres").Split(','))
        {
            await using var project = await BenchProject.CreateAsync(kind, 1000, opinions: 1);
            await using var workspace = await project.OpenAsync();
            await workspace.Database.WriteAsync(connection => connection.ExecuteAsync("CREATE TABLE plain (op TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL)", CancellationToken.None), CancellationToken.None);
            for (var round = 0; round < rounds; round++)
            {
                var grouped = await RateAsync(callers, length, (caller, i) => workspace.Labels.AppendAsync(
                    new NewLabelEvent($"{round}-{caller}-{i}", BenchProject.Task, new ImageId(1, i % 1000), $"p{caller}", "s", LabelEventKind.Label, "yes"), CancellationToken.None));
                var single = await RateAsync(callers, length, (caller, i) => workspace.Database.WriteAsync(
                    connection => connection.ExecuteAsync("INSERT INTO plain (op, value) VALUES (@op, 'yes')", CancellationToken.None, ("op", $"{round}-{caller}-{i}")), CancellationToken.None));
                log.Add(("run", $"{kind} {round}"), ("callers", callers), ("grouped labels/s", grouped), ("single labels/s", single), ("ratio", grouped / single), ("load", LabelLoadSuite.Load()));
            }
        }
    }

    private static async Task<double> RateAsync(int callers, TimeSpan length, Func<int, int, Task> store)
    {
        var clock = Stopwatch.StartNew();
        var counts = await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(async () =>
        {
            var stored = 0;
            for (; clock.Elapsed < length; stored++) await store(caller, stored);
            return stored;
        })));
        return counts.Sum() / clock.Elapsed.TotalSeconds;
    }
}
