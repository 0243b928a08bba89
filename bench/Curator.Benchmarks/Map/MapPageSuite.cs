using Curator.Core;
using Curator.Search.Maps;
using Curator.Server;
using Microsoft.Playwright;

namespace Curator.Benchmarks.Map;

/// <summary>
/// The map page with very many points in Chromium without GPU against the real server on this machine: from opening to the first paint, frames while panning, and picks. Places are drawn from a
/// mixture of Gaussians; there are no pictures behind them. Options: <c>[--points 1000000] [--frames 120] [--picks 300] [--renderers raster,webgl] [--chromium /usr/bin/chromium]</c>;
/// webgl is done in software here and shown to say why it is not chosen.
/// </summary>
internal static class MapPageSuite
{
    /// <summary>Times between frames, and how long a movement of the mouse keeps the page busy, which is the look for the nearest point and the showing of its picture.</summary>
    private const string Clock = """
        window.frames = [];
        window.watchFrames = () => { let last = performance.now(); const next = now => { frames.push(now - last); last = now; requestAnimationFrame(next); }; requestAnimationFrame(next); };
        window.pick = count => {
          const canvas = document.querySelector('.map-touch'), box = canvas.getBoundingClientRect(), times = [];
          for (let i = 0; i < count; i++) {
            const [clientX, clientY] = [box.x + (i * 7919 % box.width), box.y + (i * 104729 % box.height)];
            const before = performance.now();
            canvas.dispatchEvent(new PointerEvent('pointermove', { clientX, clientY, pointerType: 'mouse', bubbles: true }));
            times.push(performance.now() - before);
          }
          return times;
        };
        """;

    public static void Run(Arguments arguments) => RunAsync(arguments, CancellationToken.None).GetAwaiter().GetResult();

    private static async Task RunAsync(Arguments arguments, CancellationToken cancellationToken)
    {
        var points = arguments.Get("points", 1_000_000);
        var folder = Directory.CreateTempSubdirectory("curator-map-");
        try
        {
            await using var workspace = await Workspace.InitAsync(folder.FullName, TimeProvider.System, cancellationToken);
            await MakeAsync(workspace, points, cancellationToken);
            await using var server = await CuratorServer.StartAsync(workspace, new ServeOptions { Port = 0 }, cancellationToken);
            using var log = new RunLog("map-page", arguments);
            using var playwright = await Playwright.CreateAsync();
            foreach (var renderer in arguments.Get("renderers", "raster,webgl").Split(','))
            {
                string[] drawing = renderer == "webgl" ? ["--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"] : ["--disable-gpu"];
                await using var browser = await playwright.Chromium.LaunchAsync(
                    new() { ExecutablePath = arguments.Get("chromium", "/usr/bin/chromium"), Args = ["--no-sandbox", "--no-first-run", "--disable-background-networking", .. drawing] });
                await using var context = await browser.NewContextAsync(new() { ViewportSize = new() { Width = 1280, Height = 800 } });
                var page = await context.NewPageAsync();
                await page.AddInitScriptAsync(Clock);
                await page.GotoAsync(await server.CreateLinkAsync(Server.Security.Role.Owner, null, TimeSpan.FromHours(1), cancellationToken));
                await page.Locator("main").First.WaitForAsync();
                for (var visit = 1; visit <= 3; visit++) await VisitAsync(page, server, renderer, visit, points, arguments, log);
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task VisitAsync(IPage page, CuratorServer server, string renderer, int visit, int points, Arguments arguments, RunLog log)
    {
        await page.GotoAsync($"{server.Address}map?renderer={renderer}");
        await page.WaitForFunctionAsync("() => performance.getEntriesByName('map-drawn').length > 0", null, new() { Timeout = 120_000 });
        var drawn = await page.EvaluateAsync<double>("() => performance.getEntriesByName('map-drawn')[0].startTime");
        var arrived = await page.EvaluateAsync<double>("() => performance.getEntriesByType('resource').find(entry => entry.name.endsWith('/points')).responseEnd");
        var bytes = await page.EvaluateAsync<long>("() => performance.getEntriesByType('resource').find(entry => entry.name.endsWith('/points')).encodedBodySize");
        var used = await page.Locator(".map-points").GetAttributeAsync("data-renderer") ?? "";
        await page.WaitForTimeoutAsync(1_000);
        var box = await page.Locator(".map-touch").BoundingBoxAsync() ?? throw new InvalidOperationException("No map is shown.");
        var (x, y) = (box.X + (box.Width / 2), box.Y + (box.Height / 2));
        await page.Mouse.MoveAsync(x, y);
        await page.Mouse.DownAsync();
        await page.EvaluateAsync("() => watchFrames()");
        var frames = arguments.Get("frames", 120);
        for (var i = 1; i <= frames; i++)
        {
            await page.Mouse.MoveAsync(x + (120 * MathF.Sin(i / 9f)), y + (90 * MathF.Cos(i / 9f)));
            await page.EvaluateAsync("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))");
        }

        await page.Mouse.UpAsync();
        var times = await page.EvaluateAsync<double[]>("() => frames.slice(2)");
        var picks = await page.EvaluateAsync<double[]>($"() => pick({arguments.Get("picks", 300)})");
        log.Add(
            ("renderer", used), ("visit", visit), ("points", points), ("MB sent", bytes / 1e6), ("first paint ms", drawn), ("after data ms", drawn - arrived), ("frame median ms", Quantile(times, 0.5)),
            ("frame p95 ms", Quantile(times, 0.95)), ("pick median ms", Quantile(picks, 0.5)), ("pick p95 ms", Quantile(picks, 0.95)));
    }

    private static async Task MakeAsync(Workspace workspace, int points, CancellationToken cancellationToken)
    {
        const int Clusters = 60;
        var partition = await workspace.Catalog.GetOrAddPartitionAsync("bench", "native", "all", cancellationToken);
        var encoder = await workspace.Catalog.AddEncoderAsync("bench", new string('b', 64), 8, cancellationToken);
        var random = new Random(1);
        var middles = new float[2 * Clusters];
        for (var i = 0; i < middles.Length; i++) middles[i] = 100 * Normal();
        var (rows, positions, clusters, groups) = (new uint[points], new float[2 * points], new int[points], new int[points]);
        for (var i = 0; i < points; i++)
        {
            (rows[i], clusters[i]) = ((uint)i, random.Next(Clusters));
            groups[i] = clusters[i] - 1;
            positions[2 * i] = middles[2 * clusters[i]] + (12 * Normal());
            positions[(2 * i) + 1] = middles[(2 * clusters[i]) + 1] + (12 * Normal());
        }

        var info = new MapInfo(encoder.Id, new MapOptions(), [new MapPartition(partition.Number, points, points, new string('e', 64))], Clusters, Clusters - 1, 0, 0, 1, 1, null);
        MapFile.Write(workspace.MapPath(encoder.Id, "tsne"), info, new string('f', 64), rows, positions, clusters, groups, []);

        float Normal() => (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
    }

    private static double Quantile(double[] values, double share)
    {
        var sorted = values.Order().ToArray();
        return sorted[(int)Math.Ceiling(share * sorted.Length) - 1];
    }
}
