using System.Net;
using System.Security.Cryptography.X509Certificates;
using Curator.Core;
using Curator.Server.Tests.Support;

namespace Curator.Server.Tests;

public sealed class HostingTests
{
    [Fact]
    public async Task Listens_on_loopback_unless_asked_otherwise()
    {
        await using var site = await RunningServer.StartAsync();
        Assert.Equal("127.0.0.1", site.Server.Address.Host);
        Assert.Equal("http", site.Server.Address.Scheme);
        Assert.NotEqual(0, site.Server.Address.Port);
        Assert.StartsWith($"{site.Server.Address}#token=", site.Server.Link, StringComparison.Ordinal);
        Assert.Null(site.Server.CertificateFingerprint);
    }

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("::")]
    [InlineData("192.0.2.7")]
    public async Task Refuses_an_address_beyond_loopback_without_tls_or_proxy(string host)
    {
        using var folder = new TemporaryFolder();
        await using var workspace = await LabelingSite.MakeAsync(folder, 1);
        var refusal = await Assert.ThrowsAsync<WorkspaceException>(
            () => CuratorServer.StartAsync(workspace, new ServeOptions { Host = host, Port = 0 }, CancellationToken.None));
        Assert.Contains("TLS", refusal.WhatHappened, StringComparison.Ordinal);
        Assert.Contains("--behind-proxy", refusal.NextStep, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Serves_any_address_behind_a_proxy_to_allowed_hosts_only()
    {
        await using var site = await RunningServer.StartAsync(options: new ServeOptions { Host = "0.0.0.0", BehindProxy = true, AllowedHosts = "label.example.org" });
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{site.Server.Address.Port}") };
        using var asked = new HttpRequestMessage(HttpMethod.Get, "/health") { Headers = { Host = "label.example.org" } };
        Assert.Equal(HttpStatusCode.OK, (await client.SendAsync(asked)).StatusCode);
        using var foreign = new HttpRequestMessage(HttpMethod.Get, "/health") { Headers = { Host = "evil.example" } };
        await (await client.SendAsync(foreign)).ProblemAsync(HttpStatusCode.MisdirectedRequest);
    }

    [Fact]
    public async Task Serves_tls_with_a_given_certificate()
    {
        using var folder = new TemporaryFolder();
        await using var workspace = await LabelingSite.MakeAsync(folder, 1);
        // The workspace's own maker is used to get a certificate file; then it is given as a user would give one.
        using var made = await Hosting.Certificates.GetOrMakeAsync(workspace, IPAddress.Loopback, CancellationToken.None);
        var path = folder["certificate.pfx"];
        await File.WriteAllBytesAsync(path, made.Export(X509ContentType.Pkcs12));
        await using var server = await CuratorServer.StartAsync(workspace, new ServeOptions { Certificate = path, Port = 0 }, CancellationToken.None);
        Assert.Equal("https", server.Address.Scheme);
        Assert.Equal(Hosting.Certificates.Fingerprint(made), server.CertificateFingerprint);
        string? seen = null;
        using var handler = new HttpClientHandler();
        handler.ServerCertificateCustomValidationCallback = (_, certificate, _, _) => (seen = Hosting.Certificates.Fingerprint(certificate!)) is not null;
        using var client = new HttpClient(handler) { BaseAddress = server.Address };
        var response = await client.GetAsync("/health");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(server.CertificateFingerprint, seen);
        Assert.Equal("max-age=31536000", response.Headers.GetValues("Strict-Transport-Security").Single());
    }

    [Fact]
    public async Task Makes_its_own_certificate_once_and_keeps_it_from_others()
    {
        using var folder = new TemporaryFolder();
        await using var workspace = await LabelingSite.MakeAsync(folder, 1);
        using var first = await Hosting.Certificates.GetOrMakeAsync(workspace, IPAddress.Loopback, CancellationToken.None);
        using var second = await Hosting.Certificates.GetOrMakeAsync(workspace, IPAddress.Loopback, CancellationToken.None);
        Assert.Equal(first.Thumbprint, second.Thumbprint);
        if (OperatingSystem.IsWindows()) return; // has no Unix file modes
        foreach (var file in Directory.GetFiles(workspace.WorkDirectory("serve")))
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    [Fact]
    public async Task A_taken_port_is_said_with_what_to_do()
    {
        await using var site = await RunningServer.StartAsync();
        var refusal = await Assert.ThrowsAsync<WorkspaceException>(
            () => CuratorServer.StartAsync(site.Workspace, new ServeOptions { Port = site.Server.Address.Port }, CancellationToken.None));
        Assert.Contains("--port", refusal.NextStep, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("evil.example")]
    [InlineData("127.0.0.1.evil.example")]
    [InlineData("169.254.169.254")]
    public async Task Answers_only_under_its_own_host_names(string host)
    {
        await using var site = await RunningServer.StartAsync();
        using var client = site.Anonymous();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { Host = $"{host}:{site.Server.Address.Port}" } };
        await (await client.SendAsync(request)).ProblemAsync(HttpStatusCode.MisdirectedRequest);
    }

    [Fact]
    public async Task Every_answer_carries_the_security_headers()
    {
        await using var site = await RunningServer.StartAsync();
        using var client = site.Anonymous();
        foreach (var path in new[] { "/", "/health", "/api/tasks", "/api/nothing", "/nothing.js" })
        {
            var response = await client.GetAsync(path);
            var policy = response.Headers.GetValues("Content-Security-Policy").Single();
            Assert.StartsWith("default-src 'none';", policy, StringComparison.Ordinal);
            Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
            Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
            Assert.Equal("no-referrer", response.Headers.GetValues("Referrer-Policy").Single());
            Assert.Equal("DENY", response.Headers.GetValues("X-Frame-Options").Single());
            Assert.False(response.Headers.Contains("Access-Control-Allow-Origin"));
            Assert.False(response.Headers.Contains("Server"));
        }
    }

    [Theory]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    [InlineData("Sec-Fetch-Site", "none")]
    [InlineData("Origin", "https://evil.example")]
    [InlineData("Origin", "null")]
    public async Task A_change_sent_by_a_page_of_another_site_is_refused(string header, string value)
    {
        await using var site = await RunningServer.StartAsync();
        using var client = await site.SignInAsync(Security.Role.Owner);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/tasks/island/answers") { Content = new StringContent("[]", null, "application/json") };
        request.Headers.Add(header, value);
        Assert.Contains("another site", await (await client.SendAsync(request)).ProblemAsync(HttpStatusCode.Forbidden), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_needs_no_session_and_tells_nothing_else()
    {
        await using var site = await RunningServer.StartAsync();
        using var client = site.Anonymous();
        Assert.Equal("""{"status":"ok"}""", await client.GetStringAsync("/health"));
    }

    [Fact]
    public async Task The_api_describes_itself_with_plain_numbers()
    {
        await using var site = await RunningServer.StartAsync();
        using var client = await site.SignInAsync(Security.Role.Viewer);
        var document = await (await client.GetAsync("/openapi/v1.json")).JsonAsync();
        Assert.StartsWith("3.1", document.GetProperty("openapi").GetString(), StringComparison.Ordinal);
        var count = document.GetProperty("components").GetProperty("schemas").GetProperty("NextRequest").GetProperty("properties").GetProperty("count");
        Assert.Equal("integer", count.GetProperty("type").GetString());
    }
}
