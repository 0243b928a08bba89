using System.Collections.Concurrent;
using Curator.Core;
using Curator.Core.Images;
using Curator.Core.Labels;
using Curator.Server;
using Curator.Server.Security;
using Microsoft.Playwright;

namespace Curator.EndToEnd.Tests.Browser;

/// <summary>A real server over a real workspace, and one person's browser on its page.</summary>
internal sealed class LabelingPage : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ConcurrentQueue<string> _faults = new();
    private ICDPSession? _touch;

    public Workspace Workspace { get; private set; } = null!;

    public CuratorServer Server { get; private set; } = null!;

    public IBrowserContext Context { get; private set; } = null!;

    public IPage Page { get; private set; } = null!;

    public string PicturesFolder => _folder["pictures"];

    /// <summary>Addresses that the page asked for at other hosts, errors in its scripts, dialogs: all of them faults.</summary>
    public IReadOnlyCollection<string> Faults => _faults;

    /// <summary>The picture on top.</summary>
    public ILocator Picture => Page.Locator(".stage > .card:not(.below):not(.leaving) img");

    /// <param name="start">Whether to close the tutorial, as after the first use.</param>
    /// <param name="setUp">Changes the workspace before the server starts.</param>
    /// <param name="role">What the link allows.</param>
    /// <param name="make">Another workspace than the usual one.</param>
    /// <param name="serve">Further settings of the server.</param>
    /// <param name="at">The page that the link opens. The one for labeling takes pictures to answer, and others get what it leaves, in its time.</param>
    public static async Task<LabelingPage> OpenAsync(
        Chromium chromium,
        Func<IPlaywright, BrowserNewContextOptions> device,
        int pictures = 30,
        bool start = true,
        Func<Workspace, Task>? setUp = null,
        IReadOnlyList<string>? classes = null,
        Role role = Role.Owner,
        Func<TemporaryFolder, Task<Workspace>>? make = null,
        ServeOptions? serve = null,
        string at = "")
    {
        var opened = new LabelingPage { Context = await chromium.OpenAsync(device) };
        opened.Workspace = make is null ? await LabelingSite.MakeAsync(opened._folder, pictures, classes: classes) : await make(opened._folder);
        if (setUp is not null) await setUp(opened.Workspace);
        opened.Server = await CuratorServer.StartAsync(opened.Workspace, (serve ?? new ServeOptions()) with { Port = 0, LinkRole = role }, CancellationToken.None);
        opened.Page = await opened.Context.NewPageAsync();
        opened.Watch(opened.Page);
        await opened.Page.GotoAsync(opened.Server.Link.Replace("#", $"{at}#", StringComparison.Ordinal));
        // Who goes elsewhere before the token is exchanged has no session there.
        await Assertions.Expect(opened.Page.Locator("main:not([aria-busy='true'])")).ToBeVisibleAsync();
        if (!start) return opened;
        await opened.Page.GetByRole(AriaRole.Button, new() { Name = "Start" }).ClickAsync();
        await opened.ShowsAsync("1-0");
        return opened;
    }

    /// <summary>Another person on the same server, in a browser of their own.</summary>
    public async Task<(IBrowserContext Context, IPage Page)> JoinAsync(Chromium chromium, Func<IPlaywright, BrowserNewContextOptions> device, string link)
    {
        var context = await chromium.OpenAsync(device);
        var page = await context.NewPageAsync();
        Watch(page);
        await page.GotoAsync(link);
        return (context, page);
    }

    /// <summary>Waits until that picture is on top and drawn.</summary>
    public async Task ShowsAsync(string imageId)
    {
        await Assertions.Expect(Picture).ToHaveAttributeAsync("alt", $"Picture {imageId}");
        await Page.WaitForFunctionAsync("() => document.querySelector('.stage > .card:not(.below):not(.leaving) img')?.naturalWidth > 0");
    }

    /// <summary>Drags a finger over the top picture, as the browser would get it from a touch screen.</summary>
    /// <param name="backAgain">Whether the finger returns to where it began before it is lifted.</param>
    public async Task SwipeAsync(int dx, int dy, bool backAgain = false)
    {
        var (x, y) = await StartTouchAsync();
        await TouchAsync("touchStart", (x, y));
        const int steps = 8;
        for (var step = 1; step <= steps; step++) await TouchAsync("touchMove", (x + dx * step / steps, y + dy * step / steps));
        if (backAgain)
            for (var step = steps - 1; step >= 0; step--) await TouchAsync("touchMove", (x + dx * step / steps, y + dy * step / steps));
        await TouchAsync("touchEnd");
    }

    /// <summary>Drags a finger over the top picture and leaves it there.</summary>
    public async Task HoldSwipeAsync(int dx, int dy)
    {
        var (x, y) = await StartTouchAsync();
        await TouchAsync("touchStart", (x, y));
        for (var step = 1; step <= 8; step++) await TouchAsync("touchMove", (x + dx * step / 8f, y + dy * step / 8f));
    }

    /// <summary>Lifts the finger that <see cref="HoldSwipeAsync"/> left.</summary>
    public Task ReleaseAsync() => TouchAsync("touchEnd");

    /// <summary>Two taps, 100 ms apart by their own time stamps, however slow the machine is.</summary>
    public async Task DoubleTapAsync()
    {
        var (x, y) = await StartTouchAsync();
        var now = await Page.EvaluateAsync<double>("() => (performance.timeOrigin + performance.now()) / 1000");
        for (var tap = 0; tap < 2; tap++)
        {
            await TouchAsync("touchStart", now + 0.1 * tap, (x, y));
            await TouchAsync("touchEnd", now + 0.1 * tap + 0.02);
        }
    }

    /// <summary>Moves two fingers apart over the top picture.</summary>
    public async Task PinchAsync(int apart)
    {
        var (x, y) = await StartTouchAsync();
        await TouchAsync("touchStart", (x - 20, y));
        await TouchAsync("touchStart", (x - 20, y), (x + 20, y));
        const int steps = 6;
        for (var step = 1; step <= steps; step++)
            await TouchAsync("touchMove", (x - 20 - apart * step / (2f * steps), y), (x + 20 + apart * step / (2f * steps), y));
        await TouchAsync("touchEnd");
    }

    /// <summary>Puts a finger on the middle of one element, moves it in steps to that of another, and lifts it; a tap when they are the same.</summary>
    public async Task DragFingerAsync(ILocator from, ILocator to)
    {
        _touch ??= await Context.NewCDPSessionAsync(Page);
        var (x, y) = await MiddleAsync(from);
        var (toX, toY) = await MiddleAsync(to);
        await TouchAsync("touchStart", (x, y));
        const int steps = 6;
        for (var step = 1; step <= steps && (x, y) != (toX, toY); step++)
            await TouchAsync("touchMove", (x + (toX - x) * step / steps, y + (toY - y) * step / steps));
        await TouchAsync("touchEnd");
    }

    public async Task DragWithMouseAsync(ILocator from, ILocator to)
    {
        var (x, y) = await MiddleAsync(from);
        var (toX, toY) = await MiddleAsync(to);
        await Page.Mouse.MoveAsync(x, y);
        await Page.Mouse.DownAsync();
        await Page.Mouse.MoveAsync(toX, toY, new() { Steps = 5 });
        await Page.Mouse.UpAsync();
    }

    public async Task DragWithMouseAsync(int dx, int dy)
    {
        var box = await TopCardAsync();
        await Page.Mouse.MoveAsync(box.X + box.Width / 2, box.Y + box.Height / 2);
        await Page.Mouse.DownAsync();
        await Page.Mouse.MoveAsync(box.X + box.Width / 2 + dx, box.Y + box.Height / 2 + dy, new() { Steps = 6 });
        await Page.Mouse.UpAsync();
    }

    public Task ClickAsync(string button) => Page.GetByRole(AriaRole.Button, new() { Name = button, Exact = true }).ClickAsync();

    /// <summary>Stops the server as a kill of the machine would look from the phone, and starts it again on the same port.</summary>
    public async Task RestartServerAsync(Func<Task> meanwhile)
    {
        var port = Server.Address.Port;
        await Server.DisposeAsync();
        await meanwhile();
        Server = await CuratorServer.StartAsync(Workspace, new ServeOptions { Port = port }, CancellationToken.None);
    }

    /// <summary>Waits until the database has that many events of the task, and returns them.</summary>
    public async Task<List<LabelEvent>> EventsAsync(int count, string task = LabelingSite.TaskName)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(45));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (true)
        {
            var events = new List<LabelEvent>();
            await foreach (var entry in Workspace.Labels.GetEventsAsync(task, 0, CancellationToken.None)) events.Add(entry);
            if (events.Count >= count) return events;
            try
            {
                await timer.WaitForNextTickAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"{events.Count} events came instead of {count}.");
            }
        }
    }

    /// <summary>Checks the present answers: value by row, null for unsure; nothing else may be there. Also that projection and hash chain hold.</summary>
    public async Task HasAnswersAsync(IReadOnlyDictionary<int, string?> expected)
    {
        var states = await Workspace.Labels.GetStatesAsync(LabelingSite.TaskName, CancellationToken.None);
        Assert.Equal(
            expected.OrderBy(entry => entry.Key).Select(entry => (new ImageId(1, entry.Key), entry.Value)),
            states.OrderBy(state => state.Image).Select(state => (state.Image, state.Value)));
        Assert.Empty(await Workspace.Labels.VerifyProjectionAsync(CancellationToken.None));
        Assert.Null(await Workspace.Labels.VerifyChainAsync(CancellationToken.None));
    }

    public async ValueTask DisposeAsync()
    {
        await Context.DisposeAsync();
        if (Server is not null) await Server.DisposeAsync();
        if (Workspace is not null) await Workspace.DisposeAsync();
        _folder.Dispose();
    }

    private static async Task<(float X, float Y)> MiddleAsync(ILocator element)
    {
        var box = await element.BoundingBoxAsync() ?? throw new InvalidOperationException("The element is not shown.");
        return (box.X + box.Width / 2, box.Y + box.Height / 2);
    }

    private void Watch(IPage page)
    {
        page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith(Server.Address.AbsoluteUri, StringComparison.Ordinal) && !request.Url.StartsWith("blob:", StringComparison.Ordinal))
                _faults.Enqueue($"request to {request.Url}");
        };
        page.PageError += (_, error) => _faults.Enqueue(error);
        page.Dialog += async (_, dialog) =>
        {
            _faults.Enqueue($"dialog: {dialog.Message}");
            await dialog.DismissAsync();
        };
    }

    /// <summary>Opens the way to the touch screen; returns the middle of the top picture.</summary>
    private async Task<(float X, float Y)> StartTouchAsync()
    {
        _touch ??= await Context.NewCDPSessionAsync(Page);
        var box = await TopCardAsync();
        return (box.X + box.Width / 2, box.Y + box.Height / 2);
    }

    /// <summary>Where the top card comes to rest: after a swipe that was no answer it springs back, and a touch must not aim at where it was on its way.</summary>
    private async Task<LocatorBoundingBoxResult> TopCardAsync()
    {
        var card = Page.Locator(".stage > .card:not(.below):not(.leaving)");
        await card.EvaluateAsync("""
            card => new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))
              .then(() => Promise.all(card.getAnimations().map(motion => motion.finished.catch(() => null))))
              .then(() => null)
            """);
        return await card.BoundingBoxAsync() ?? throw new InvalidOperationException("No card is shown.");
    }

    private Task TouchAsync(string type, params (float X, float Y)[] points) => TouchAsync(type, null, points);

    /// <param name="at">When it happened, seconds since 1970; null for now.</param>
    private async Task TouchAsync(string type, double? at, params (float X, float Y)[] points)
    {
        var arguments = new Dictionary<string, object>
        {
            ["type"] = type,
            ["touchPoints"] = points.Select((point, id) => new Dictionary<string, object> { ["x"] = point.X, ["y"] = point.Y, ["id"] = id }).ToArray(),
        };
        if (at is { } seconds) arguments["timestamp"] = seconds;
        await _touch!.SendAsync("Input.dispatchTouchEvent", arguments);
    }
}
