using System.Net;
using System.Text;
using Curator.Server.Errors;
using Curator.Server.Search;
using Curator.Server.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace Curator.Server.Tests;

public sealed class PictureFetcherTests
{
    private static readonly byte[] s_picture = TinyPictures.Bmp(16, 3);

    [Fact]
    public async Task A_picture_of_an_allowed_host_is_fetched()
    {
        await using var host = new TlsHost(_ => TlsHost.Ok(s_picture));
        using var fetcher = Fetcher(host);
        Assert.Equal(s_picture, await fetcher.FetchAsync(Address(host, "/a.bmp?x=1"), CancellationToken.None));
        Assert.Equal(["/a.bmp?x=1"], host.Asked);
    }

    [Theory]
    [InlineData("http://pictures.example/a.bmp", StatusCodes.Status400BadRequest)]
    [InlineData("file:///etc/passwd", StatusCodes.Status400BadRequest)]
    [InlineData("ftp://pictures.example/a.bmp", StatusCodes.Status400BadRequest)]
    [InlineData("https://user:word@pictures.example/a.bmp", StatusCodes.Status400BadRequest)]
    [InlineData("pictures.example/a.bmp", StatusCodes.Status400BadRequest)]
    [InlineData("", StatusCodes.Status400BadRequest)]
    [InlineData("https://pictures.example:8443/a.bmp", StatusCodes.Status403Forbidden)]
    [InlineData("https://pictures.example.evil.example/a.bmp", StatusCodes.Status403Forbidden)]
    [InlineData("https://evil.example/pictures.example", StatusCodes.Status403Forbidden)]
    [InlineData("https://pictures.example./a.bmp", StatusCodes.Status403Forbidden)]
    [InlineData("https://127.0.0.1/a.bmp", StatusCodes.Status403Forbidden)]
    public async Task Other_schemes_names_and_ports_are_refused_before_anything_is_looked_up(string url, int status)
    {
        var network = new FetchNetwork((_, _) => throw new InvalidOperationException("looked up"), _ => true);
        using var fetcher = new PictureFetcher(["pictures.example"], TimeProvider.System, network);
        Assert.Equal(status, (await Assert.ThrowsAsync<RefusedException>(() => fetcher.FetchAsync(url, CancellationToken.None))).Status);
    }

    [Fact]
    public async Task Without_allowed_hosts_nothing_is_fetched()
    {
        using var fetcher = new PictureFetcher([" ", ""], TimeProvider.System);
        Assert.Equal(StatusCodes.Status403Forbidden, (await Assert.ThrowsAsync<RefusedException>(() => fetcher.FetchAsync("https://pictures.example/", CancellationToken.None))).Status);
    }

    [Theory]
    [InlineData("10.0.0.8")]
    [InlineData("169.254.169.254")]
    [InlineData("8.8.8.8,127.0.0.1")]
    [InlineData("")]
    public async Task A_name_that_leads_into_a_private_network_is_not_connected_to(string addresses)
    {
        var found = addresses.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(IPAddress.Parse).ToArray();
        var network = new FetchNetwork((_, _) => Task.FromResult(found), PublicAddress.Holds);
        using var fetcher = new PictureFetcher(["pictures.example"], TimeProvider.System, network);
        var refusal = await Assert.ThrowsAsync<RefusedException>(() => fetcher.FetchAsync("https://pictures.example/a.bmp", CancellationToken.None));
        Assert.Equal(StatusCodes.Status403Forbidden, refusal.Status);
    }

    [Fact]
    public async Task An_allowed_host_that_is_an_address_of_this_machine_is_not_connected_to()
    {
        await using var host = new TlsHost(_ => TlsHost.Ok(s_picture));
        using var fetcher = new PictureFetcher([$"127.0.0.1:{host.Port}"], TimeProvider.System);
        Assert.Equal(
            StatusCodes.Status403Forbidden, (await Assert.ThrowsAsync<RefusedException>(() => fetcher.FetchAsync($"https://127.0.0.1:{host.Port}/", CancellationToken.None))).Status);
        Assert.Empty(host.Asked);
    }

    [Fact]
    public async Task A_name_that_answers_differently_the_second_time_gains_nothing()
    {
        await using var host = new TlsHost(path => path == "/first" ? Redirect("/second") : TlsHost.Ok(s_picture));
        var asked = 0;
        // The first answer passes for public, the next one is the machine itself.
        var network = new FetchNetwork((_, _) => Task.FromResult(new[] { IPAddress.Loopback }), _ => asked++ == 0, host.Validate);
        using var fetcher = new PictureFetcher([$"pictures.example:{host.Port}"], TimeProvider.System, network);
        Assert.Equal(StatusCodes.Status403Forbidden, (await Assert.ThrowsAsync<RefusedException>(() => fetcher.FetchAsync(Address(host, "/first"), CancellationToken.None))).Status);
        Assert.Equal(["/first"], host.Asked);
    }

