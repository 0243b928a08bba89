using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using Curator.Server.Errors;
using Microsoft.AspNetCore.Http;

namespace Curator.Server.Search;

/// <summary>How a fetch meets the network; tests put their own in its place.</summary>
/// <param name="ResolveAsync">Name to addresses.</param>
/// <param name="MayConnect">Asked of every address just before it is connected to.</param>
internal sealed record FetchNetwork(
    Func<string, CancellationToken, Task<IPAddress[]>> ResolveAsync, Func<IPAddress, bool> MayConnect, RemoteCertificateValidationCallback? Validate = null)
{
    public static FetchNetwork System { get; } = new(Dns.GetHostAddressesAsync, PublicAddress.Holds);
}

/// <summary>
/// Fetches a picture from an address that a visitor gave. Off unless hosts are allowed. Only https, only those hosts, also after a redirect; the address that
/// is connected to is the one that was checked, so a name that answers differently the second time gains nothing; no proxy, no cookies, no compression,
/// bounded in size and time. Whatever goes wrong at the other end is told in our words: nothing that it answered is passed on. Thread-safe.
/// </summary>
internal sealed class PictureFetcher : IDisposable
{
    private const int MostRedirects = 3;
    private const long LargestBytes = 16 << 20;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly HashSet<string> _hosts;
    private readonly TimeProvider _clock;
    private readonly HttpClient _client;

    /// <param name="hosts">Names, exactly as they stand in addresses, with a port where it is not 443; empty for no fetching at all.</param>
    public PictureFetcher(IEnumerable<string> hosts, TimeProvider clock, FetchNetwork? network = null)
    {
        _hosts = [.. hosts.Select(host => host.Trim().ToLowerInvariant()).Where(host => host.Length > 0)];
        _clock = clock;
        var means = network ?? FetchNetwork.System;
        _client = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            MaxResponseHeadersLength = 16,
            MaxResponseDrainSize = 0,
            // A kept connection would be to an address that was checked some time ago, for whoever asks next.
            PooledConnectionLifetime = TimeSpan.Zero,
            ConnectCallback = (context, cancellationToken) => ConnectAsync(means, context.DnsEndPoint, cancellationToken),
            SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = means.Validate },
        }) { Timeout = Timeout.InfiniteTimeSpan };
    }

    public IReadOnlyCollection<string> Hosts => _hosts;

    /// <summary>The bytes of the picture, at most 16 MiB.</summary>
    /// <exception cref="RefusedException">Not allowed (400, 403), or nothing usable came (422).</exception>
    public async Task<byte[]> FetchAsync(string url, CancellationToken cancellationToken)
    {
        if (_hosts.Count == 0)
            throw new RefusedException(StatusCodes.Status403Forbidden, "This server fetches no pictures.", "Send the picture itself, or have the server started with --fetch-hosts.");
        using var patience = new CancellationTokenSource(Patience, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            return await FollowAsync(url, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw Unusable("the host took too long");
        }
        catch (Exception e) when (e is HttpRequestException or IOException or SocketException)
        {
            throw e.InnerException as RefusedException ?? Unusable("the host could not be reached", e);
        }
    }

    public void Dispose() => _client.Dispose();

    private async Task<byte[]> FollowAsync(string url, CancellationToken cancellationToken)
    {
        var address = Check(url);
        for (var redirects = 0; ; redirects++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address) { Version = HttpVersion.Version11 };
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("image/*"));
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            if ((int)response.StatusCode is 301 or 302 or 303 or 307 or 308 && response.Headers.Location is { } location)
            {
                if (redirects == MostRedirects) throw Unusable($"the host redirected more than {MostRedirects} times");
                address = Check(new Uri(address, location).AbsoluteUri);
                continue;
            }
            if (response.StatusCode != HttpStatusCode.OK) throw Unusable("the host did not answer with a picture");
            return await ReadAsync(response.Content, cancellationToken);
        }
    }

    private Uri Check(string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme != Uri.UriSchemeHttps || address.UserInfo.Length > 0)
            throw new RefusedException(StatusCodes.Status400BadRequest, "Only https addresses without a user name are fetched.", "Give an address that begins with https://.");
        if (!_hosts.Contains(address.IsDefaultPort ? address.IdnHost.ToLowerInvariant() : $"{address.IdnHost.ToLowerInvariant()}:{address.Port}"))
            throw new RefusedException(
                StatusCodes.Status403Forbidden, "The address, or one that it redirects to, is not of a host that this server may fetch from.", $"Allowed: {string.Join(", ", _hosts.Order(StringComparer.Ordinal))}.");
        return address;
    }

    private static async ValueTask<Stream> ConnectAsync(FetchNetwork network, DnsEndPoint host, CancellationToken cancellationToken)
    {
        var addresses = IPAddress.TryParse(host.Host, out var literal) ? [literal] : await network.ResolveAsync(host.Host, cancellationToken);
        // One address that is not public condemns the name: it is misconfigured or somebody's trick.
        if (addresses.Length == 0 || !addresses.All(network.MayConnect))
            throw new RefusedException(StatusCodes.Status403Forbidden, "The host's address is not on the public internet.", "Send the picture itself.");
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, host.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task<byte[]> ReadAsync(HttpContent content, CancellationToken cancellationToken)
    {
        if (content.Headers.ContentLength > LargestBytes) throw TooLarge();
        await using var body = await content.ReadAsStreamAsync(cancellationToken);
        using var bytes = new MemoryStream();
        var buffer = new byte[64 << 10];
        for (int read; (read = await body.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            if (bytes.Length + read > LargestBytes) throw TooLarge();
            bytes.Write(buffer, 0, read);
        }
        return bytes.ToArray();
    }

    private static RefusedException TooLarge() => Unusable($"it is larger than {LargestBytes >> 20} MiB");

    private static RefusedException Unusable(string why, Exception? cause = null) =>
        new(StatusCodes.Status422UnprocessableEntity, $"The picture could not be fetched: {why}.", "Open the address in a browser, or send the picture itself.", cause);
}
