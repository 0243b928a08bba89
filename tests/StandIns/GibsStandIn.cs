using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Curator.Tests.StandIns;

/// <summary>
/// A server on this machine with the layout of NASA GIBS: capabilities (its own, or recorded ones), domains in pages, tiles of every level, and misbehaviour on request. It counts what it
/// was asked and what it answered.
/// </summary>
internal sealed class GibsStandIn : IAsyncDisposable
{
    public const string DailyJpeg = "Daily_TrueColor";
    public const string DailyPng = "Daily_Exact";
    public const string EightDays = "Eight_Day_Composite";
    public const string SubDaily = "Ten_Minute_GeoColor";
    public const string Static = "Static_Relief";

    /// <summary>Each kind of layer once, in all three projections.</summary>
    public static readonly StandInLayer[] Layers =
    [
        new(DailyJpeg, "Corrected Reflectance (True Colour, Daily)", false, "250m", 9, "2020-09-01/2020-09-27/P1D", "2020-09-29/2020-10-31/P1D"),
        new(DailyPng, "Exact Colours (Daily)", true, "2km", 6, "2020-09-01/2020-10-31/P1D"),
        new(EightDays, "Composite (8 Days)", true, "1km", 7, "2020-08-20/2020-10-31/P8D"),
        new(SubDaily, "GeoColor (10 Minutes)", true, "1km", 7, "2020-09-27T00:00:00Z/2020-09-28T23:50:00Z/PT10M"),
        new(Static, "Relief", true, "500m", 8),
    ];

    private readonly WebApplication _app;
    private readonly GibsImagery _imagery;
    private readonly IReadOnlyDictionary<string, byte[]> _capabilities;
    private readonly Func<GibsRequest, bool> _isEmpty;
    private readonly ConcurrentDictionary<string, int> _good = new();
    private readonly ConcurrentDictionary<string, int> _asked = new();
    private readonly ConcurrentDictionary<string, string> _hashes = new();
    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _busyUntil;
    private int _duringHold;

    private GibsStandIn(WebApplication app, GibsImagery imagery, IReadOnlyDictionary<string, byte[]> capabilities, Func<GibsRequest, bool> isEmpty)
    {
        _app = app;
        _imagery = imagery;
        _capabilities = capabilities;
        _isEmpty = isEmpty;
    }

    /// <summary>One request for a tile.</summary>
    public sealed record GibsRequest(string Projection, string Layer, string Time, int Level, int Row, int Column, bool Png);

    public string Address { get; private set; } = "";

    public GibsFaults Faults { get; set; } = GibsFaults.None;

    /// <summary>Periods on a page of domains.</summary>
    public int PeriodsPerPage { get; set; } = 1;

    /// <summary>Recorded answers by path, for example real tiles; they come before everything else.</summary>
    public ConcurrentDictionary<string, byte[]> Recorded { get; } = new();

    /// <summary>Right answers to each tile's path that were sent whole, as far as the server can tell.</summary>
    public IReadOnlyDictionary<string, int> GoodAnswers => _good;

    /// <summary>SHA-256 of the right answer to each tile's path, lower-case hexadecimal.</summary>
    public IReadOnlyDictionary<string, string> GoodHashes => _hashes;

    /// <summary>Requests for each tile's path.</summary>
    public IReadOnlyDictionary<string, int> Asked => _asked;

    public int TileRequests => _asked.Values.Sum();

    /// <summary>Requests that came while everybody was asked to wait.</summary>
    public int RequestsDuringHold => Volatile.Read(ref _duringHold);

    /// <summary>Called before each answer to a request for a tile; for tests that stop things in the middle.</summary>
    public Func<int, Task>? BeforeTile { get; set; }

    /// <param name="imagery">Owned.</param>
    /// <param name="capabilities">Recorded ones by projection; those of <see cref="Layers"/> for the others.</param>
    /// <param name="isEmpty">Where there really are no data.</param>
    public static async Task<GibsStandIn> StartAsync(GibsImagery? imagery = null, IReadOnlyDictionary<string, byte[]>? capabilities = null, Func<GibsRequest, bool>? isEmpty = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        var app = builder.Build();
        var documents = new Dictionary<string, byte[]>();
        foreach (var projection in (string[])["epsg4326", "epsg3413", "epsg3031"])
            documents[projection] = capabilities?.GetValueOrDefault(projection) ?? Encoding.UTF8.GetBytes(GibsDocuments.Capabilities(projection, Layers));
        var standIn = new GibsStandIn(app, imagery ?? GibsImagery.Arithmetic(), documents, isEmpty ?? (_ => false));
        app.MapGet("/wmts/{projection}/best/1.0.0/WMTSCapabilities.xml", standIn.CapabilitiesAsync);
        app.MapGet("/wmts/{projection}/best/1.0.0/{layer}/default/{set}/all/{range}.xml", standIn.DomainsAsync);
        app.MapGet("/wmts/{projection}/best/{layer}/default/{time}/{set}/{z:int}/{row:int}/{file}", standIn.TileAsync);
        app.MapGet("/wmts/{projection}/best/{layer}/default/{set}/{z:int}/{row:int}/{file}", standIn.TileAsync);
        await app.StartAsync();
        standIn.Address = app.Urls.First();
        return standIn;
    }

