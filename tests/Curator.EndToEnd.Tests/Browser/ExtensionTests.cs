using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Curator.Server.Security;
using Microsoft.Playwright;

namespace Curator.EndToEnd.Tests.Browser;

/// <summary>The extension for Worldview in a real browser, from a change of the map's address to pictures in a task's queue.</summary>
public sealed class ExtensionTests
{
    [Fact]
    public async Task From_what_the_map_shows_to_look_alikes_refined_opened_on_the_map_and_sent_to_a_task()
    {
        await using var extension = await ExtensionPanel.OpenAsync();
        var panel = extension.Panel;
        await extension.ConnectAsync();

        // The map moves; what it shows is searched by, and the tile that was cut from there is it.
        await extension.ShowAsync(ExtensionPanel.ViewOf(1, 2));
        await extension.PreviewAsync();
        await Assertions.Expect(panel.GetByRole(AriaRole.Combobox, new() { Name = "Layer", Exact = true })).ToHaveValueAsync(ExtensionPanel.Layer);
        await Assertions.Expect(panel.GetByLabel("Date", new() { Exact = true })).ToHaveValueAsync(ExtensionPanel.Day);
        await extension.ClickAsync("Find look-alikes");
        await Assertions.Expect(extension.Tiles.First).ToHaveAccessibleNameAsync($"Picture {ExtensionPanel.TileAt(1, 2)}, distance 0.000");
        await Assertions.Expect(extension.Tiles).ToHaveCountAsync(54);
        await Assertions.Expect(panel.Locator(".tiles li").First).ToContainTextAsync($"{ExtensionPanel.Day}36.00° N, 90.00° W0.0 km");
        await Assertions.Expect(extension.Tiles.First.Locator("img")).ToBeVisibleAsync();

        // A good and a bad hit are dragged into the query.
        var (good, bad) = (await IdAsync(extension, 1), await IdAsync(extension, 4));
        await panel.Locator(".tiles li").Nth(1).DragToAsync(extension.Tray("Like these"));
        await panel.Locator(".tiles li").Nth(4).DragToAsync(extension.Tray("Not like these"));
        await Assertions.Expect(extension.Tray("Like these").GetByRole(AriaRole.Button, new() { Name = $"Take away Picture {good}" })).ToBeVisibleAsync();
        await Assertions.Expect(extension.Tray("Not like these").GetByRole(AriaRole.Button, new() { Name = $"Take away Picture {bad}" })).ToBeVisibleAsync();
        var before = await NamesAsync(extension);
        await panel.RunAndWaitForResponseAsync(() => extension.ClickAsync("Search again"), answer => answer.Url.EndsWith("/api/search", StringComparison.Ordinal) && answer.Request.Method == "POST");
        await Assertions.Expect(panel.Locator("main[aria-busy='false']")).ToBeVisibleAsync();
        var after = await NamesAsync(extension);
        Assert.True(Rank(after, bad) > Rank(before, bad), $"{bad} was {Rank(before, bad)} and is {Rank(after, bad)}");

        // A hit is opened on the map at its place and date.
        var name = await extension.Tiles.First.GetAttributeAsync("aria-label");
        await extension.Tiles.First.ClickAsync();
        var sheet = panel.GetByRole(AriaRole.Dialog);
        await Assertions.Expect(sheet.Locator("dl")).ToContainTextAsync($"{ExtensionPanel.Layer} · 8km");
        var opened = await extension.Context.RunAndWaitForPageAsync(() => sheet.GetByRole(AriaRole.Link, new() { Name = "Open in Worldview" }).ClickAsync());
        await opened.WaitForURLAsync("https://worldview.earthdata.nasa.gov/**");
        var address = new Uri(opened.Url);
        var row = int.Parse(Id(name!).Split('-')[1], CultureInfo.InvariantCulture);
        var (west, north) = (-180 + row % 10 * 36, 90 - row / 10 * 36);
        Assert.Equal(
            $"?v={west - 36},{Math.Max(-90, north - 72)},{west + 72},{Math.Min(90, north + 36)}&l={ExtensionPanel.Layer}&t={ExtensionPanel.Day}-T00%3A00%3A00Z", address.Query);
        await opened.CloseAsync();
        await panel.BringToFrontAsync();

        // Nearby places, then all again.
        await sheet.GetByRole(AriaRole.Button, new() { Name = "Nearby places" }).ClickAsync();
        await Assertions.Expect(panel.GetByRole(AriaRole.Heading, new() { Name = $"Nearest to picture {Id(name!)}" })).ToBeVisibleAsync();
        await Assertions.Expect(extension.Tiles).ToHaveCountAsync(6);
        await Assertions.Expect(panel.Locator(".tiles li").First).ToContainTextAsync("0.0 km");
        await extension.ClickAsync("All hits");
        await Assertions.Expect(extension.Tiles).ToHaveCountAsync(54);

        // The list is saved, and the good one sent to a new task.
        var download = await panel.RunAndWaitForDownloadAsync(() => extension.ClickAsync("Download list"));
        using var list = JsonDocument.Parse(await File.ReadAllTextAsync(await download.PathAsync()));
        Assert.Equal(54, list.RootElement.GetProperty("features").GetArrayLength());
        await extension.ClickAsync("Send to a task");
        await sheet.GetByRole(AriaRole.Combobox, new() { Name = "Task", Exact = true }).SelectOptionAsync("A new task");
        await sheet.GetByLabel("Question to ask of each picture").FillAsync("Is there a dust storm?");
        await sheet.GetByRole(AriaRole.Button, new() { Name = "Queue 1 picture" }).ClickAsync();
        await Assertions.Expect(sheet.GetByRole(AriaRole.Heading, new() { Name = "1 picture waits now" })).ToBeVisibleAsync();
        var queue = await extension.Workspace.Labels.GetQueueAsync("dust-storm", 0, CancellationToken.None);
        Assert.Equal([good], queue.Select(item => item.Image.ToString()));
        Assert.Empty(extension.Faults);
    }

