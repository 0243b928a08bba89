using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(Curator.EndToEnd.Tests.Browser.Chromium))]

namespace Curator.EndToEnd.Tests.Browser;

/// <summary>The installed Chromium, started once for all tests that ask for it.</summary>
public sealed class Chromium : IAsyncDisposable
{
    /// <summary>No network but the tests' own servers, no first-run pages; the sandbox needs rights that a container's root does not have.</summary>
    internal static readonly string[] Flags =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ];

    private readonly SemaphoreSlim _once = new(1);
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    /// <summary>A busy machine draws late; what is waited for is named by each test, how long is not.</summary>
    private const float Patience = 30_000;

    static Chromium() => Assertions.SetDefaultExpectTimeout(Patience);

    /// <summary>The installed program, or null.</summary>
    public static string? Path { get; } =
        new[] { Environment.GetEnvironmentVariable("CURATOR_CHROMIUM"), "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome" }
            .FirstOrDefault(path => path is not null && File.Exists(path));

    /// <summary>A new profile of that kind; the test is skipped where no Chromium is installed.</summary>
    public async Task<IBrowserContext> OpenAsync(Func<IPlaywright, BrowserNewContextOptions> options)
    {
        Assert.SkipWhen(Path is null, "no Chromium is installed: apt-get install chromium, or name one in CURATOR_CHROMIUM");
        await _once.WaitAsync();
        try
        {
            _playwright ??= await Playwright.CreateAsync();
            _browser ??= await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = Path, Args = Flags });
        }
        finally
        {
            _once.Release();
        }
        return await _browser.NewContextAsync(options(_playwright));
    }

    /// <summary>A phone held upright, with touch.</summary>
    public static BrowserNewContextOptions Phone(IPlaywright playwright) => playwright.Devices["Pixel 7"];

    /// <summary>A desktop with a mouse and a keyboard.</summary>
    public static BrowserNewContextOptions Desktop(IPlaywright playwright) => new() { ViewportSize = new() { Width = 1280, Height = 800 } };

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null) await _browser.DisposeAsync();
        _playwright?.Dispose();
        _once.Dispose();
    }
}
