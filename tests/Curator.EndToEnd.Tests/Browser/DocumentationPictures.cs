using Curator.Core;
using Curator.Core.Images;
using Curator.Core.Labels;
using Curator.Core.Shards;
using Curator.Imagery.Ingest;
using Curator.Imagery.Scenes;
using Curator.Learning.Embedding;
using Curator.Learning.Encoders;
using Curator.Search.Maps;
using Curator.Server.Security;
using Curator.Server.Tasks;
using Curator.Tests.StandIns;
using Microsoft.Playwright;

namespace Curator.EndToEnd.Tests.Browser;

/// <summary>
/// Takes the pictures of every screen for <c>docs/pictures</c>, of real tiles (EuroSAT). Run when a screen has changed:
/// <c>dotnet test --project tests/Curator.EndToEnd.Tests -c Release --explicit only --filter-class '*DocumentationPictures'</c>.
/// </summary>
public sealed class DocumentationPictures(Chromium chromium)
{
    private const int Each = 12;

    private static readonly string[] Kinds = ["River", "SeaLake", "Forest", "Highway", "Pasture", "Residential", "Industrial", "AnnualCrop"];

    [Fact(Explicit = true)]
    public async Task Phone()
    {
        await using var phone = await LabelingPage.OpenAsync(chromium, PhoneOptions, start: false, make: MakeAsync, role: Role.Labeler);
        await Assertions.Expect(phone.Page.GetByRole(AriaRole.Heading, new() { Name = "Tasks" })).ToBeVisibleAsync();
        await ShootAsync(phone.Page, "tasks");
        await phone.Page.GetByRole(AriaRole.Link, new() { Name = "Is there a river?" }).ClickAsync();
        await Assertions.Expect(phone.Page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
        await ShootAsync(phone.Page, "tutorial");
        await phone.ClickAsync("Start");
        for (var i = 0; i < Kinds.Length; i++)
        {
            await phone.ShowsAsync($"1-{i}");
            await phone.Page.Keyboard.PressAsync(i == 0 ? "ArrowRight" : "ArrowLeft");
        }
        await phone.ShowsAsync("1-8");
        await phone.HoldSwipeAsync(130, -8);
        await ShootAsync(phone.Page, "swipe");
        await phone.ReleaseAsync();
        await phone.ShowsAsync("1-9");
        await phone.Page.GetByTitle("Compare with the example").ClickAsync();
        await ShootAsync(phone.Page, "example");
        await phone.ClickAsync("Close");
        await phone.ClickAsync("View");
        await ShootAsync(phone.Page, "view");
        await phone.ClickAsync("Close");
        await phone.Context.SetOfflineAsync(true);
        await phone.ClickAsync("No");
        await phone.ShowsAsync("1-10");
        await phone.ClickAsync("No");
        await Assertions.Expect(phone.Page.GetByText("Offline · 2 answers kept here")).ToBeVisibleAsync();
        await ShootAsync(phone.Page, "offline");
        await phone.Context.SetOfflineAsync(false);
        await Assertions.Expect(phone.Page.GetByText("Offline")).ToHaveCountAsync(0);

        await phone.ClickAsync("View");
        await phone.ClickAsync("Many at once");
        await Assertions.Expect(phone.Page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("Touch every picture");
        await ShootAsync(phone.Page, "grid-tutorial");
        await phone.ClickAsync("Start");
        var tiles = phone.Page.Locator(".tile");
        await phone.DragFingerAsync(tiles.Nth(5), tiles.Nth(5)); // the river among the pictures 11 to 22
        await phone.ClickAsync("Unsure");
        await phone.DragFingerAsync(tiles.Nth(6), tiles.Nth(6));
        await ShootAsync(phone.Page, "grid");
        await phone.Page.GotoAsync($"{phone.Server.Address}tasks/cover");
        await phone.ShowsAsync("1-0");
        await ShootAsync(phone.Page, "classes");

        await phone.Page.GotoAsync($"{phone.Server.Address}tasks/sea");
        await phone.ShowsAsync("1-0");
        foreach (var key in new[] { "ArrowRight", "ArrowLeft", "ArrowLeft" }) await phone.Page.Keyboard.PressAsync(key);
        await Assertions.Expect(phone.Page.GetByRole(AriaRole.Heading, new() { Name = "Round done" })).ToBeVisibleAsync();
        await ShootAsync(phone.Page, "waiting");
        await TaskEnd.MarkAsync(phone.Workspace, "sea", finished: true, CancellationToken.None);
        await Assertions.Expect(phone.Page.GetByRole(AriaRole.Heading, new() { Name = "All done" })).ToBeVisibleAsync();
        await phone.Page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
        await ShootAsync(phone.Page, "done");
    }

    [Fact(Explicit = true)]
    public async Task Desktop()
    {
        await using var desk = await LabelingPage.OpenAsync(chromium, _ => DesktopOptions(), start: false, make: MakeAsync);
        await AnswerAsync(desk.Workspace);
        await desk.Page.GotoAsync($"{desk.Server.Address}tasks/river");
        await desk.ClickAsync("Start");
        await desk.Page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
        await ShootAsync(desk.Page, "desktop");
        await desk.Page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light });
        await desk.Page.GotoAsync($"{desk.Server.Address}tasks/river/grid");
        await desk.ClickAsync("Start");
        foreach (var river in new[] { 2, 10, 18, 26 }) await desk.Page.Locator(".tile").Nth(river).ClickAsync(); // the first thirty are answered
        await ShootAsync(desk.Page, "grid-desktop");
        await desk.Page.GotoAsync($"{desk.Server.Address}share");
        await Assertions.Expect(desk.Page.GetByText("yours")).ToBeVisibleAsync();
        await desk.Server.CreateLinkAsync(Role.Labeler, "river", TimeSpan.FromDays(7), CancellationToken.None);
        await desk.Server.CreateLinkAsync(Role.Reviewer, null, TimeSpan.FromDays(30), CancellationToken.None);
        await desk.Page.ReloadAsync();
        await Assertions.Expect(desk.Page.GetByText("yours")).ToBeVisibleAsync();
        await ShootAsync(desk.Page, "share");
        await desk.ClickAsync("Make a link");
        await Assertions.Expect(desk.Page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
        await ShootAsync(desk.Page, "link");
        await desk.Page.GotoAsync($"{desk.Server.Address}new-task");
        await desk.Page.GetByLabel("Question to ask").FillAsync("What is in the water?");
        await desk.Page.GetByLabel("Answers, one a line").FillAsync("reef\ncloud\nship");
        await desk.Page.GetByLabel("Choose a picture").SetInputFilesAsync(Tile("SeaLake", 1));
        await Assertions.Expect(desk.Page.GetByAltText("Example of what to look for")).ToBeVisibleAsync();
        await desk.Page.SetViewportSizeAsync(1280, 1150);
        await ShootAsync(desk.Page, "new-task");
        await desk.Page.SetViewportSizeAsync(1280, 800);
        await desk.Page.GotoAsync($"{desk.Server.Address}review/river");
        await desk.Page.WaitForFunctionAsync("() => document.querySelector('.case-picture img')?.naturalWidth > 0");
        await ShootAsync(desk.Page, "review");

        var link = await desk.Server.CreateLinkAsync(Role.Labeler, "river", TimeSpan.FromHours(1), CancellationToken.None);
        var (context, page) = await desk.JoinAsync(chromium, Chromium.Phone, link);
        await using (context)
        {
            await page.GetByLabel("Your name (optional)").FillAsync("Cleo");
            await page.GetByRole(AriaRole.Button, new() { Name = "Start" }).ClickAsync();
            await desk.Page.GotoAsync($"{desk.Server.Address}live/river");
            for (var i = 0; i < 12; i++)
            {
                await page.Keyboard.PressAsync(i % 3 == 0 ? "ArrowRight" : "ArrowLeft");
                await page.WaitForTimeoutAsync(1_500);
            }
            await Assertions.Expect(desk.Page.GetByRole(AriaRole.Row).Filter(new() { HasText = "Cleo" })).ToContainTextAsync("here");
            await desk.ClickAsync("Compute with intervals");
            await Assertions.Expect(desk.Page.GetByRole(AriaRole.Row).Filter(new() { HasText = "Krippendorff" })).ToBeVisibleAsync();
            await desk.Page.SetViewportSizeAsync(1280, 1980);
            await desk.Page.EvaluateAsync("() => scrollTo(0, 0)");
            await ShootAsync(desk.Page, "live");
            await desk.ClickAsync("Ada");
            await Assertions.Expect(desk.Page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Listitem).First).ToBeVisibleAsync();
            await desk.Page.SetViewportSizeAsync(412, 839);
            await ShootAsync(desk.Page, "log");
            await desk.ClickAsync("Close");
            await desk.Page.SetViewportSizeAsync(412, 839);
            await desk.Page.EvaluateAsync("() => scrollTo(0, 0)");
            await ShootAsync(desk.Page, "live-phone");
        }
    }

