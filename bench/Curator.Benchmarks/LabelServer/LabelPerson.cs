using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Curator.Benchmarks.LabelServer;

/// <summary>
/// One simulated person: a session and a connection of their own, pictures held ahead, answers sent again with the same operation ids until they are acknowledged, as the page does. One answer in
/// twenty is unsure, one in thirty is taken back and given anew.
/// </summary>
internal sealed class LabelPerson(int number, int seed, int batch) : IDisposable
{
    /// <summary>Pictures asked for at a time.</summary>
    public const int Ahead = 10;

    /// <summary>Answers that the server takes at a time.</summary>
    private const int MostAnswers = 100;

    private readonly Random _random = new(seed);
    private readonly CookieContainer _cookies = new();
    private readonly Queue<string> _pictures = new();
    private readonly List<Answer> _waiting = [];
    private HttpClient? _client;
    private string? _last;
    private int _operations;

    private sealed record Answer(string OperationId, string ImageId, string Kind, string? Value, DateTimeOffset ShownAt);

    /// <summary>Operation id → seq of the receipt.</summary>
    public Dictionary<string, long> Acknowledged { get; } = [];

    /// <summary>Milliseconds from sending to receipt, of every request with answers.</summary>
    public List<double> AnswerTimes { get; } = [];

    public List<double> NextTimes { get; } = [];

    /// <summary>Milliseconds from when the answer was due to its receipt; of paced runs.</summary>
    public List<double> DueTimes { get; } = [];

    /// <summary>Requests that were told to come back later, or met a server that was gone.</summary>
    public int Retries { get; private set; }

    public async Task ConnectAsync(Uri link, string token)
    {
        _client?.Dispose();
        _client = new HttpClient(new SocketsHttpHandler { CookieContainer = _cookies }) { BaseAddress = new Uri(link.GetLeftPart(UriPartial.Authority)) };
        if (_cookies.Count > 0) return;
        using var response = await _client.PostAsJsonAsync("/api/session", new { token, name = $"person {number}" });
        response.EnsureSuccessStatusCode();
    }

    /// <summary>Answers at due times until the end, each one label.</summary>
    public async Task RunPacedAsync(TimeSpan offset, TimeSpan interval, TimeSpan length, Stopwatch clock)
    {
        for (var due = offset; due < length; due += interval)
        {
            if (due - clock.Elapsed is { Ticks: > 0 } wait) await Task.Delay(wait);
            await StepAsync();
            DueTimes.Add((clock.Elapsed - due).TotalMilliseconds);
        }
    }

    /// <summary>Answers as fast as the receipts come.</summary>
    public async Task RunHardAsync(TimeSpan length, Stopwatch clock)
    {
        while (clock.Elapsed < length) await StepAsync();
    }

    /// <summary>Takes pictures when none are left, answers <c>batch</c> of them, and waits for the receipts.</summary>
    public async Task StepAsync()
    {
        while (_waiting.Count < batch)
        {
            if (_pictures.Count == 0) await FetchAsync();
            if (!_pictures.TryDequeue(out var picture)) return;
            Draw(picture);
        }
        await FlushAsync();
    }

    /// <summary>Sends what waits until it is acknowledged.</summary>
    public async Task FlushAsync()
    {
        while (_waiting.Count > 0 && !await TrySendAsync()) await Task.Delay(50);
    }

    /// <returns>False when it has to be sent again.</returns>
    public async Task<bool> TrySendAsync()
    {
        var sent = Stopwatch.GetTimestamp();
        try
        {
            // An undo draws further answers, so there may be more than fit.
            var sending = _waiting.Take(MostAnswers).ToList();
            using var response = await _client!.PostAsJsonAsync($"/api/tasks/{BenchProject.Task}/answers", sending);
            if (response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable)
            {
                Retries++;
                return false;
            }
            response.EnsureSuccessStatusCode();
            var receipts = await response.Content.ReadFromJsonAsync<JsonElement>();
            foreach (var receipt in receipts.EnumerateArray())
            {
                if (!receipt.GetProperty("stored").GetBoolean()) throw new InvalidOperationException(receipt.ToString());
                Acknowledged[receipt.GetProperty("operationId").GetString()!] = receipt.GetProperty("seq").GetInt64();
            }
            AnswerTimes.Add(Stopwatch.GetElapsedTime(sent).TotalMilliseconds);
            _waiting.RemoveRange(0, sending.Count);
            return true;
        }
        catch (Exception e) when (e is HttpRequestException or IOException && e is not HttpRequestException { StatusCode: not null })
        {
            Retries++;
            return false;
        }
    }

    /// <summary>Answers drawn for pictures that need not have been handed out; for runs that kill the server.</summary>
    public void DrawAny(int count, int images)
    {
        for (; count > 0; count--) Draw(string.Create(CultureInfo.InvariantCulture, $"1-{_random.Next(images)}"));
    }

    public double Uniform() => _random.NextDouble();

    public void Dispose() => _client?.Dispose();

    private async Task FetchAsync()
    {
        var sent = Stopwatch.GetTimestamp();
        using var response = await _client!.PostAsJsonAsync($"/api/tasks/{BenchProject.Task}/next", new { count = Ahead });
        response.EnsureSuccessStatusCode();
        foreach (var item in (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("items").EnumerateArray()) _pictures.Enqueue(item.GetProperty("imageId").GetString()!);
        NextTimes.Add(Stopwatch.GetElapsedTime(sent).TotalMilliseconds);
    }

    private void Draw(string picture)
    {
        if (_last is { } last && _random.Next(30) == 0)
        {
            Add(last, "undo", null);
            Add(last, "label", "no");
        }
        if (_random.Next(20) == 0) Add(picture, "unsure", null);
        else Add(picture, "label", _random.Next(4) == 0 ? "yes" : "no");
        _last = picture;
    }

    private void Add(string picture, string kind, string? value) =>
        _waiting.Add(new Answer(string.Create(CultureInfo.InvariantCulture, $"p{number:000}-{seed}-{_operations++:0000000}"), picture, kind, value, TimeProvider.System.GetUtcNow() - TimeSpan.FromSeconds(1)));
}
