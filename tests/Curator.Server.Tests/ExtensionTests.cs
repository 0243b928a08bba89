using System.Net;
using System.Net.Http.Json;
using Curator.Core;
using Curator.Server.Security;
using Curator.Server.Tests.Support;

namespace Curator.Server.Tests;

/// <summary>Requests of a browser extension: of another origin, with a bearer.</summary>
public sealed class ExtensionTests
{
    private const string Other = "chrome-extension://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    private static string Own => $"chrome-extension://{new ServeOptions().Extensions}";

    [Fact]
    public async Task A_preflight_is_answered_to_the_extension_exactly_and_to_nobody_else()
    {
        await using var site = await RunningServer.StartAsync(pictures: 1);
        using var answer = await PreflightAsync(site, Own);
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        Assert.Equal(Own, Header(answer, "Access-Control-Allow-Origin"));
        Assert.Equal("GET, POST", Header(answer, "Access-Control-Allow-Methods"));
        Assert.Equal("authorization, content-type", Header(answer, "Access-Control-Allow-Headers"));
        Assert.Equal("Origin", Header(answer, "Vary"));
        // Without it no browser sends a cookie along, or hands an answer to one that did.
        Assert.Null(Header(answer, "Access-Control-Allow-Credentials"));
        foreach (var origin in new[] { Other, "https://worldview.earthdata.nasa.gov", "null", $"{Own}/", $"{Own}:80", Own.ToUpperInvariant(), "chrome-extension://" })
        {
            using var refused = await PreflightAsync(site, origin);
            Assert.Null(Header(refused, "Access-Control-Allow-Origin"));
            Assert.NotEqual(HttpStatusCode.NoContent, refused.StatusCode);
        }
    }

    [Fact]
    public async Task A_session_of_the_extension_is_a_bearer_and_sets_no_cookie()
    {
        await using var site = await RunningServer.StartAsync(pictures: 1);
        var (_, token) = await site.Server.Links.CreateAsync(Role.Labeler, null, TimeSpan.FromHours(1), null, CancellationToken.None);
        using var opening = site.Extension(null);
        using var opened = await opening.PostAsJsonAsync("/api/session", new { token });
        Assert.False(opened.Headers.Contains("Set-Cookie"));
        Assert.Equal(Own, Header(opened, "Access-Control-Allow-Origin"));
        var bearer = (await opened.JsonAsync()).GetProperty("bearer").GetString()!;
        Assert.DoesNotContain(token, bearer, StringComparison.Ordinal);

        using var extension = site.Extension(bearer);
        Assert.Equal("labeler", (await (await extension.GetAsync("/api/session")).JsonAsync()).GetProperty("role").GetString());
        // A page is told no bearer, and one session's text does not open the other way in.
        using var page = await site.SignInAsync(Role.Owner);
        Assert.Equal(System.Text.Json.JsonValueKind.Null, (await (await page.GetAsync("/api/session")).JsonAsync()).GetProperty("bearer").ValueKind);
        using var asPage = site.Anonymous();
        asPage.DefaultRequestHeaders.Add("Cookie", $"{await CookieNameAsync(await page.GetAsync("/api/session"))}={bearer}");
        await (await asPage.GetAsync("/api/session")).ProblemAsync(HttpStatusCode.Unauthorized);
        using var noOrigin = site.Anonymous();
        noOrigin.DefaultRequestHeaders.Authorization = new("Bearer", bearer);
        await (await noOrigin.GetAsync("/api/session")).ProblemAsync(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_cookie_of_the_page_is_no_way_in_for_the_extension()
    {
        await using var site = await RunningServer.StartAsync(pictures: 1);
        var cookies = new CookieContainer();
        using var page = await site.SignInAsync(Role.Owner, cookies: cookies);
        using var withCookie = site.Anonymous(cookies);
        withCookie.DefaultRequestHeaders.Add("Origin", Own);
        await (await withCookie.GetAsync("/api/tasks")).ProblemAsync(HttpStatusCode.Unauthorized);
        var text = cookies.GetCookies(site.Server.Address)[0].Value;
        using var asBearer = site.Extension(text);
        await (await asBearer.GetAsync("/api/tasks")).ProblemAsync(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Another_extension_is_refused_and_can_read_no_answer()
    {
        await using var site = await RunningServer.StartAsync(pictures: 1);
        using var other = site.Extension(null, Other);
        using var refused = await other.PostAsJsonAsync("/api/session", new { token = "x" });
        await refused.ProblemAsync(HttpStatusCode.Forbidden);
        Assert.Null(Header(refused, "Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task Its_session_ends_with_its_link()
    {
        await using var site = await RunningServer.StartAsync(pictures: 1);
        using var extension = await site.ExtensionAsync(Role.Labeler);
        var link = (await (await extension.GetAsync("/api/session")).JsonAsync()).GetProperty("link").GetString()!;
        Assert.Equal(HttpStatusCode.OK, (await extension.GetAsync("/api/tasks")).StatusCode);
        await site.Server.Links.RevokeAsync(link, CancellationToken.None);
        using var refused = await extension.GetAsync("/api/tasks");
        await refused.ProblemAsync(HttpStatusCode.Unauthorized);
        Assert.Equal(Own, Header(refused, "Access-Control-Allow-Origin")); // so that the panel can say why
    }

    [Fact]
    public async Task Which_extensions_may_ask_is_a_setting_and_a_wrong_id_is_said()
    {
        await using var site = await RunningServer.StartAsync(pictures: 1, new ServeOptions { Extensions = "" });
        using var answer = await PreflightAsync(site, Own);
        Assert.Null(Header(answer, "Access-Control-Allow-Origin"));
        var error = Assert.Throws<WorkspaceException>(() => new BrowserExtensions("kpihfmddpbpodgookgfhcfoaeldeofc9"));
        Assert.Contains("--extensions", error.NextStep, StringComparison.Ordinal);
    }

    private static async Task<HttpResponseMessage> PreflightAsync(RunningServer site, string origin)
    {
        using var client = site.Anonymous();
        using var request = new HttpRequestMessage(HttpMethod.Options, "/api/search");
        request.Headers.TryAddWithoutValidation("Origin", origin);
        request.Headers.Add("Access-Control-Request-Method", "POST");
        request.Headers.Add("Access-Control-Request-Headers", "authorization,content-type");
        return await client.SendAsync(request);
    }

    private static string? Header(HttpResponseMessage response, string name) => response.Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : null;

    private static async Task<string> CookieNameAsync(HttpResponseMessage session) => $"curator-{(await session.JsonAsync()).GetProperty("workspace").GetString()}";
}