    [Fact]
    public async Task A_box_drawn_on_the_preview_is_searched_at_several_sizes_and_filters_narrow_what_is_found()
    {
        await using var extension = await ExtensionPanel.OpenAsync();
        var panel = extension.Panel;
        await extension.ConnectAsync();
        // Two by two tiles; the box is drawn around the lower right one, with the mouse and then, a little larger, with the keyboard.
        await extension.ShowAsync($"?v=-180,18,-108,90&l={ExtensionPanel.Layer}&t={ExtensionPanel.Day}");
        await extension.PreviewAsync();
        var map = (await panel.Locator(".map").BoundingBoxAsync())!;
        await panel.Mouse.MoveAsync(map.X + map.Width / 2, map.Y + map.Height / 2);
        await panel.Mouse.DownAsync();
        await panel.Mouse.MoveAsync(map.X + map.Width - 1, map.Y + map.Height - 1, new() { Steps = 4 });
        await panel.Mouse.UpAsync();
        await extension.ClickAsync("Find look-alikes");
        await Assertions.Expect(extension.Tiles.First).ToHaveAccessibleNameAsync(new Regex($"^Picture {ExtensionPanel.TileAt(1, 1)}, "));
        await panel.GetByRole(AriaRole.Group, new() { Name = "What is searched by" }).PressAsync("-");
        await panel.GetByLabel("Also half and twice the size").CheckAsync();
        var searches = 0;
        panel.Request += (_, request) => searches += request.Url.EndsWith("/api/search", StringComparison.Ordinal) && request.Method == "POST" ? 1 : 0;
        await extension.ClickAsync("Find look-alikes");
        await Assertions.Expect(panel.Locator("main[aria-busy='false']")).ToBeVisibleAsync();
        Assert.Equal(3, searches);
        await Assertions.Expect(extension.Tiles).ToHaveCountAsync(54);

        await panel.GetByText("Filters", new() { Exact = true }).ClickAsync();
        await panel.GetByLabel("pictures").CheckAsync();
        await Assertions.Expect(extension.Tiles).ToHaveCountAsync(4);
        await panel.GetByLabel("First day").FillAsync("2020-09-28");
        await Assertions.Expect(panel.GetByText("Nothing fits. Loosen the filters.")).ToBeVisibleAsync();
        await extension.ClickAsync("Clear filters");
        await Assertions.Expect(extension.Tiles).ToHaveCountAsync(54);
        await panel.GetByText("Filters", new() { Exact = true }).ClickAsync();
        await Axe.CheckAsync(panel, "panel with hits");
        Assert.Empty(extension.Faults);
    }

