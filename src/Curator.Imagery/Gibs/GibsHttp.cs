using System.Net;
using System.Net.Sockets;

namespace Curator.Imagery.Gibs;

/// <summary>What one request brought. Either an answer, or why there is none.</summary>
internal sealed record GibsAnswer
{
    public HttpStatusCode Status { get; init; }

    public byte[] Body { get; init; } = [];

    /// <summary>The layer and time that the server says it answered with; null when it does not say.</summary>
    public string? ActualLayer { get; init; }

    public string? ActualTime { get; init; }

    public string? ETag { get; init; }

    /// <summary>How long the server asks to be left alone.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Why no whole answer came; null when one did.</summary>
    public string? Failure { get; init; }

    public bool TimedOut { get; init; }
}

/// <summary>Asks the server, one request at a time and without trying again. Redirects are not followed, bodies are bounded. Thread-safe.</summary>
internal sealed class GibsHttp : IDisposable
{
    public const int LargestTile = 32 << 20;
    public const int LargestDocument = 256 << 20;

    private readonly HttpClient _client;
    private readonly TimeSpan _patience;
    private readonly TimeProvider _clock;

    public GibsHttp(GibsOptions options, TimeProvider clock)
    {
        _patience = options.Patience;
        _clock = clock;
        _client = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.All,
            MaxConnectionsPerServer = options.Connections,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            ConnectTimeout = options.Patience,
        })
        { BaseAddress = options.BaseAddress(), Timeout = Timeout.InfiniteTimeSpan };
        var contact = options.Contact is { Length: > 0 } mail ? $" (+mailto:{mail})" : " (satellite picture curation)";
        _client.DefaultRequestHeaders.TryAddWithoutValidation("User-Agent", $"Curator/{typeof(GibsHttp).Assembly.GetName().Version?.ToString(3)}{contact}");
    }

    public Uri Address => _client.BaseAddress!;

    /// <param name="path">Below the server's address, without a leading slash.</param>
    /// <param name="etag">Of a copy at hand, for 304 Not Modified.</param>
    public async Task<GibsAnswer> GetAsync(string path, int largest, string? etag, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(_patience, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            if (etag is not null) request.Headers.TryAddWithoutValidation("If-None-Match", etag);
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            var answer = new GibsAnswer
            {
                Status = response.StatusCode,
                ActualLayer = Header(response, "Layer-Identifier-Actual"),
                ActualTime = Header(response, "Layer-Time-Actual"),
                ETag = response.Headers.ETag?.ToString(),
                RetryAfter = Wait(response),
            };
            patience.CancelAfter(_patience);
            return await ReadAsync(response, answer, largest, patience, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new GibsAnswer { Failure = $"no progress for {_patience.TotalSeconds:0.#} s", TimedOut = true };
        }
        catch (Exception error) when (error is HttpRequestException or IOException or SocketException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return new GibsAnswer { Failure = OneLine(error), TimedOut = patience.IsCancellationRequested };
        }
    }

    public void Dispose() => _client.Dispose();

    private async Task<GibsAnswer> ReadAsync(HttpResponseMessage response, GibsAnswer answer, int largest, CancellationTokenSource patience, CancellationToken cancellationToken)
    {
        var announced = response.Content.Headers.ContentLength;
        if (announced > largest) return answer with { Failure = $"{announced:N0} bytes are announced, at most {largest:N0} are taken" };
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        using var body = new MemoryStream((int)(announced ?? 64 << 10));
        var buffer = new byte[64 << 10];
        while (await stream.ReadAsync(buffer, cancellationToken) is > 0 and var read)
        {
            if (body.Length + read > largest) return answer with { Failure = $"more than {largest:N0} bytes came" };
            body.Write(buffer, 0, read);
            patience.CancelAfter(_patience);
        }
        return answer with { Body = body.ToArray() };
    }

    private TimeSpan? Wait(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date - _clock.GetUtcNow(),
        _ => null,
    };

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) ? values.FirstOrDefault()?.Trim() : null;

    private static string OneLine(Exception error)
    {
        var innermost = error;
        while (innermost.InnerException is { } inner) innermost = inner;
        return innermost.Message.ReplaceLineEndings(" ");
    }
}
