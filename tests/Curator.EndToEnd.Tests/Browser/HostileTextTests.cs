using System.Net.Http.Json;
using Curator.Core;
using Curator.Core.Images;
using Curator.Core.Labels;
using Curator.Core.Shards;
using Curator.Imagery.Ingest;
using Curator.Server.Security;
using Microsoft.Playwright;

namespace Curator.EndToEnd.Tests.Browser;

/// <summary>
/// Texts of others that would run if any page took them for markup. A canary that fires opens a dialog, asks another host for something or sets a mark on the window; each fails the test.
/// </summary>
public sealed class HostileTextTests(Chromium chromium)
{
    private const string Image = "<img src=x onerror=\"alert(1);window.fired=1\">";

    private static readonly string[] Canaries =
    [
        Image,
        "<script>fetch('//canary.invalid/a');window.fired=1</script>",
        "\"'><svg onload=alert(2)>",
        "javascript:alert(3)",
        "</title></textarea><iframe srcdoc='<script>parent.fired=1</script>'>",
        "{{constructor.constructor('alert(4)')()}}",
        "<a href=\"javascript:alert(5)\" autofocus onfocus=alert(6)>x</a>",
        "<style>@import '//canary.invalid/b';</style>",
    ];

    [Fact]
    public async Task Names_of_files_classes_and_people_questions_and_metadata_never_fire_on_any_page()
    {
        await using var desk = await LabelingPage.OpenAsync(chromium, Chromium.Desktop, pictures: 4, start: false, setUp: AddHostileTaskAsync);
        await NameAsync(desk, Canaries);

        foreach (var address in new[] { "", "tasks", "tasks/hostile", "tasks/hostile/grid", "share", "search", "review/hostile", "live/hostile" })
        {
            await desk.Page.GotoAsync($"{desk.Server.Address}{address}");
            await Assertions.Expect(desk.Page.Locator("main")).ToBeVisibleAsync();
            if (address == "tasks/hostile")
            {
                await desk.ClickAsync("Start");
                await desk.ShowsAsync("2-0");
                await desk.ClickAsync("View");
                await Assertions.Expect(desk.Page.GetByRole(AriaRole.Dialog)).ToContainTextAsync(Canaries[1]);
                await desk.Page.Keyboard.PressAsync("Escape");
                await Assertions.Expect(desk.Page.Locator("dialog")).ToHaveCountAsync(0); // closed, and the page knows it
                await desk.Page.Keyboard.PressAsync("1"); // the answer is a canary, said aloud and shown on the card that leaves
                await desk.ShowsAsync("2-1");
            }
            else if (address == "tasks/hostile/grid")
            {
                await desk.ClickAsync("Start");
                await desk.Page.Locator(".tile").First.ClickAsync();
                await Assertions.Expect(desk.Page.Locator(".confirm")).ToContainTextAsync(Canaries[0]);
                await desk.Page.Locator(".confirm").ClickAsync();
            }
            else if (address == "review/hostile")
            {
                await desk.ShowsAsync($"2-{Canaries.Length - 1}");
                await Assertions.Expect(desk.Page.Locator(".opinions li").First).ToContainTextAsync("<img src=x");
                await desk.Page.Locator(".classes button").First.ClickAsync();
            }
            else if (address == "live/hostile")
            {
                await Assertions.Expect(desk.Page.GetByRole(AriaRole.Rowheader).Filter(new() { HasText = "<script>" })).ToHaveCountAsync(1);
                await desk.ClickAsync("Compute with intervals");
                await Assertions.Expect(desk.Page.GetByRole(AriaRole.Rowheader).Filter(new() { HasText = Canaries[0] }).First).ToBeVisibleAsync();
            }
        }
        Assert.Null(await desk.Page.EvaluateAsync<int?>("() => window.fired ?? null"));
        Assert.Equal(0, await desk.Page.Locator("img[src='x'], svg[onload], iframe").CountAsync());
        Assert.Empty(desk.Faults);
    }

    [Fact]
    public async Task No_byte_of_a_pictures_own_metadata_reaches_the_browser()
    {
        await using var desk = await LabelingPage.OpenAsync(chromium, Chromium.Desktop, pictures: 1, start: false, setUp: AddHostileTaskAsync);
        await Assertions.Expect(desk.Page.GetByRole(AriaRole.Heading, new() { Name = "Tasks" })).ToBeVisibleAsync(); // the session is open
        var response = await desk.Page.APIRequest.GetAsync($"{desk.Server.Address}api/images/2-0/picture?size=256");
        Assert.Equal("image/webp", response.Headers["content-type"]);
        Assert.Equal("nosniff", response.Headers["x-content-type-options"]);
        var text = System.Text.Encoding.Latin1.GetString(await response.BodyAsync());
        Assert.DoesNotContain("onerror", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Exif", text, StringComparison.Ordinal);
    }

    /// <summary>A task whose every text is a canary, over pictures whose names and metadata are canaries.</summary>
    private static async Task AddHostileTaskAsync(Workspace workspace)
    {
        var folder = Path.Combine(Path.GetDirectoryName(workspace.Root)!, "hostile");
        Directory.CreateDirectory(folder);
        // '/' cannot be in a file's name; the rest of a canary can.
        for (var i = 0; i < Canaries.Length; i++)
            await File.WriteAllBytesAsync(Path.Combine(folder, $"{i}{Canaries[i].Replace('/', '_')}.jpg"), HostilePicture.Jpeg(Image, seed: i));
        var report = await Ingest.AddAsync(workspace, new IngestOptions { Roots = [folder] }, new PoolEngine(1), null, CancellationToken.None);
        Assert.Equal(Canaries.Length, report.Added);
        await workspace.Labels.GetOrAddTaskAsync(
            new LabelingTask("hostile", Image, Canaries, null, null, Canaries[1], workspace.Clock.GetUtcNow()), CancellationToken.None);
        await workspace.Labels.ChangeTaskAsync("hostile", new TaskChange(Opinions: Canaries.Length), CancellationToken.None);
        await workspace.Labels.StartRoundAsync(
            "hostile", 0, [.. Enumerable.Range(0, Canaries.Length).Select(row => new QueueItem("hostile", 0, row, new ImageId(2, row), 0.5f, Image))], CancellationToken.None);
    }

    /// <summary>People whose names are canaries have answered.</summary>
    private static async Task NameAsync(LabelingPage desk, IEnumerable<string> names)
    {
        var person = 0;
        foreach (var name in names)
        {
            var (_, token) = await desk.Server.Links.CreateAsync(Role.Labeler, null, TimeSpan.FromHours(1), null, CancellationToken.None);
            using var client = new HttpClient { BaseAddress = desk.Server.Address };
            var response = await client.PostAsJsonAsync("/api/session", new { token, name = name[..Math.Min(40, name.Length)] });
            response.EnsureSuccessStatusCode();
            var answer = new { operationId = $"hostile-{person++:D4}", imageId = $"2-{Canaries.Length - 1}", kind = "label", value = Canaries[person % 2] };
            (await client.PostAsJsonAsync("/api/tasks/hostile/answers", new[] { answer })).EnsureSuccessStatusCode();
        }
    }
}
