using System.Net;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Curator.Server.Security;
using Curator.Server.Tests.Support;

namespace Curator.Server.Tests;

public sealed class SessionTests
{
    [Fact]
    public async Task A_links_token_is_exchanged_for_a_cookie_that_scripts_cannot_read()
    {
        await using var site = await RunningServer.StartAsync();
        using var client = site.Anonymous();
        Assert.Contains("link", await (await client.GetAsync("/api/session")).ProblemAsync(HttpStatusCode.Unauthorized), StringComparison.Ordinal);
        var response = await client.PostAsJsonAsync("/api/session", new { token = TokenOf(site.Server.Link), name = "Ada" });
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var cookie = response.Headers.GetValues("Set-Cookie").Single();
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=strict", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("path=/", cookie, StringComparison.OrdinalIgnoreCase);
        var session = await (await client.GetAsync("/api/session")).JsonAsync();
        Assert.Matches("^Ada~[0-9a-f]{6}$", session.GetProperty("person").GetString());
        Assert.Equal("owner", session.GetProperty("role").GetString());
    }

    [Fact]
    public async Task The_cookie_is_secure_when_browsers_come_by_tls()
    {
        await using var site = await RunningServer.StartAsync(options: new ServeOptions { BehindProxy = true });
        using var client = site.Anonymous();
        var response = await client.PostAsJsonAsync("/api/session", new { token = TokenOf(site.Server.Link) });
        var cookie = response.Headers.GetValues("Set-Cookie").Single();
        Assert.StartsWith("__Host-curator=", cookie, StringComparison.Ordinal);
        Assert.Contains("secure", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Equal("labeler", (await response.JsonAsync()).GetProperty("role").GetString());
    }

    [Fact]
    public async Task Tokens_are_random_and_stored_as_hashes_only()
    {
        await using var site = await RunningServer.StartAsync();
        var tokens = new List<string> { TokenOf(site.Server.Link) };
        for (var i = 0; i < 20; i++)
            tokens.Add((await site.Server.Links.CreateAsync(Role.Labeler, null, TimeSpan.FromHours(1), null, CancellationToken.None)).Token);
        Assert.Equal(tokens.Count, tokens.Distinct().Count());
        Assert.All(tokens, token => Assert.Matches("^[A-Za-z0-9_-]{43}$", token)); // 256 bits
        var stored = await site.Workspace.Catalog.GetValueAsync("serve.links", CancellationToken.None);
        Assert.All(tokens, token => Assert.DoesNotContain(token, stored, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Two_people_of_one_name_are_two_people()
    {
        await using var site = await RunningServer.StartAsync();
        var people = new List<string?>();
        for (var i = 0; i < 2; i++)
        {
            using var client = site.Anonymous();
            var response = await client.PostAsJsonAsync("/api/session", new { token = TokenOf(site.Server.Link), name = "Ada" });
            people.Add((await response.JsonAsync()).GetProperty("person").GetString());
        }
        Assert.NotEqual(people[0], people[1]);
    }

    [Fact]
    public async Task A_person_can_take_another_name_and_stays_told_apart()
    {
        await using var site = await RunningServer.StartAsync();
        using var client = await site.SignInAsync(Role.Labeler);
        var before = (await (await client.GetAsync("/api/session")).JsonAsync()).GetProperty("person").GetString()!;
        var renamed = await (await client.PatchAsJsonAsync("/api/session", new { name = " Ada~Lovelace " })).JsonAsync();
        Assert.Equal($"Ada~Lovelace~{before[^6..]}", renamed.GetProperty("person").GetString());
        var again = await (await client.PatchAsJsonAsync("/api/session", new { name = "Grace" })).JsonAsync();
        Assert.Equal($"Grace~{before[^6..]}", again.GetProperty("person").GetString());
        foreach (var wrong in new[] { "", "   ", "a\tb", new string('x', 41) })
            await (await client.PatchAsJsonAsync("/api/session", new { name = wrong })).ProblemAsync(HttpStatusCode.BadRequest);
        var session = await (await client.GetAsync("/api/session")).JsonAsync();
        Assert.Equal($"Grace~{before[^6..]}", session.GetProperty("person").GetString());
    }

    [Fact]
    public async Task Who_opens_another_link_stays_the_same_person()
    {
        await using var site = await RunningServer.StartAsync();
        using var client = await site.SignInAsync(Role.Labeler);
        var before = (await (await client.GetAsync("/api/session")).JsonAsync()).GetProperty("person").GetString();
        var (_, token) = await site.Server.Links.CreateAsync(Role.Viewer, null, TimeSpan.FromHours(1), null, CancellationToken.None);
        var session = await (await client.PostAsJsonAsync("/api/session", new { token })).JsonAsync();
        Assert.Equal(before, session.GetProperty("person").GetString());
        Assert.Equal("viewer", session.GetProperty("role").GetString());
    }

    [Fact]
    public async Task A_revoked_link_ends_its_sessions_at_once()
    {
        await using var site = await RunningServer.StartAsync();
        using var owner = await site.SignInAsync(Role.Owner);
        var created = await (await owner.PostAsJsonAsync("/api/links", new { role = "labeler", hours = 1 })).JsonAsync();
        using var guest = site.Anonymous();
        Assert.Equal(HttpStatusCode.OK, (await guest.PostAsJsonAsync("/api/session", new { token = TokenOf(created.GetProperty("address").GetString()!) })).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await guest.GetAsync("/api/tasks")).StatusCode);
        var id = created.GetProperty("link").GetProperty("id").GetString();
        Assert.Equal(HttpStatusCode.NoContent, (await owner.DeleteAsync($"/api/links/{id}")).StatusCode);
        await (await guest.GetAsync("/api/tasks")).ProblemAsync(HttpStatusCode.Unauthorized);
        await (await guest.PostAsJsonAsync("/api/session", new { token = TokenOf(created.GetProperty("address").GetString()!) })).ProblemAsync(HttpStatusCode.Unauthorized);
        await (await owner.DeleteAsync("/api/links/none")).ProblemAsync(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_link_and_its_sessions_end_with_their_time()
    {
        var clock = new MovedClock();
        await using var site = await RunningServer.StartAsync(clock: clock, options: new ServeOptions { LinkLifetime = TimeSpan.FromHours(2) });
        using var client = site.Anonymous();
        await client.PostAsJsonAsync("/api/session", new { token = TokenOf(site.Server.Link) });
        clock.Offset = TimeSpan.FromMinutes(119);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/api/tasks")).StatusCode);
        clock.Offset = TimeSpan.FromMinutes(121);
        await (await client.GetAsync("/api/tasks")).ProblemAsync(HttpStatusCode.Unauthorized);
        await (await client.PostAsJsonAsync("/api/session", new { token = TokenOf(site.Server.Link) })).ProblemAsync(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_link_for_one_use_opens_one_session()
    {
        await using var site = await RunningServer.StartAsync();
        var (_, token) = await site.Server.Links.CreateAsync(Role.Labeler, null, TimeSpan.FromHours(1), maxUses: 1, CancellationToken.None);
        using var first = site.Anonymous();
        using var second = site.Anonymous();
        Assert.Equal(HttpStatusCode.OK, (await first.PostAsJsonAsync("/api/session", new { token })).StatusCode);
        await (await second.PostAsJsonAsync("/api/session", new { token })).ProblemAsync(HttpStatusCode.Unauthorized);
        Assert.Equal(HttpStatusCode.OK, (await first.GetAsync("/api/tasks")).StatusCode);
    }

    [Fact]
    public async Task Guessing_tokens_is_throttled_and_right_ones_do_not_count()
    {
        await using var site = await RunningServer.StartAsync();
        using var client = site.Anonymous();
        for (var i = 0; i < 30; i++)
            Assert.Equal(HttpStatusCode.OK, (await client.PostAsJsonAsync("/api/session", new { token = TokenOf(site.Server.Link) })).StatusCode);
        for (var i = 0; i < 10; i++)
            await (await client.PostAsJsonAsync("/api/session", new { token = $"guess{i}" })).ProblemAsync(HttpStatusCode.Unauthorized);
        var refused = await client.PostAsJsonAsync("/api/session", new { token = "guess10" });
        await refused.ProblemAsync(HttpStatusCode.TooManyRequests);
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60));
    }

    [Theory]
    [InlineData("a name that is far longer than the forty characters allowed")]
    [InlineData("bell\u0007")]
    public async Task Names_that_no_list_could_show_are_refused(string name)
    {
        await using var site = await RunningServer.StartAsync();
        using var client = site.Anonymous();
        await (await client.PostAsJsonAsync("/api/session", new { token = TokenOf(site.Server.Link), name })).ProblemAsync(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_changed_cookie_and_one_of_another_workspace_open_nothing()
    {
        await using var site = await RunningServer.StartAsync();
        await using var other = await RunningServer.StartAsync();
        var cookies = new CookieContainer();
        using var client = await site.SignInAsync(Role.Owner, cookies: cookies);
        var cookie = cookies.GetAllCookies().Single();
        foreach (var value in new[] { cookie.Value[..^1], cookie.Value.Replace('e', 'f'), "." + cookie.Value, "x", new string('a', 5000) })
            await (await GetWithCookie(site, $"{cookie.Name}={value}")).ProblemAsync(HttpStatusCode.Unauthorized);
        Assert.Equal(HttpStatusCode.OK, (await GetWithCookie(site, $"{cookie.Name}={cookie.Value}")).StatusCode);
        await (await GetWithCookie(other, $"{cookie.Name}={cookie.Value}")).ProblemAsync(HttpStatusCode.Unauthorized);

        static async Task<HttpResponseMessage> GetWithCookie(RunningServer at, string cookie)
        {
            using var plain = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = at.Server.Address };
            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/tasks") { Headers = { { "Cookie", cookie } } };
            return await plain.SendAsync(request);
        }
    }

    [Fact]
    public async Task Sessions_and_links_outlive_a_restart()
    {
        await using var site = await RunningServer.StartAsync();
        var cookies = new CookieContainer();
        using var before = await site.SignInAsync(Role.Labeler, cookies: cookies);
        var token = TokenOf(site.Server.Link);
        await site.RestartAsync();
        using var after = site.Anonymous();
        after.DefaultRequestHeaders.Add("Cookie", cookies.GetAllCookies().Select(cookie => cookie.ToString()).Single());
        Assert.Equal(HttpStatusCode.OK, (await after.GetAsync("/api/tasks")).StatusCode);
        using var newcomer = site.Anonymous();
        Assert.Equal(HttpStatusCode.OK, (await newcomer.PostAsJsonAsync("/api/session", new { token })).StatusCode);
    }

    [Fact]
    public async Task A_new_link_comes_with_a_code_to_photograph()
    {
        await using var site = await RunningServer.StartAsync();
        using var owner = await site.SignInAsync(Role.Owner);
        var created = await (await owner.PostAsJsonAsync("/api/links", new { role = "viewer", hours = 3, task = "island", maxUses = 5 })).JsonAsync();
        Assert.StartsWith($"{site.Server.Address}tasks/island#token=", created.GetProperty("address").GetString(), StringComparison.Ordinal);
        var code = created.GetProperty("qrCode");
        Assert.InRange(code.GetProperty("side").GetInt32(), 21, 177);
        Assert.Matches(new Regex("^(M[0-9]+ [0-9]+h1v1h-1z)+$"), code.GetProperty("path").GetString());
        var listed = await (await owner.GetAsync("/api/links")).JsonAsync();
        Assert.Contains(listed.EnumerateArray(), link => link.GetProperty("id").GetString() == created.GetProperty("link").GetProperty("id").GetString());
        Assert.DoesNotContain("oken", listed.GetRawText(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"role":"labeler","hours":0}""")]
    [InlineData("""{"role":"labeler","hours":9000}""")]
    [InlineData("""{"role":"labeler","hours":1,"maxUses":0}""")]
    [InlineData("""{"role":"king","hours":1}""")]
    [InlineData("""{"role":2,"hours":1}""")]
    [InlineData("""{"role":"labeler","hours":"1"}""")]
    public async Task A_link_of_nonsense_is_refused(string json)
    {
        await using var site = await RunningServer.StartAsync();
        using var owner = await site.SignInAsync(Role.Owner);
        await (await owner.PostAsync("/api/links", new StringContent(json, null, "application/json"))).ProblemAsync(HttpStatusCode.BadRequest);
    }

    internal static string TokenOf(string link) => link[(link.IndexOf("#token=", StringComparison.Ordinal) + "#token=".Length)..];
}
