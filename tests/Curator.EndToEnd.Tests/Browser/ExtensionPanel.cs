using System.Collections.Concurrent;
using System.Security.Cryptography;
using Curator.Core;
using Curator.Core.Images;
using Curator.Core.Manifests;
using Curator.Core.Shards;
using Curator.Imagery.Gibs;
using Curator.Imagery.Thumbnails;
using Curator.Learning.Embedding;
using Curator.Learning.Encoders;
using Curator.Server;
using Curator.Server.Security;
using Curator.Tests.StandIns;
using Microsoft.Playwright;

namespace Curator.EndToEnd.Tests.Browser;

/// <summary>
/// A browser with the extension as <c>curator extension</c> writes it, a page that stands for Worldview under its real address, a server over a project of tiles of the whole Earth, and a stand-in for the
/// imagery server that they came from.
/// </summary>
internal sealed class ExtensionPanel : IAsyncDisposable
{
    public const string Layer = GibsStandIn.DailyPng;
    public const string Day = "2020-09-27";

    /// <summary>Degrees that a tile of the project is wide: one of level 3 of the layer.</summary>
    public const int TileDegrees = 36;
    private const int Columns = 360 / TileDegrees;

    private readonly TemporaryFolder _folder = new();
    private readonly ConcurrentQueue<string> _faults = new();
    private IPlaywright? _playwright;
    private bool _stopped;

    public Workspace Workspace { get; private set; } = null!;

    public CuratorServer Server { get; private set; } = null!;

    public GibsStandIn Imagery { get; private set; } = null!;

    public IBrowserContext Context { get; private set; } = null!;

    public IPage Worldview { get; private set; } = null!;

    public IPage Panel { get; private set; } = null!;

    /// <summary>Requests of the panel to anybody but the server, errors in its scripts, dialogs.</summary>
    public IReadOnlyCollection<string> Faults => _faults;

    /// <summary>Id of the tile at that place of the grid, from the upper left.</summary>
    public static string TileAt(int row, int column) => $"2-{row * Columns + column}";

    /// <param name="imagery">Owned; a patchwork with another pattern in each tile when null.</param>
    /// <param name="tileDegrees">How wide tiles are; a part of 180.</param>
    public static async Task<ExtensionPanel> OpenAsync(GibsImagery? imagery = null, Role role = Role.Owner, string layer = Layer, int tileDegrees = TileDegrees)
    {
        Assert.SkipWhen(Chromium.Path is null, "no Chromium is installed: apt-get install chromium, or name one in CURATOR_CHROMIUM");
        var opened = new ExtensionPanel();
        opened.Imagery = await GibsStandIn.StartAsync(imagery ?? opened.Patchwork());
        opened.Workspace = await LabelingSite.MakeAsync(opened._folder, pictures: 4);
        var gibs = new GibsOptions
        {
            Address = opened.Imagery.Address, Cache = opened._folder["gibs"], Pause = TimeSpan.FromMilliseconds(2), Patience = TimeSpan.FromSeconds(5), Bandwidth = 10_000,
        };
        await opened.AddTilesAsync(gibs, layer, tileDegrees);
        opened.Server = await CuratorServer.StartAsync(opened.Workspace, new ServeOptions { Port = 0, LinkRole = role }, gibs, CancellationToken.None);
        await opened.OpenBrowserAsync();
        return opened;
    }

    /// <summary>Pastes the link that <c>serve</c> prints.</summary>
    public async Task ConnectAsync()
    {
        await Panel.GetByLabel("Link or token").FillAsync(Server.Link);
        await Assertions.Expect(Panel.GetByLabel("Server", new() { Exact = true })).ToHaveValueAsync(Server.Address.GetLeftPart(UriPartial.Authority));
        await ClickAsync("Connect");
        await Assertions.Expect(Panel.GetByRole(AriaRole.Button, new() { Name = "Disconnect" })).ToBeVisibleAsync();
    }

    /// <summary>The map moves: as Worldview does it, without loading anything.</summary>
    public Task ShowAsync(string query) => Worldview.EvaluateAsync("query => history.replaceState(null, '', query)", query);

    /// <summary>What the address says when the map shows one tile of the grid.</summary>
    public static string ViewOf(int row, int column, string layer = Layer) =>
        $"?v={-180 + column * TileDegrees},{90 - (row + 1) * TileDegrees},{-180 + (column + 1) * TileDegrees},{90 - row * TileDegrees}&l=Coastlines_15m,{layer}&t={Day}-T00%3A00%3A00Z";

    public Task ClickAsync(string button) => Panel.GetByRole(AriaRole.Button, new() { Name = button, Exact = true }).ClickAsync();

    public ILocator Tiles => Panel.Locator(".tiles .tile");

    public ILocator Tray(string name) => Panel.GetByRole(AriaRole.Group, new() { Name = name, Exact = true });

    public Task AlertAsync(string text) => Assertions.Expect(Panel.GetByRole(AriaRole.Alert).Filter(new() { HasText = text })).ToBeVisibleAsync();

    /// <summary>As when `serve` was ended.</summary>
    public async Task StopServerAsync()
    {
        _stopped = true;
        await Server.DisposeAsync();
    }

    /// <summary>Waits for the view's picture.</summary>
    public Task PreviewAsync() => Assertions.Expect(Panel.Locator(".map img")).ToBeVisibleAsync();