    [Fact(Explicit = true)]
    public async Task Map()
    {
        await using var desk = await LabelingPage.OpenAsync(chromium, _ => DesktopOptions(), start: false, make: MakeMappedAsync);
        await desk.Page.GotoAsync($"{desk.Server.Address}map");
        var canvas = desk.Page.Locator(".map-points[data-drawn]");
        await Assertions.Expect(canvas).ToHaveCountAsync(1);
        await Assertions.Expect(desk.Page.GetByText("Clusters in pictures")).ToBeVisibleAsync();
        var box = (await desk.Page.Locator(".map-touch").BoundingBoxAsync())!;
        var (x, y) = (box.X + (box.Width / 2), box.Y + (box.Height / 2));
        await desk.Page.Mouse.MoveAsync(x, y);
        await ShootAsync(desk.Page, "map");
        await desk.ClickAsync("Lasso");
        await desk.Page.Mouse.MoveAsync(x - 220, y - 200);
        await desk.Page.Mouse.DownAsync();
        for (var i = 0; i <= 24; i++) await desk.Page.Mouse.MoveAsync(x - 120 - (150 * MathF.Cos(i * MathF.Tau / 24)), y - 60 - (130 * MathF.Sin(i * MathF.Tau / 24)));
        await desk.Page.Mouse.UpAsync();
        await Assertions.Expect(desk.Page.GetByText("pictures chosen")).ToBeVisibleAsync();
        await desk.ClickAsync("Move");
        await desk.Page.Mouse.MoveAsync(x - 40, y);
        for (var i = 0; i < 6; i++) await desk.Page.Mouse.WheelAsync(0, -240);
        await desk.Page.WaitForTimeoutAsync(2_000);
        await desk.Page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
        await ShootAsync(desk.Page, "map-near");
        await desk.Page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light });
        await desk.ClickAsync("Let go");
        await desk.Page.Locator(".map-touch").FocusAsync();
        foreach (var key in new[] { "0", "ArrowRight", "Enter" }) await desk.Page.Keyboard.PressAsync(key);
        await Assertions.Expect(desk.Page.GetByRole(AriaRole.Dialog).Locator("button.tile").First).ToBeVisibleAsync();
        await ShootAsync(desk.Page, "map-picture");
        await desk.ClickAsync("Close");
        await desk.Page.SetViewportSizeAsync(412, 839);
        await desk.Page.ReloadAsync();
        await Assertions.Expect(canvas).ToHaveCountAsync(1);
        await ShootAsync(desk.Page, "map-phone");
    }

    /// <summary>Real tiles of eight kinds, embedded without training and laid out.</summary>
    private static async Task<Workspace> MakeMappedAsync(TemporaryFolder folder)
    {
        var source = folder["tiles"];
        Directory.CreateDirectory(source);
        foreach (var kind in Kinds)
            foreach (var path in Directory.EnumerateFiles(TestData.Shared($"eurosat/{kind}")).Order(StringComparer.Ordinal).Take(300))
                File.Copy(path, Path.Combine(source, Path.GetFileName(path)));
        var workspace = await Workspace.InitAsync(folder["project"], TimeProvider.System, CancellationToken.None);
        await Ingest.AddAsync(workspace, new IngestOptions { Roots = [source] }, new PoolEngine(1), null, CancellationToken.None);
        await AddAsync(workspace, "river", "Is there a river?", ["yes", "no"], Tile("River", 1), 96, "");
        var encoder = await new EncoderStore(workspace).EnsureStatisticsAsync(CancellationToken.None);
        await Embedding.EmbedAsync(workspace, new EmbedOptions { Encoder = encoder.Id }, new PoolEngine(1), null, CancellationToken.None);
        await MapBuilding.BuildAsync(workspace, encoder, new MapOptions { Clusters = 12 }, false, null, CancellationToken.None);
        return workspace;
    }

    [Fact(Explicit = true)]
    public async Task WorldviewExtension()
    {
        var world = Path.Combine(TestData.Root, "demo", "node_modules", "three-globe", "example", "img", "earth-blue-marble.jpg");
        Assert.SkipUnless(File.Exists(world), "the demo's imagery is not installed: run 'npm ci --ignore-scripts' in demo/");
        await using var extension = await ExtensionPanel.OpenAsync(GibsImagery.OfWorld(world), layer: GibsStandIn.DailyJpeg, tileDegrees: 18);
        await ShootPanelAsync("connect", 640);
        await extension.ConnectAsync();
        // The Red Sea: narrow water between deserts.
        await extension.ShowAsync($"?v=20,8,56,32&l=Coastlines_15m,{GibsStandIn.DailyJpeg}&t={ExtensionPanel.Day}");
        await extension.PreviewAsync();
        var map = (await extension.Panel.Locator(".map").BoundingBoxAsync())!;
        await extension.Panel.Mouse.MoveAsync(map.X + map.Width * 0.38f, map.Y + map.Height * 0.25f);
        await extension.Panel.Mouse.DownAsync();
        await extension.Panel.Mouse.MoveAsync(map.X + map.Width * 0.7f, map.Y + map.Height * 0.72f, new() { Steps = 4 });
        await extension.Panel.Mouse.UpAsync();
        await ShootPanelAsync("view", 640);
        await extension.Panel.GetByLabel("Also half and twice the size").CheckAsync();
        await extension.ClickAsync("Find look-alikes");
        await Assertions.Expect(extension.Tiles.Nth(20)).ToBeVisibleAsync();
        await extension.Panel.Locator(".tiles li").Nth(1).DragToAsync(extension.Tray("Like these"));
        await extension.Panel.Locator(".tiles li").Nth(7).DragToAsync(extension.Tray("Not like these"));
        await extension.ClickAsync("Search again");
        await Assertions.Expect(extension.Panel.Locator("main[aria-busy='false']")).ToBeVisibleAsync();
        await extension.Panel.WaitForFunctionAsync("() => document.querySelectorAll('.tiles .no-picture').length === 0");
        await ShootPanelAsync("hits", 1400);
        await extension.Tiles.First.ClickAsync();
        await Assertions.Expect(extension.Panel.GetByRole(AriaRole.Dialog).Locator("img").First).ToBeVisibleAsync();
        await ShootPanelAsync("hit", 900);

        async Task ShootPanelAsync(string name, int height)
        {
            await extension.Panel.SetViewportSizeAsync(420, height);
            await extension.Panel.EvaluateAsync("() => scrollTo(0, 0)");
            await extension.Panel.ScreenshotAsync(new() { Path = Path.Combine(TestData.Root, "docs", "pictures", $"extension-{name}.png") });
        }
    }

    /// <summary>Of a day of MODIS Terra over the whole Earth, cut into tiles of nearly seven degrees; the question is for the gaps between its swaths, answered by the share of pixels without data.</summary>
    [Fact(Explicit = true)]
    public async Task DataAndPlaces()
    {
        var scene = TestData.Shared("gibs/images/MODIS-Terra-CorrectedReflectance-TrueColor_2020-09-27.jpeg");
        await using var desk = await LabelingPage.OpenAsync(chromium, _ => DesktopOptions(), start: false, make: async folder =>
        {
            Directory.CreateDirectory(folder["project"]);
            foreach (var _ in SceneTiler.Cut(
                scene, new BoundingBox(-90, -180, 90, 180), new DateOnly(2020, 9, 27), folder["modis-terra"], new TilerOptions { TileWidth = 74, TileHeight = 74, Overlap = 0 }, CancellationToken.None)) { }
            foreach (var verb in (string[][])[["init", "."], ["add", folder["modis-terra"]], ["train", "--minutes", "0.5", "--batch-size", "64"], ["embed"], ["embed", "--encoder", "statistics"]])
                (await CuratorProcess.RunAsync(folder["project"], verb)).Expect(0);
            var workspace = await Workspace.OpenAsync(folder["project"], TimeProvider.System, CancellationToken.None);
            await workspace.Labels.GetOrAddTaskAsync(new LabelingTask("gap", "Is there a gap between swaths?", ["yes", "no"], null, null, "", workspace.Clock.GetUtcNow()), CancellationToken.None);
            var partition = (await workspace.Catalog.GetPartitionsAsync(CancellationToken.None))[0];
            using var manifest = workspace.OpenManifest(partition);
            await workspace.Labels.AppendAsync(
                [.. manifest.Read().Select((record, row) => new NewLabelEvent(
                    $"g{row}", "gap", new ImageId(partition.Number, row), "ann", "s", LabelEventKind.Label, record.NoDataShare is > 0.02f and < 0.5f ? "yes" : "no"))], CancellationToken.None);
            return workspace;
        });
        foreach (var (width, height, suffix) in ((int, int, string)[])[(1280, 800, ""), (412, 839, "-phone")])
        {
            await desk.Page.SetViewportSizeAsync(width, height + 400);
            await desk.Page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light });
            await desk.Page.GotoAsync($"{desk.Server.Address}data");
            await desk.Page.GetByRole(AriaRole.Region, new() { Name = "Encoders" }).Locator("summary").Last.ClickAsync();
            await Assertions.Expect(desk.Page.GetByRole(AriaRole.Img, new() { Name = "Loss against training steps" })).ToBeVisibleAsync();
            await desk.Page.EvaluateAsync("() => scrollTo(0, 0)");
            await ShootAsync(desk.Page, "data" + suffix);
            await desk.Page.SetViewportSizeAsync(width, height);
            await desk.Page.EmulateMediaAsync(new() { ColorScheme = suffix.Length > 0 ? ColorScheme.Dark : ColorScheme.Light });
            await desk.Page.GotoAsync($"{desk.Server.Address}places");
            var status = desk.Page.GetByRole(AriaRole.Status);
            await Assertions.Expect(status).ToContainTextAsync("in view, in");
            await desk.Page.GetByLabel("Show").SelectOptionAsync("Found");
            await Assertions.Expect(status).Not.ToContainTextAsync("groups");
            if (suffix.Length == 0)
            {
                await desk.Page.Locator(".places-tiles button").Nth(8).ClickAsync();
                await Assertions.Expect(desk.Page.GetByRole(AriaRole.Region, new() { Name = "Pictures at this place" })).ToBeVisibleAsync();
            }
            await desk.Page.WaitForTimeoutAsync(1_000); // the map draws when the browser next paints
            await ShootAsync(desk.Page, "places" + suffix);
            if (suffix.Length > 0) continue;
            await desk.Page.GetByLabel("Show").SelectOptionAsync("All pictures");
            await Assertions.Expect(status).ToContainTextAsync("groups");
            await desk.Page.WaitForTimeoutAsync(1_000);
            await ShootAsync(desk.Page, "places-groups");
        }
    }

    /// <summary>A search among eight kinds of tiles, and the rounds of a task that were answered from the folders' names.</summary>
    [Fact(Explicit = true)]
    public async Task SearchAndRounds()
    {
        await using var desk = await LabelingPage.OpenAsync(chromium, _ => DesktopOptions(), start: false, make: async folder =>
        {
            Directory.CreateDirectory(folder["project"]);
            foreach (var kind in Kinds)
            {
                Directory.CreateDirectory(folder[$"tiles/{kind}"]);
                foreach (var path in Directory.EnumerateFiles(TestData.Shared($"eurosat/{kind}")).Order(StringComparer.Ordinal).Take(300))
                    File.Copy(path, folder[$"tiles/{kind}/{Path.GetFileName(path)}"]);
            }
            foreach (var verb in (string[][])
                [["init", "."], ["add", folder["tiles"]], ["embed"], ["learn", "river", "--example", Tile("River", 400), "--question", "Is there a river?", "--simulate", "folders:River", "--label-budget", "240"],
                 ["classify", "river"]])
                (await CuratorProcess.RunAsync(folder["project"], verb)).Expect(0);
            return await Workspace.OpenAsync(folder["project"], TimeProvider.System, CancellationToken.None);
        });
        foreach (var (width, height, suffix) in ((int, int, string)[])[(1280, 800, ""), (412, 839, "-phone")])
        {
            await desk.Page.SetViewportSizeAsync(width, height);
            await desk.Page.GotoAsync($"{desk.Server.Address}search");
            await Assertions.Expect(desk.Page.GetByRole(AriaRole.Heading, new() { Name = "Or begin with one of these" })).ToBeVisibleAsync();
            if (suffix.Length > 0) await ShootAsync(desk.Page, "search-start");
            await desk.Page.GetByLabel("Choose a picture").SetInputFilesAsync(Tile("River", 400));
            await Assertions.Expect(desk.Page.GetByText("the most alike first")).ToBeVisibleAsync();
            foreach (var (row, mark) in ((int, string)[])[(0, "good"), (2, "good"), (5, "bad")])
                await desk.Page.GetByRole(AriaRole.Button, new() { NameRegex = new($"is {mark}$") }).Nth(row).ClickAsync();
            await desk.Page.EvaluateAsync("() => scrollTo(0, 0)");
            await ShootAsync(desk.Page, "search" + suffix);
            if (suffix.Length > 0)
            {
                await desk.ClickAsync("Label these");
                await desk.Page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Combobox, new() { Name = "Task" }).SelectOptionAsync("A new task");
                await ShootAsync(desk.Page, "search-label");
                await desk.Page.Keyboard.PressAsync("Escape");
                await desk.Page.GetByText("Filters").First.ClickAsync();
                await ShootAsync(desk.Page, "search-filters");
            }
            await desk.Page.GotoAsync($"{desk.Server.Address}rounds/river");
            await Assertions.Expect(desk.Page.GetByRole(AriaRole.Img, new() { Name = "F1, precision and recall against labels" })).ToBeVisibleAsync();
            await desk.Page.SetViewportSizeAsync(width, suffix.Length > 0 ? 1400 : 1500);
            await ShootAsync(desk.Page, "rounds" + suffix);
        }
    }

    private static BrowserNewContextOptions PhoneOptions(IPlaywright playwright)
    {
        var options = Chromium.Phone(playwright);
        options.DeviceScaleFactor = 1;
        options.ReducedMotion = ReducedMotion.Reduce;
        return options;
    }

    private static BrowserNewContextOptions DesktopOptions() => new() { ViewportSize = new() { Width = 1280, Height = 800 }, ReducedMotion = ReducedMotion.Reduce };

    private static async Task ShootAsync(IPage page, string name)
    {
        // Those that are far from what is seen are loaded when somebody goes there.
        await page.WaitForFunctionAsync("""
            () => [...document.images].every(image => {
                const { left, right, top, bottom } = image.getBoundingClientRect();
                return image.complete || !image.checkVisibility() || right <= 0 || bottom <= 0 || left >= innerWidth || top >= innerHeight;
            })
            """);
        await page.ScreenshotAsync(new() { Path = Path.Combine(TestData.Root, "docs", "pictures", $"web-{name}.png") });
    }

    private static async Task<Workspace> MakeAsync(TemporaryFolder folder)
    {
        var source = folder["tiles"];
        Directory.CreateDirectory(source);
        for (var i = 0; i < Each; i++)
            foreach (var (kind, number) in Kinds.Select((kind, number) => (kind, number)))
                File.Copy(Tile(kind, i + 2), Path.Combine(source, $"{i:D2}{number}{kind}.jpg"));
        var workspace = await Workspace.InitAsync(folder["project"], TimeProvider.System, CancellationToken.None);
        await Ingest.AddAsync(workspace, new IngestOptions { Roots = [source] }, new PoolEngine(1), null, CancellationToken.None);
        await AddAsync(workspace, "river", "Is there a river?", ["yes", "no"], Tile("River", 1), 96, "Flowing water with both banks in the picture.");
        await AddAsync(workspace, "cover", "What covers most of it?", [.. Kinds, "Herbaceous", "Permanent crop", "Snow"], null, 96, "");
        await AddAsync(workspace, "sea", "Is it open water?", ["yes", "no"], Tile("SeaLake", 1), 3, "");
        return workspace;
    }

    private static string Tile(string kind, int number) =>
        Directory.EnumerateFiles(TestData.Shared($"eurosat/{kind}")).Order(StringComparer.Ordinal).ElementAt(number);

    private static async Task AddAsync(Workspace workspace, string name, string question, IReadOnlyList<string> classes, string? example, int pictures, string guidelines)
    {
        await workspace.Labels.GetOrAddTaskAsync(new LabelingTask(name, question, classes, example, null, guidelines, workspace.Clock.GetUtcNow()), CancellationToken.None);
        await workspace.Labels.StartRoundAsync(name, 0, LabelingSite.Queue(name, 0, Enumerable.Range(0, pictures)), CancellationToken.None);
    }

    /// <summary>Two people have answered the first thirty pictures of the river task, and do not always agree.</summary>
    private static async Task AnswerAsync(Workspace workspace)
    {
        await workspace.Labels.ChangeTaskAsync("river", new TaskChange(Opinions: 2), CancellationToken.None);
        for (var row = 0; row < 30; row++)
            foreach (var person in new[] { "Ada~000001", "Ben~000002" })
            {
                var value = (row % Kinds.Length == 0) != (person[0] == 'B' && row % 11 == 5) ? "yes" : "no";
                await workspace.Labels.AppendAsync(
                    new NewLabelEvent(
                        $"{person}-{row}", "river", new ImageId(1, row), person, "session", LabelEventKind.Label, value,
                        workspace.Clock.GetUtcNow() - TimeSpan.FromSeconds(person[0] == 'A' ? 1.2 : 2.1), 0),
                    CancellationToken.None);
            }
    }
}
