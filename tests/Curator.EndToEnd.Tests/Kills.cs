using System.Diagnostics;

namespace Curator.EndToEnd.Tests;

/// <summary>Kills a verb with SIGKILL at seeded random points of its run and starts it again, until it has been killed often enough.</summary>
internal static class Kills
{
    /// <summary>At least so many a stage.</summary>
    public const int Least = 20;

    /// <summary>Runs the verb undisturbed on a copy of the project.</summary>
    /// <returns>The copy, and how long it took: what the delays of the kills are drawn from.</returns>
    public static async Task<(string Root, TimeSpan Time)> UndisturbedAsync(ScratchProject project, IReadOnlyList<string> line)
    {
        var root = project.Copy();
        var watch = Stopwatch.StartNew();
        (await CuratorProcess.RunAsync(root, line)).Expect(0);
        return (root, watch.Elapsed);
    }

    /// <summary>Whether a working folder of that name holds files.</summary>
    public static Func<string, bool> WorkIn(string pattern) => root =>
        Directory.Exists(Path.Combine(root, ".work")) && Directory.EnumerateDirectories(Path.Combine(root, ".work"), pattern).Any(HasFiles);

    /// <summary>Waits for a condition on files that another process writes.</summary>
    public static Task UntilAsync(Func<bool> condition) => UntilAsync(() => Task.FromResult(condition()));

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (!await condition()) await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>
    /// Starts the verb on a copy, kills it after a random part of <paramref name="undisturbed"/> (a run that goes on has less to do, so that its end is met too), starts it again, and so on to its end; then takes the next copy, until there
    /// were <see cref="Least"/> kills. Every other time the part is counted from when its work is seen: how long a start takes depends on what else the machine does.
    /// </summary>
    /// <param name="begun">Whether the copy holds work of a run that did not end.</param>
    /// <param name="check">Compares a copy that came to its end with the undisturbed one.</param>
    public static async Task ScatterAsync(
        ScratchProject project, IReadOnlyList<string> line, TimeSpan undisturbed, int seed, Func<string, Task<bool>> begun, Func<string, Task> check)
    {
        var random = new Random(seed);
        int starts = 0, kills = 0, inTheMiddle = 0, ends = 0;
        while (kills < Least || ends == 0)
        {
            var root = project.Copy();
            while (true)
            {
                await using var process = CuratorProcess.Start(root, line);
                var part = 0.05 + 0.8 * random.NextDouble();
                if (kills < Least && starts++ % 2 == 1)
                {
                    await UntilAsync(async () => process.HasEnded || await begun(root));
                    part /= 2;
                }
                if (kills < Least && await process.KillAfterAsync(undisturbed * part))
                {
                    kills++;
                    if (await begun(root)) inTheMiddle++;
                    continue;
                }
                (await process.EndAsync()).Expect(0);
                break;
            }
            await check(root);
            ends++;
            Directory.Delete(root, recursive: true);
        }
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{line[0]}: undisturbed {undisturbed.TotalSeconds:0.0} s; {kills} kills, {inTheMiddle} of them with work under way; {ends} copies came to their end");
        // A kill before the work begins, or after it ends, proves little: a fair share must fall between.
        Assert.True(inTheMiddle >= Least / 5, $"only {inTheMiddle} of {kills} kills fell into the work");
    }

    private static bool HasFiles(string folder)
    {
        try
        {
            return Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Any();
        }
        catch (DirectoryNotFoundException)
        {
            return false; // The other process has just come to its end.
        }
    }
}