    [Theory]
    [InlineData("/b.bmp", null)]
    [InlineData("https://pictures.example:{port}/b.bmp", null)]
    [InlineData("http://pictures.example:{port}/b.bmp", StatusCodes.Status400BadRequest)]
    [InlineData("https://evil.example:{port}/b.bmp", StatusCodes.Status403Forbidden)]
    [InlineData("https://169.254.169.254/latest", StatusCodes.Status403Forbidden)]
    [InlineData("file:///etc/passwd", StatusCodes.Status400BadRequest)]
    public async Task A_redirect_is_checked_like_the_first_address(string location, int? status)
    {
        TlsHost host = null!;
        host = new TlsHost(path => path == "/a.bmp" ? Redirect(location.Replace("{port}", $"{host.Port}", StringComparison.Ordinal)) : TlsHost.Ok(s_picture));
        await using var _ = host;
        using var fetcher = Fetcher(host);
        if (status is null)
            Assert.Equal(s_picture, await fetcher.FetchAsync(Address(host, "/a.bmp"), CancellationToken.None));
        else
            Assert.Equal(status, (await Assert.ThrowsAsync<RefusedException>(() => fetcher.FetchAsync(Address(host, "/a.bmp"), CancellationToken.None))).Status);
    }

    [Fact]
    public async Task Redirects_in_a_circle_end()
    {
        await using var host = new TlsHost(_ => Redirect("/again"));
        using var fetcher = Fetcher(host);
        Assert.Contains("redirected", await UnusableAsync(fetcher, Address(host, "/")), StringComparison.Ordinal);
        Assert.Equal(4, host.Asked.Count);
    }

    [Fact]
    public async Task What_is_too_large_is_given_up_whether_announced_or_not()
    {
        var endless = (byte[])[.. TlsHost.Head("HTTP/1.1 200 OK", "Connection: close"), .. new byte[(16 << 20) + 1]];
        await using var host = new TlsHost(path => path == "/announced" ? TlsHost.Head("HTTP/1.1 200 OK", $"Content-Length: {(16 << 20) + 1}") : endless);
        using var fetcher = Fetcher(host);
        foreach (var path in new[] { "/announced", "/endless" })
            Assert.Contains("16 MiB", await UnusableAsync(fetcher, Address(host, path)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_that_keeps_silent_is_given_up()
    {
        await using var host = new TlsHost(_ => null);
        var clock = new StruckClock();
        using var fetcher = Fetcher(host, clock);
        var fetching = UnusableAsync(fetcher, Address(host, "/"));
        await host.FirstAsked.Task;
        clock.Strike();
        Assert.Contains("too long", await fetching, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HTTP/1.1 500 token=abcdef")]
    [InlineData("HTTP/1.1 404 token=abcdef")]
    [InlineData("HTTP/1.1 204 token=abcdef")]
    [InlineData("token=abcdef")]
    public async Task Nothing_that_a_host_answered_is_told(string status)
    {
        await using var host = new TlsHost(_ => [.. TlsHost.Head(status, "X-Secret: token=abcdef", "Connection: close"), .. Encoding.ASCII.GetBytes("token=abcdef")]);
        using var fetcher = Fetcher(host);
        Assert.DoesNotContain("abcdef", await UnusableAsync(fetcher, Address(host, "/")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_of_nobody_known_is_refused()
    {
        await using var host = new TlsHost(_ => TlsHost.Ok(s_picture));
        var network = new FetchNetwork((_, _) => Task.FromResult(new[] { IPAddress.Loopback }), _ => true);
        using var fetcher = new PictureFetcher([$"pictures.example:{host.Port}"], TimeProvider.System, network);
        await UnusableAsync(fetcher, Address(host, "/"));
        Assert.Empty(host.Asked);
    }

    [Theory]
    [InlineData("8.8.8.8", true)]
    [InlineData("198.17.255.255", true)]
    [InlineData("2606:4700::1111", true)]
    [InlineData("0.0.0.0", false)]
    [InlineData("10.255.255.255", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("127.0.0.1", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("172.31.255.255", false)]
    [InlineData("192.168.1.1", false)]
    [InlineData("198.19.0.1", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("::", false)]
    [InlineData("::1", false)]
    [InlineData("::ffff:127.0.0.1", false)]
    [InlineData("::ffff:8.8.8.8", true)]
    [InlineData("64:ff9b::a00:1", false)]
    [InlineData("2002:7f00:1::", false)]
    [InlineData("2001:0:4136:e378::", false)]
    [InlineData("2001:db8::1", false)]
    [InlineData("fd00:ec2::254", false)]
    [InlineData("fe80::1", false)]
    [InlineData("ff02::1", false)]
    public void Only_the_public_internet_is_connected_to(string address, bool holds) => Assert.Equal(holds, PublicAddress.Holds(IPAddress.Parse(address)));

    private static PictureFetcher Fetcher(TlsHost host, TimeProvider? clock = null) => new(
        [$"pictures.example:{host.Port}"], clock ?? TimeProvider.System, new FetchNetwork((_, _) => Task.FromResult(new[] { IPAddress.Loopback }), _ => true, host.Validate));

    private static string Address(TlsHost host, string path) => $"https://pictures.example:{host.Port}{path}";

    private static byte[] Redirect(string location) => TlsHost.Head("HTTP/1.1 302 Found", $"Location: {location}", "Content-Length: 0", "Connection: close");

    private static async Task<string> UnusableAsync(PictureFetcher fetcher, string url)
    {
        var refusal = await Assert.ThrowsAsync<RefusedException>(() => fetcher.FetchAsync(url, CancellationToken.None));
        Assert.Equal(StatusCodes.Status422UnprocessableEntity, refusal.Status);
        return refusal.Message;
    }

    /// <summary>Its timers end when it is told so.</summary>
    private sealed class StruckClock : TimeProvider
    {
        private readonly List<Action> _timers = [];

        public void Strike() => _timers.ForEach(timer => timer());

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _timers.Add(() => callback(state));
            return new Timer();
        }

        private sealed class Timer : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