    public async ValueTask DisposeAsync()
    {
        if (Context is not null) await Context.DisposeAsync();
        _playwright?.Dispose();
        if (Server is not null && !_stopped) await Server.DisposeAsync();
        if (Workspace is not null) await Workspace.DisposeAsync();
        if (Imagery is not null) await Imagery.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>The Earth as patches of the tiles' size, each of its own colours: the same at every zoom, and no two alike.</summary>
    private GibsImagery Patchwork()
    {
        const int patch = 64, width = Columns * patch, height = width / 2;
        var rgb = new byte[3 * width * height];
        for (var y = 0; y < height; y++)
            for (var x = 0; x < width; x++)
            {
                var (cell, at) = (y / patch * Columns + x / patch, 3 * (y * width + x));
                var stripe = (x * (cell % 3) + y * (cell % 4)) / 6 % 2 * 30;
                (rgb[at], rgb[at + 1], rgb[at + 2]) = ((byte)(40 + cell * 53 % 180 + stripe), (byte)(40 + cell * 97 % 180 + stripe), (byte)(40 + cell * 139 % 180));
            }
        var path = _folder["world.png"];
        File.WriteAllBytes(path, new Thumbnailer().Png(new Curator.Imagery.RgbImage(width, height, rgb), width));
        return GibsImagery.OfWorld(path);
    }

    /// <summary>Tiles of the whole Earth as `download` and `add` would leave them: with product, date and place.</summary>
    private async Task AddTilesAsync(GibsOptions gibs, string layer, int degrees)
    {
        using var client = new GibsClient(gibs, TimeProvider.System);
        var encode = new Thumbnailer();
        var partition = await Workspace.Catalog.GetOrAddPartitionAsync(layer, "8km", "2020-09", CancellationToken.None);
        Directory.CreateDirectory(_folder["tiles"]);
        using (var manifest = ManifestWriter.Create(Workspace.ManifestPath(partition)))
        {
            var columns = 360 / degrees;
            for (var i = 0; i < columns * columns / 2; i++)
            {
                var (north, west) = (90 - i / columns * degrees, -180 + i % columns * degrees);
                var box = new BoundingBox(north - degrees, west, north, west + degrees);
                var picture = await client.FetchPictureAsync(new GibsPictureRequest(layer, box) { Time = GibsTime.OfDay(DateOnly.Parse(Day, null)), MaxSide = 512 }, CancellationToken.None);
                var (path, bytes) = (_folder[$"tiles/{i:D2}.png"], encode.Png(picture.Image, 512));
                await File.WriteAllBytesAsync(path, bytes);
                manifest.Append(new ImageRecord
                {
                    Uri = path,
                    Sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes)),
                    SizeBytes = bytes.Length,
                    ModifiedNanoseconds = (File.GetLastWriteTimeUtc(path) - DateTime.UnixEpoch).Ticks * 100,
                    Width = picture.Image.Width,
                    Height = picture.Image.Height,
                    Channels = 3,
                    BitDepth = 8,
                    Folder = "",
                    PerceptualHash = (ulong)i,
                    MeanLuma = 128,
                    LumaDeviation = 20,
                    NoDataShare = 0,
                    TakenAt = new DateTimeOffset(2020, 9, 27, 0, 0, 0, TimeSpan.Zero),
                    Footprint = box,
                });
            }
            var (rows, fingerprint) = manifest.Commit();
            await Workspace.Catalog.SetManifestAsync(partition.Number, rows, fingerprint, CancellationToken.None);
        }
        var encoder = await new EncoderStore(Workspace).EnsureStatisticsAsync(CancellationToken.None);
        await Embedding.EmbedAsync(Workspace, new EmbedOptions { Encoder = encoder.Id }, new PoolEngine(1), null, CancellationToken.None);
    }

    private async Task OpenBrowserAsync()
    {
        var written = await CuratorProcess.RunAsync(_folder.FullPath, "extension", "unpacked");
        Assert.True(written.ExitCode == 0, written.Error);
        var extension = _folder["unpacked"];
        _playwright = await Playwright.CreateAsync();
        // Extensions live in a profile of their own, and are left out unless asked for.
        Context = await _playwright.Chromium.LaunchPersistentContextAsync(_folder["profile"], new()
        {
            ExecutablePath = Chromium.Path,
            Headless = true,
            IgnoreDefaultArgs = ["--disable-extensions"],
            Args = [.. Chromium.Flags, $"--disable-extensions-except={extension}", $"--load-extension={extension}"],
            ViewportSize = new() { Width = 420, Height = 1400 },
            ReducedMotion = ReducedMotion.Reduce,
        });
        await Context.RouteAsync("https://worldview.earthdata.nasa.gov/**", route => route.FulfillAsync(new()
        {
            ContentType = "text/html",
            Body = "<!doctype html><html lang=en><title>Worldview</title><body style='background:#0a1a2a;color:#fff'><h1>A page that stands for NASA Worldview</h1></body></html>",
        }));
        Worldview = await Context.NewPageAsync();
        await Worldview.GotoAsync("https://worldview.earthdata.nasa.gov/");
        Panel = await Context.NewPageAsync();
        Panel.Request += (_, request) =>
        {
            if (!new[] { Server.Address.AbsoluteUri, $"chrome-extension://{new ServeOptions().Extensions}/", "blob:", "data:" }.Any(start => request.Url.StartsWith(start, StringComparison.Ordinal)))
                _faults.Enqueue($"request to {request.Url}");
        };
        Panel.PageError += (_, error) => _faults.Enqueue(error);
        Panel.Dialog += async (_, dialog) =>
        {
            _faults.Enqueue($"dialog: {dialog.Message}");
            await dialog.DismissAsync();
        };
        await Panel.GotoAsync($"chrome-extension://{new ServeOptions().Extensions}/panel.html");
        await Assertions.Expect(Panel.GetByRole(AriaRole.Heading, new() { Name = "Connect to your Curator server" })).ToBeVisibleAsync();
    }
}