    /// <summary>What the path should bring, made anew: the truth to compare with.</summary>
    public byte[] Expected(string path)
    {
        if (Recorded.TryGetValue(path, out var recorded)) return recorded;
        var parts = path.Trim('/').Split('/');
        var timed = parts.Length == 10;
        return Expected(Read(parts[1], parts[3], timed ? parts[5] : "", parts[^3], parts[^2], parts[^1]));
    }

    public async ValueTask DisposeAsync()
    {
        _open.TrySetResult();
        await _app.DisposeAsync();
        _imagery.Dispose();
    }

    private byte[] Expected(GibsRequest request) => _isEmpty(request)
        ? GibsImagery.Blank(request.Png)
        : _imagery.Tile(request.Layer, request.Time, request.Level, request.Row, request.Column, request.Png);

    private static GibsRequest Read(string projection, string layer, string time, string z, string row, string file)
    {
        var dot = file.IndexOf('.', StringComparison.Ordinal);
        return new GibsRequest(
            projection, layer, time, int.Parse(z, CultureInfo.InvariantCulture), int.Parse(row, CultureInfo.InvariantCulture), int.Parse(file[..dot], CultureInfo.InvariantCulture), file.EndsWith(".png", StringComparison.Ordinal));
    }

    private async Task CapabilitiesAsync(HttpContext context, string projection)
    {
        if (!_capabilities.TryGetValue(projection, out var document))
        {
            context.Response.StatusCode = 404;
            return;
        }
        var tag = $"\"{Convert.ToHexStringLower(SHA256.HashData(document))[..16]}\"";
        context.Response.Headers.ETag = tag;
        context.Response.Headers.CacheControl = "max-age=600";
        if (context.Request.Headers.IfNoneMatch == tag)
        {
            context.Response.StatusCode = 304;
            return;
        }
        await SendAsync(context, "application/xml", document);
    }

    private async Task DomainsAsync(HttpContext context, string projection, string layer, string set, string range)
    {
        var known = Layers.FirstOrDefault(one => one.Identifier == layer);
        // Recorded capabilities have layers of their own: those are daily ones, a period a year.
        string[] periods = known?.Periods ?? [.. Enumerable.Range(2012, 9).Select(year => $"{year}-01-01/{year}-12-31/P1D")];
        if (known is not null && (known.Grid != set || periods.Length == 0))
        {
            await XmlAsync(context, 400, GibsDocuments.Exception("InvalidParameterValue", "no such domain"));
            return;
        }
        var ends = range.Split("--");
        var within = periods.Where(period => Overlaps(period.Split('/'), ends[0], ends[1])).ToList();
        var offset = int.Parse(context.Request.Query["offset"].FirstOrDefault("0")!, CultureInfo.InvariantCulture);
        var page = within.Skip(offset).Take(PeriodsPerPage).ToList();
        var next = offset + page.Count < within.Count ? $"{context.Request.Path}?limit={PeriodsPerPage}&offset={offset + page.Count}" : null;
        await XmlAsync(context, 200, GibsDocuments.Domains(page, next));
    }

    private static bool Overlaps(string[] period, string from, string to) =>
        string.CompareOrdinal(period[0][..10], to[..10]) <= 0 && string.CompareOrdinal(period[1][..10], from[..10]) >= 0;

