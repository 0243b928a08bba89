using System.Net;
using System.Text.RegularExpressions;
using Curator.Server.Tests.Support;
using Curator.Server.Web;
using Microsoft.AspNetCore.Http;

namespace Curator.Server.Tests;

public sealed class WebAppTests
{
    [Theory]
    [InlineData("/")]
    [InlineData("/tasks/island")]
    [InlineData("/anything/the/page/knows")]
    public async Task Every_address_of_the_page_answers_with_the_page(string path)
    {
        await using var site = await RunningServer.StartAsync();
        using var client = site.Anonymous();
        var response = await client.GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/html", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal("no-cache", response.Headers.GetValues("Cache-Control").Single());
        Assert.Contains("<div id=\"app\">", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_whole_app_is_small_compressed_and_kept_for_ever_under_its_hash()
    {
        await using var site = await RunningServer.StartAsync();
        using var client = site.Anonymous();
        var page = await client.GetStringAsync("/");
        var assets = Regex.Matches(page, "(?:src|href)=\"(/assets/[^\"]+)\"").Select(match => match.Groups[1].Value).ToList();
        Assert.NotEmpty(assets);
        var sizeBytes = 0L;
        foreach (var asset in assets)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, asset) { Headers = { { "Accept-Encoding", "gzip" } } };
            var response = await client.SendAsync(request);
            Assert.Equal("gzip", response.Content.Headers.ContentEncoding.Single());
            Assert.Equal("public, max-age=31536000, immutable", response.Headers.GetValues("Cache-Control").Single());
            sizeBytes += (await response.Content.ReadAsByteArrayAsync()).Length;
        }
        Assert.InRange(sizeBytes, 1_000, 60_000); // measured: 22,000
    }

    [Fact]
    public async Task The_page_asks_no_other_host()
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "wwwroot");
        Assert.True(Directory.Exists(folder), "Run `npm ci && npm run build` in web/ first.");
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(file => Path.GetExtension(file) is not ".png"))
        {
            var addresses = Regex.Matches(await File.ReadAllTextAsync(file), "(?:https?:)?//[a-z0-9.-]+\\.[a-z]{2,}[^\"'` )]*", RegexOptions.IgnoreCase).Select(match => match.Value);
            // Names of XML name spaces and of coordinate systems, which nobody fetches.
            Assert.All(addresses, address => Assert.Matches("^http://www\\.(w3\\.org|opengis\\.net/(def/crs|gml/srs))/", address));
        }
    }

    [Fact]
    public async Task An_unchanged_page_is_not_sent_again()
    {
        await using var site = await RunningServer.StartAsync();
        using var client = site.Anonymous();
        var first = await client.GetAsync("/");
        using var again = new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { IfNoneMatch = { first.Headers.ETag! } } };
        Assert.Equal(HttpStatusCode.NotModified, (await client.SendAsync(again)).StatusCode);
    }

    [Theory]
    [InlineData("GET", "/assets/nothing.js", HttpStatusCode.NotFound)]
    [InlineData("GET", "/api/nothing", HttpStatusCode.NotFound)]
    [InlineData("POST", "/", HttpStatusCode.MethodNotAllowed)]
    [InlineData("PUT", "/api/tasks", HttpStatusCode.NotFound)]
    public async Task What_is_not_there_is_said(string method, string path, HttpStatusCode expected)
    {
        await using var site = await RunningServer.StartAsync();
        using var client = site.Anonymous();
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        await (await client.SendAsync(request)).ProblemAsync(expected);
    }

    [Theory]
    [InlineData("/../curator.db")]
    [InlineData("/..%2f..%2fcurator.db")]
    [InlineData("/%2e%2e/%2e%2e/etc/passwd")]
    [InlineData("/assets/../../../../etc/passwd")]
    [InlineData("/assets/..\\..\\..\\etc\\passwd")]
    [InlineData("//etc/passwd")]
    [InlineData("/etc/passwd%00.js")]
    [InlineData("/C:/Windows/win.ini")]
    public async Task No_path_leads_out_of_the_app(string path)
    {
        await using var site = await RunningServer.StartAsync();
        var answer = await site.SendRawAsync($"GET {path} HTTP/1.1\r\nHost: {site.Server.Address.Authority}\r\nConnection: close\r\n\r\n");
        Assert.DoesNotContain("root:", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("SQLite", answer, StringComparison.Ordinal);
        Assert.Matches("^HTTP/1.1 (200|400|404)", answer);
        if (answer.StartsWith("HTTP/1.1 200", StringComparison.Ordinal)) Assert.Contains("<div id=\"app\">", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_built_app_the_page_says_how_to_build_it()
    {
        using var folder = new TemporaryFolder();
        var app = await WebApp.LoadAsync(folder["absent"], CancellationToken.None);
        var context = new DefaultHttpContext { Request = { Method = "GET", Path = "/" } };
        using var body = new MemoryStream();
        context.Response.Body = body;
        await app.InvokeAsync(context);
        Assert.Equal(StatusCodes.Status503ServiceUnavailable, context.Response.StatusCode);
        Assert.Contains("npm", System.Text.Encoding.UTF8.GetString(body.ToArray()), StringComparison.Ordinal);
    }
}