    [Fact]
    public async Task A_missing_layer_or_date_a_dead_server_and_a_refused_key_are_said_with_the_way_out()
    {
        await using var extension = await ExtensionPanel.OpenAsync(role: Role.Labeler);
        var panel = extension.Panel;
        await panel.GetByLabel("Link or token").FillAsync("http://192.0.2.1/#token=abcdefghijklmnopqrstuvwxyz");
        await extension.ClickAsync("Connect");
        await extension.AlertAsync("That is no link of a Curator server.");
        await panel.GetByLabel("Link or token").FillAsync($"{extension.Server.Address}#token=abcdefghijklmnopqrstuvwxyz");
        await extension.ClickAsync("Connect");
        await extension.AlertAsync("The link is wrong, used up, expired or was revoked.");
        await extension.ConnectAsync();

        await extension.ShowAsync(ExtensionPanel.ViewOf(1, 2, "Daily_Exakt"));
        await extension.AlertAsync("There is no layer 'Daily_Exakt'");
        await extension.AlertAsync("Did you mean 'Daily_Exact'?");
        await extension.ShowAsync(ExtensionPanel.ViewOf(1, 2).Replace(ExtensionPanel.Day, "2020-12-24", StringComparison.Ordinal));
        await extension.AlertAsync("Daily_Exact has no picture of 2020-12-24.");
        await panel.GetByLabel("Date", new() { Exact = true }).FillAsync(ExtensionPanel.Day);
        await extension.PreviewAsync();
        await extension.ClickAsync("Find look-alikes");
        await Assertions.Expect(extension.Tiles).ToHaveCountAsync(54);
        // A labeler's link searches and queues nothing.
        await Assertions.Expect(panel.GetByRole(AriaRole.Button, new() { Name = "Send to a task" })).ToHaveCountAsync(0);

        // The key is kept: the panel comes up again with it. Once the link is revoked, it asks for another.
        await extension.ShowAsync(ExtensionPanel.ViewOf(1, 2));
        await Assertions.Expect(panel.GetByLabel("Date", new() { Exact = true })).ToHaveValueAsync(ExtensionPanel.Day);
        await panel.ReloadAsync();
        await extension.PreviewAsync();
        foreach (var link in extension.Server.Links.All) await extension.Server.Links.RevokeAsync(link.Id, CancellationToken.None);
        await extension.ClickAsync("Find look-alikes");
        await extension.AlertAsync("its link has expired or was revoked");
        var again = await extension.Server.CreateLinkAsync(Role.Labeler, null, TimeSpan.FromHours(1), CancellationToken.None);
        await panel.GetByLabel("Link or token").FillAsync(again);
        await extension.ClickAsync("Connect");
        await extension.PreviewAsync();

        await extension.StopServerAsync();
        await extension.ClickAsync("Find look-alikes");
        await extension.AlertAsync($"No answer from {extension.Server.Address.GetLeftPart(UriPartial.Authority)}. Is it running? Start it with: curator serve");
        Assert.Empty(extension.Faults);
    }

    private static async Task<string> IdAsync(ExtensionPanel extension, int index) => Id(await extension.Tiles.Nth(index).GetAttributeAsync("aria-label") ?? "");

    private static string Id(string name) => name.Split(' ', ',')[1];

    private static Task<string[]> NamesAsync(ExtensionPanel extension) =>
        extension.Tiles.EvaluateAllAsync<string[]>("tiles => tiles.map(tile => tile.getAttribute('aria-label'))");

    private static int Rank(string[] names, string id) => Array.FindIndex(names, name => name.StartsWith($"Picture {id},", StringComparison.Ordinal));
}
