using System.Globalization;
using Curator.Core;
using Curator.Core.Images;
using Curator.Core.Labels;
using Curator.Core.Shards;
using Curator.Imagery.Ingest;
using Curator.Server;
using Microsoft.Playwright;

namespace Curator.Benchmarks.Page;

/// <summary>
/// From lifting the finger, pressing a key or confirming a page of thumbnails to the frame with the next picture, in Chromium without GPU against the real server on this machine;
/// and what a first visit fetches. Pictures of 768 × 768 pixels, which a phone asks for at 1024.
/// Options: <c>[--swipes 200] [--pause 350] [--chromium /usr/bin/chromium] [--slowdown 1,4] [--lighthouse PROGRAM]</c>; pause in milliseconds, slowdown of the page's processor as developer tools do it.
/// </summary>
internal static class PageSuite
{
    public static void Run(Arguments arguments) => RunAsync(arguments, CancellationToken.None).GetAwaiter().GetResult();

    private static async Task RunAsync(Arguments arguments, CancellationToken cancellationToken)
    {
        var swipes = arguments.Get("swipes", 200);
        var chromium = arguments.Get("chromium", "/usr/bin/chromium");
        var folder = Directory.CreateTempSubdirectory("curator-page-");
        try
        {
            await using var workspace = await MakeAsync(folder.FullName, swipes + 60, cancellationToken);
            await using var server = await CuratorServer.StartAsync(workspace, new ServeOptions { Port = 0 }, cancellationToken);
            using var log = new RunLog("page", arguments);
            using var playwright = await Playwright.CreateAsync();
            await using var browser = await playwright.Chromium.LaunchAsync(
                new() { ExecutablePath = chromium, Args = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"] });
            log.Add(("browser", "Chromium"), ("version", browser.Version), ("load", File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Trim() : ""));
            foreach (var slowdown in arguments.GetList("slowdown", 1, 4))
                foreach (var way in Enum.GetValues<Way>())
                {
                    var task = await AddTaskAsync(workspace, $"{way}-{slowdown}".ToLowerInvariant(), swipes + 60, cancellationToken);
                    await using var context = await browser.NewContextAsync(playwright.Devices["Pixel 7"]);
                    await using var session = await PageSession.OpenAsync(context, await server.CreateLinkAsync(Server.Security.Role.Labeler, task, TimeSpan.FromHours(1), cancellationToken), slowdown);
                    var times = await session.MeasureAsync(way, way is Way.Grid ? Math.Max(5, swipes / 12) : swipes, arguments.Get("pause", 350));
                    log.Add(
                        ("way", way.ToString().ToLowerInvariant()), ("slowdown", slowdown), ("count", times.Length), ("median ms", Quantile(times, 0.5)),
                        ("p95 ms", Quantile(times, 0.95)), ("largest ms", times.Max()), ("first picture ms", session.FirstPicture), ("bytes", session.Bytes));
                }
            var program = Path.GetFullPath(arguments.Get("lighthouse", "bench/page/node_modules/lighthouse/cli/index.js"));
            var audited = await AddTaskAsync(workspace, "audited", 40, cancellationToken);
            var link = await server.CreateLinkAsync(Server.Security.Role.Labeler, audited, TimeSpan.FromHours(1), cancellationToken);
            if (await Lighthouse.RunAsync(program, chromium, link, cancellationToken) is { } figures) log.Add(figures);
            else Console.Error.WriteLine("Lighthouse is not installed: npm ci --prefix bench/page");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static double Quantile(double[] values, double share)
    {
        var sorted = values.Order().ToArray();
        return sorted[(int)Math.Ceiling(share * sorted.Length) - 1];
    }

    private static async Task<Workspace> MakeAsync(string folder, int pictures, CancellationToken cancellationToken)
    {
        var workspace = await Workspace.InitAsync(Path.Combine(folder, "project"), TimeProvider.System, cancellationToken);
        var source = Path.Combine(folder, "pictures");
        for (var i = 0; i < pictures; i++) DrawnPicture.Write(Path.Combine(source, i.ToString("D4", CultureInfo.InvariantCulture) + ".jpg"), 768, i);
        await Ingest.AddAsync(workspace, new IngestOptions { Roots = [source] }, new PoolEngine(Environment.ProcessorCount), null, cancellationToken);
        return workspace;
    }

    private static async Task<string> AddTaskAsync(Workspace workspace, string name, int pictures, CancellationToken cancellationToken)
    {
        var partition = (await workspace.Catalog.GetPartitionsAsync(cancellationToken)).Single();
        await workspace.Labels.GetOrAddTaskAsync(new LabelingTask(name, "Is it round?", ["yes", "no"], null, null, "", TimeProvider.System.GetUtcNow()), cancellationToken);
        await workspace.Labels.StartRoundAsync(
            name, 0, [.. Enumerable.Range(0, pictures).Select(row => new QueueItem(name, 0, row, new ImageId(partition.Number, row), 0.5f, "random"))], cancellationToken);
        return name;
    }
}