    private async Task TileAsync(HttpContext context, string projection, string layer, string set, string z, string row, string file)
    {
        var path = context.Request.Path.Value!;
        _asked.AddOrUpdate(path, 1, (_, count) => count + 1);
        if (BeforeTile is { } before) await before(TileRequests);
        var request = Read(projection, layer, context.Request.RouteValues["time"] as string ?? "", z, row, file);
        var (_, _, columns, rows) = GibsDocuments.Matrix(projection, request.Level);
        if (request.Row < 0 || request.Row >= rows || request.Column < 0 || request.Column >= columns)
        {
            await XmlAsync(context, 400, GibsDocuments.Exception("TileOutOfRange", "outside of the grid"));
            return;
        }
        if (Volatile.Read(ref _busyUntil) > Environment.TickCount64)
        {
            Interlocked.Increment(ref _duringHold);
            await BusyAsync(context);
            return;
        }
        if (Faults.Next() is { } fault && !(fault == GibsFault.OtherTime && request.Time.Length == 0))
        {
            await MisbehaveAsync(context, request, fault);
            return;
        }
        SayWhat(context, request, request.Time);
        var body = Recorded.TryGetValue(path, out var recorded) ? recorded : Expected(request);
        _hashes.TryAdd(path, Convert.ToHexStringLower(SHA256.HashData(body)));
        await SendAsync(context, request.Png ? "image/png" : "image/jpeg", body);
        if (!context.RequestAborted.IsCancellationRequested) _good.AddOrUpdate(path, 1, (_, count) => count + 1);
    }

    private async Task MisbehaveAsync(HttpContext context, GibsRequest request, GibsFault fault)
    {
        var type = request.Png ? "image/png" : "image/jpeg";
        switch (fault)
        {
            case GibsFault.Blank:
                SayWhat(context, request, request.Time);
                await SendAsync(context, type, GibsImagery.Blank(request.Png));
                break;
            case GibsFault.XmlWithOk:
                await XmlAsync(context, 200, GibsDocuments.Exception("NoApplicableCode", "Error accessing the archive"));
                break;
            case GibsFault.XmlWithBadRequest:
                await XmlAsync(context, 400, GibsDocuments.Exception("InvalidParameterValue", "Invalid time"));
                break;
            case GibsFault.NotFound:
                context.Response.StatusCode = 404;
                break;
            case GibsFault.Busy:
                Volatile.Write(ref _busyUntil, Environment.TickCount64 + 900);
                await BusyAsync(context);
                break;
            case GibsFault.ErrorBurst:
                context.Response.StatusCode = 500;
                break;
            case GibsFault.Stall:
                var half = Expected(request);
                SayWhat(context, request, request.Time);
                context.Response.ContentType = type;
                context.Response.ContentLength = half.Length;
                await context.Response.Body.WriteAsync(half.AsMemory(0, half.Length / 2));
                await context.Response.Body.FlushAsync();
                var gone = new TaskCompletionSource();
                await using (context.RequestAborted.Register(gone.SetResult)) await Task.WhenAny(gone.Task, _open.Task);
                break;
            case GibsFault.Reset:
                context.Abort();
                break;
            case GibsFault.ShortBody:
                var whole = Expected(request);
                SayWhat(context, request, request.Time);
                await SendAsync(context, type, whole[..(whole.Length * 3 / 5)]);
                break;
            case GibsFault.BrokenLength:
                var body = Expected(request);
                SayWhat(context, request, request.Time);
                context.Response.ContentType = type;
                context.Response.ContentLength = body.Length;
                await context.Response.Body.WriteAsync(body.AsMemory(0, body.Length / 3));
                await context.Response.Body.FlushAsync();
                context.Abort();
                break;
            case GibsFault.OtherTime:
                SayWhat(context, request, "2001-01-01");
                await SendAsync(context, type, _imagery.Tile(request.Layer, "2001-01-01", request.Level, request.Row, request.Column, request.Png));
                break;
        }
    }

    private static async Task BusyAsync(HttpContext context)
    {
        context.Response.Headers.RetryAfter = "1";
        context.Response.StatusCode = 429;
        await context.Response.WriteAsync("too many requests");
    }

    private static void SayWhat(HttpContext context, GibsRequest request, string actual)
    {
        context.Response.Headers["Layer-Identifier-Request"] = request.Layer;
        context.Response.Headers["Layer-Identifier-Actual"] = request.Layer;
        if (request.Time.Length == 0) return;
        context.Response.Headers["Layer-Time-Request"] = request.Time;
        // The server always writes the time of day.
        context.Response.Headers["Layer-Time-Actual"] = actual.Length == 10 ? actual + "T00:00:00Z" : actual;
    }

    private static Task XmlAsync(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        return SendAsync(context, "application/xml", Encoding.UTF8.GetBytes(text));
    }

    private static async Task SendAsync(HttpContext context, string type, byte[] body)
    {
        context.Response.ContentType = type;
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body);
    }
}
