using System.Net;
using System.Text.Json;

namespace Curator.EndToEnd.Tests.Browser;

public sealed class InstallTests(Chromium chromium)
{
    private const int LargestStartBytes = 60 * 1024;

    [Fact]
    public async Task What_a_phone_fetches_before_the_first_picture_is_under_60_KB_compressed()
    {
        await using var phone = await LabelingPage.OpenAsync(chromium, Chromium.Phone, pictures: 1, start: false);
        using var client = new HttpClient(new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.None }) { BaseAddress = phone.Server.Address };
        client.DefaultRequestHeaders.AcceptEncoding.ParseAdd("gzip");
        var loaded = await phone.Page.EvaluateAsync<string[]>(
            "() => performance.getEntriesByType('resource').map(entry => new URL(entry.name)).filter(url => url.pathname.startsWith('/assets/')).map(url => url.pathname)");
        Assert.NotEmpty(loaded);
        var sum = 0L;
        foreach (var path in loaded.Distinct().Append("/")) sum += (await client.GetByteArrayAsync(path)).Length;
        Assert.True(sum <= LargestStartBytes, $"{sum} bytes: {string.Join(", ", loaded)}");
    }

    [Fact]
    public async Task Chromium_would_install_the_page_as_an_app()
    {
        await using var phone = await LabelingPage.OpenAsync(chromium, Chromium.Phone, pictures: 1, start: false);
        await phone.Page.EvaluateAsync("() => navigator.serviceWorker.ready.then(() => null)");
        var tools = await phone.Context.NewCDPSessionAsync(phone.Page);
        var manifest = (await tools.SendAsync("Page.getAppManifest"))!.Value;
        Assert.Empty(manifest.GetProperty("errors").EnumerateArray());
        using var content = JsonDocument.Parse(manifest.GetProperty("data").GetString()!);
        Assert.Equal("standalone", content.RootElement.GetProperty("display").GetString());
        var installability = (await tools.SendAsync("Page.getInstallabilityErrors"))!.Value.GetProperty("installabilityErrors");
        // Every profile that a test opens is a private window.
        Assert.All(installability.EnumerateArray(), error => Assert.Equal("in-incognito", error.GetProperty("errorId").GetString()));
        using var client = new HttpClient { BaseAddress = phone.Server.Address };
        var sizes = new List<string>();
        foreach (var icon in content.RootElement.GetProperty("icons").EnumerateArray())
        {
            var bytes = await client.GetByteArrayAsync(icon.GetProperty("src").GetString());
            if (icon.GetProperty("type").GetString() != "image/png") continue;
            var wide = (bytes[18] << 8) | bytes[19]; // PNG: the header chunk's width
            Assert.Equal(icon.GetProperty("sizes").GetString(), $"{wide}x{wide}");
            sizes.Add($"{wide} {(icon.TryGetProperty("purpose", out var purpose) ? purpose.GetString() : "any")}");
        }
        Assert.Contains("192 any", sizes);
        Assert.Contains("512 any", sizes);
        Assert.Contains("512 maskable", sizes);
    }
}
