using Curator.Core;
using Curator.Core.Catalogs;
using Curator.Core.Images;
using Curator.Core.Shards;
using Curator.Learning.Embedding;
using Curator.Learning.Encoders;
using Curator.Server.Security;
using Microsoft.Playwright;

namespace Curator.EndToEnd.Tests.Browser;

/// <summary>The data page in a real browser.</summary>
public sealed class DataPageTests(Chromium chromium)
{
    [Fact]
    public async Task It_tells_partitions_health_encoders_shards_and_disk_use()
    {
        await using var desk = await OpenAsync(Chromium.Desktop);
        var partitions = desk.Page.GetByRole(AriaRole.Region, new() { Name = "Partitions" });
        await Assertions.Expect(partitions).ToContainTextAsync("pictures/native/all");
        await Assertions.Expect(partitions).ToContainTextAsync("30 pictures");
        await Assertions.Expect(partitions).ToContainTextAsync("duplicates 2");
        await Assertions.Expect(partitions).ToContainTextAsync("cut short 1");
        await Assertions.Expect(partitions).ToContainTextAsync("statistics@1");
        // By keyboard: the health is read when it is opened.
        await partitions.GetByText("Health of the pictures").FocusAsync();
        await desk.Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(partitions.GetByRole(AriaRole.Row).Filter(new() { HasText = "With a place" })).ToContainTextAsync("0 %");
        await Assertions.Expect(partitions).ToContainTextAsync("64 × 64");

        var encoders = desk.Page.GetByRole(AriaRole.Region, new() { Name = "Encoders" });
        await Assertions.Expect(encoders).ToContainTextAsync("training-free");
        await encoders.GetByRole(AriaRole.Listitem).Filter(new() { HasText = "curve@1" }).GetByText("Card and training").ClickAsync();
        await Assertions.Expect(encoders.GetByRole(AriaRole.Img, new() { Name = "Loss against training steps" })).ToBeVisibleAsync();
        await Assertions.Expect(encoders).ToContainTextAsync("321 pictures a second");

        await Assertions.Expect(desk.Page.GetByRole(AriaRole.Row).Filter(new() { HasText = "train" })).ToContainTextAsync("0 of 500");
        await Assertions.Expect(desk.Page.GetByRole(AriaRole.Region, new() { Name = "Disk" })).ToContainTextAsync("Embeddings");
        // The navigation leads here and away, and says where one is.
        await Assertions.Expect(desk.Page.GetByRole(AriaRole.Link, new() { Name = "Data" })).ToHaveAttributeAsync("aria-current", "page");
        Assert.Empty(desk.Faults);
    }

    [Fact]
    public async Task What_runs_is_looked_at_again_and_a_labeler_does_not_come_here()
    {
        await using var desk = await OpenAsync(Chromium.Desktop);
        var train = desk.Page.GetByRole(AriaRole.Row).Filter(new() { HasText = "train" });
        await Assertions.Expect(train).ToContainTextAsync("0 of 500");
        var key = new ShardKey("train", "t");
        await desk.Workspace.Catalog.FinishShardAsync(
            key, await desk.Workspace.Catalog.ClaimShardAsync(key, CancellationToken.None), ShardState.Done, new ShardResult(500, 0, ""), CancellationToken.None);
        await Assertions.Expect(train).ToContainTextAsync("500 of 500");
        await desk.Page.GotoAsync("about:blank");
        await desk.Page.GotoAsync(await desk.Server.CreateLinkAsync(Role.Labeler, null, TimeSpan.FromHours(1), CancellationToken.None));
        await Assertions.Expect(desk.Page).Not.ToHaveURLAsync(new System.Text.RegularExpressions.Regex("token"));
        await desk.Page.GotoAsync($"{desk.Server.Address}data");
        await Assertions.Expect(desk.Page.GetByRole(AriaRole.Heading, new() { Name = "This page is not for your link" })).ToBeVisibleAsync();
    }

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Axe_finds_no_violation_on_the_data_page(ColorScheme scheme)
    {
        await using var phone = await OpenAsync(playwright =>
        {
            var options = Chromium.Phone(playwright);
            options.ColorScheme = scheme;
            options.ReducedMotion = ReducedMotion.Reduce;
            return options;
        });
        foreach (var summary in await phone.Page.Locator("summary").AllAsync()) await summary.ClickAsync();
        await Assertions.Expect(phone.Page.GetByRole(AriaRole.Img, new() { Name = "Loss against training steps" })).ToBeVisibleAsync();
        await Assertions.Expect(phone.Page.GetByRole(AriaRole.Row).Filter(new() { HasText = "With a place" })).ToBeVisibleAsync();
        await Axe.CheckAsync(phone.Page, "data");
        Assert.Equal(0, await phone.Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - document.documentElement.clientWidth"));
    }

    private async Task<LabelingPage> OpenAsync(Func<IPlaywright, BrowserNewContextOptions> device)
    {
        var page = await LabelingPage.OpenAsync(chromium, device, start: false, setUp: FillAsync);
        await page.Page.GotoAsync($"{page.Server.Address}data");
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Heading, new() { Name = "Data", Exact = true })).ToBeVisibleAsync();
        return page;
    }

    /// <summary>Embeddings, marks, a refused file, a training under way, and an encoder with a curve.</summary>
    internal static async Task FillAsync(Workspace workspace)
    {
        var encoder = await new EncoderStore(workspace).EnsureStatisticsAsync(CancellationToken.None);
        await Embedding.EmbedAsync(workspace, new EmbedOptions { Encoder = encoder.Id }, new PoolEngine(1), null, CancellationToken.None);
        await workspace.Catalog.SetImageStateAsync([new ImageId(1, 3), new ImageId(1, 4)], ImageState.Duplicate, CancellationToken.None);
        await workspace.Catalog.AddRejectedAsync(1, [new RejectedFile("/x/a.jpg", ImageProblem.Truncated, "ends early", 1, 1)], CancellationToken.None);
        await workspace.Catalog.PlanShardsAsync([new ShardSpec(new ShardKey("train", "t"), "{}", 500)], CancellationToken.None);
        await workspace.Catalog.ClaimShardAsync(new ShardKey("train", "t"), CancellationToken.None);
        var trained = await workspace.Catalog.AddEncoderAsync("curve", new string('c', 64), 128, CancellationToken.None);
        await File.WriteAllLinesAsync(
            Path.Combine(workspace.EncoderDirectory(trained.Id), "metrics.jsonl"), Enumerable.Range(1, 60).Select(i => $$"""{"step":{{i * 10}},"loss":{{5.0 / i}},"imagesPerSecond":321}"""));
    }
}
