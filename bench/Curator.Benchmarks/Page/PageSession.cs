using System.Globalization;
using Microsoft.Playwright;

namespace Curator.Benchmarks.Page;

/// <summary>One person's page on a phone profile, with a clock in it.</summary>
internal sealed class PageSession : IAsyncDisposable
{
    /// <summary>
    /// Keeps the time from an event's own time stamp to the task after the frame in which the picture on top (or every thumbnail) is another one and decoded.
    /// A message that is posted within a frame's callbacks is taken after the frame is painted.
    /// </summary>
    private const string Clock = """
        window.measured = [];
        const pictures = () => [...document.querySelectorAll('.stage > .card:not(.below):not(.leaving) img, .tile img')];
        const drawn = list => list.length > 0 && list.every(image => image.complete && image.naturalWidth > 0);
        const afterFrame = then => requestAnimationFrame(() => { const pipe = new MessageChannel(); pipe.port1.onmessage = then; pipe.port2.postMessage(0); });
        function time(type, wanted) {
          addEventListener(type, event => {
            if (!wanted(event)) return;
            const before = pictures().map(image => image.src).join();
            const look = () => {
              const now = pictures();
              if (drawn(now) && now.map(image => image.src).join() !== before) {
                const pipe = new MessageChannel();
                pipe.port1.onmessage = () => measured.push(performance.now() - event.timeStamp);
                pipe.port2.postMessage(0);
              } else requestAnimationFrame(look);
            };
            requestAnimationFrame(look);
          }, { capture: true });
        }
        time('pointerup', event => event.target.closest('.card') && event.pointerType === 'touch');
        time('keydown', event => event.key === 'ArrowRight');
        time('click', event => event.target.closest('.confirm'));
        const first = () => drawn(pictures()) ? afterFrame(() => window.firstPicture = performance.now()) : requestAnimationFrame(first);
        first();
        """;

    private readonly IPage _page;
    private readonly ICDPSession _tools;

    private PageSession(IPage page, ICDPSession tools) => (_page, _tools) = (page, tools);

    /// <summary>Milliseconds from opening the link to the first picture drawn, nothing in any cache.</summary>
    public double FirstPicture { get; private set; }

    /// <summary>What was fetched until then, without pictures, as it went over the wire.</summary>
    public long Bytes { get; private set; }

    /// <param name="slowdown">How many times slower the page's processor is to seem.</param>
    public static async Task<PageSession> OpenAsync(IBrowserContext context, string link, int slowdown)
    {
        var page = await context.NewPageAsync();
        await page.AddInitScriptAsync(Clock);
        var tools = await context.NewCDPSessionAsync(page);
        if (slowdown > 1) await tools.SendAsync("Emulation.setCPUThrottlingRate", new() { ["rate"] = slowdown });
        await page.GotoAsync(link);
        await page.WaitForFunctionAsync("() => window.firstPicture > 0");
        var session = new PageSession(page, tools)
        {
            FirstPicture = await page.EvaluateAsync<double>("() => window.firstPicture"),
            Bytes = await page.EvaluateAsync<long>("""
                () => [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
                  .filter(entry => !entry.name.includes('/picture') && !entry.name.includes('/icon')).reduce((sum, entry) => sum + entry.transferSize, 0)
                """),
        };
        await page.GetByRole(AriaRole.Button, new() { Name = "Start" }).ClickAsync();
        return session;
    }

    /// <summary>Milliseconds of each answer.</summary>
    /// <param name="pause">Milliseconds between the drawing of a picture and its answer.</param>
    public async Task<double[]> MeasureAsync(Way way, int count, int pause)
    {
        if (way is Way.Grid)
        {
            await _page.GetByRole(AriaRole.Button, new() { Name = "View" }).ClickAsync();
            await _page.GetByRole(AriaRole.Button, new() { Name = "Many at once" }).ClickAsync();
            await _page.GetByRole(AriaRole.Button, new() { Name = "Start" }).ClickAsync();
        }
        await _page.WaitForTimeoutAsync(1_500); // the pictures at hand have come
        for (var i = 0; i < count; i++)
        {
            if (way is Way.Touch) await SwipeAsync();
            else if (way is Way.Key) await _page.Keyboard.PressAsync("ArrowRight");
            else await _page.Locator(".confirm").TapAsync();
            await _page.WaitForFunctionAsync($"() => measured.length > {i.ToString(CultureInfo.InvariantCulture)}");
            await _page.WaitForTimeoutAsync(pause);
        }
        return await _page.EvaluateAsync<double[]>("() => measured");
    }

    public async ValueTask DisposeAsync()
    {
        await _tools.DetachAsync();
        await _page.CloseAsync();
    }

    private async Task SwipeAsync()
    {
        var box = await _page.Locator(".stage > .card:not(.below):not(.leaving)").BoundingBoxAsync() ?? throw new InvalidOperationException("No card is shown.");
        var (x, y) = (box.X + box.Width / 2, box.Y + box.Height / 2);
        await TouchAsync("touchStart", x, y);
        for (var step = 1; step <= 6; step++) await TouchAsync("touchMove", x + 200 * step / 6, y);
        await TouchAsync("touchEnd");
    }

    private async Task TouchAsync(string type, params float[] point) => await _tools.SendAsync("Input.dispatchTouchEvent", new()
    {
        ["type"] = type,
        ["touchPoints"] = point.Length == 0 ? Array.Empty<object>() : [new Dictionary<string, object> { ["x"] = point[0], ["y"] = point[1], ["id"] = 0 }],
    });
}
