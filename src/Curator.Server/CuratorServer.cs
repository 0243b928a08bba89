using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using Curator.Core;
using Curator.Imagery.Gibs;
using Curator.Server.Data;
using Curator.Server.Errors;
using Curator.Server.Hosting;
using Curator.Server.Images;
using Curator.Server.Layers;
using Curator.Server.Maps;
using Curator.Server.People;
using Curator.Server.Places;
using Curator.Server.Review;
using Curator.Server.Rounds;
using Curator.Server.Search;
using Curator.Server.Security;
using Curator.Server.Tasks;
using Curator.Server.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Curator.Server;

/// <summary>
/// A running labeling server: the page, its API and its progress feed over one workspace. It listens on loopback unless asked otherwise.
/// Disposing stops it; answers that were acknowledged are on disk by then, as they are after a kill.
/// </summary>
public sealed class CuratorServer : IAsyncDisposable
{
    private const long LargestBodyBytes = 1 << 20;
    private const double SlowestBytesPerSecond = 240;
    private static readonly TimeSpan GracePeriod = TimeSpan.FromSeconds(3);
    private readonly WebApplication _app;
    private readonly Binding _binding;
    private readonly PictureCache _cache;
    private readonly PictureFetcher _fetcher;
    private readonly LayerReader _layers;

    private CuratorServer(WebApplication app, Binding binding, PictureCache cache, PictureFetcher fetcher, LayerReader layers)
    {
        (_app, _binding, _cache, _fetcher, _layers) = (app, binding, cache, fetcher, layers);
        Links = app.Services.GetRequiredService<SharedLinks>();
    }

    /// <summary>Where it listens, with the port it really got.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>The link to hand out: the page's address with a new token in its fragment. Earlier links stay valid until they expire.</summary>
    public string Link { get; private set; } = "";

    /// <summary>SHA-256 fingerprint of the TLS certificate for people to compare, or null without TLS.</summary>
    public string? CertificateFingerprint => _binding.Certificate is { } certificate ? Certificates.Fingerprint(certificate) : null;

    /// <summary>The workspace's links; for making, listing and revoking them.</summary>
    public SharedLinks Links { get; }

    /// <summary>Starts serving; returns when requests are answered.</summary>
    /// <param name="workspace">Must outlive the server; not disposed by it.</param>
    /// <exception cref="WorkspaceException">The address is refused without TLS, is none of this machine's, or its port is taken.</exception>
    public static Task<CuratorServer> StartAsync(Workspace workspace, ServeOptions options, CancellationToken cancellationToken) =>
        StartAsync(workspace, options, new GibsOptions(), cancellationToken);

    /// <param name="gibs">Where layers are fetched from that visitors search by; section <c>gibs</c> of the settings.</param>
    /// <inheritdoc cref="StartAsync(Workspace, ServeOptions, CancellationToken)"/>
    public static async Task<CuratorServer> StartAsync(Workspace workspace, ServeOptions options, GibsOptions gibs, CancellationToken cancellationToken)
    {
        // A server that was killed is waited for: the host's many small parts are made while the database is read.
        var making = Task.Run(() => WebApplication.CreateSlimBuilder(), cancellationToken);
        var binding = await Binding.ResolveAsync(options, workspace, cancellationToken);
        var extensions = new BrowserExtensions(options.Extensions);
        var links = await SharedLinks.OpenAsync(workspace, cancellationToken);
        var cookies = await SessionCookies.OpenAsync(workspace, cancellationToken);
        var page = await WebApp.LoadAsync(Path.Combine(AppContext.BaseDirectory, "wwwroot"), cancellationToken);
        var cache = new PictureCache((long)options.PictureCacheMebibytes << 20, Environment.ProcessorCount);
        if (options.Task is { } task) await workspace.Labels.GetTaskAsync(task, cancellationToken);

        var builder = await making;
        ConfigureHost(builder, binding, options);
        builder.Services.AddSingleton(workspace).AddSingleton(links).AddSingleton(_ => new UploadDecoder(options.DecoderCommand)).AddSingleton<SearchEngine>().AddSingleton<ProgressReader>().AddSingleton<ProgressFeed>();
        builder.Services.AddSingleton(new Presence(workspace.Clock)).AddSingleton<AuditLog>().AddSingleton<PeopleReader>().AddSingleton<LiveReader>();
        builder.Services.AddHostedService(services => services.GetRequiredService<ProgressFeed>());
        builder.Services.AddSingleton<PlaceStore>().AddSingleton<HealthReader>();
        builder.Services.AddSingleton<LearningRunner>().AddSingleton<LearningJobs>();
        if (options.RunsLearning) builder.Services.AddHostedService(services => services.GetRequiredService<LearningJobs>());

        var app = builder.Build();
        var fetcher = new PictureFetcher(options.FetchHosts.Split(',', StringSplitOptions.RemoveEmptyEntries), workspace.Clock);
        var server = new CuratorServer(app, binding, cache, fetcher, new LayerReader(gibs, workspace.Clock));
        server.Compose(workspace, options, links, cookies, extensions, page);
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (IOException e)
        {
            await server.DisposeAsync();
            throw new WorkspaceException(
                $"Cannot listen on {Binding.Bracketed(binding.Address)}:{binding.Port}: {e.Message}", "Choose another with --port; 0 takes any free one.", e);
        }
        server.Address = server.FindAddress();
        var role = options.LinkRole ?? (IPAddress.IsLoopback(binding.Address) && !options.BehindProxy ? Role.Owner : Role.Labeler);
        server.Link = await server.CreateLinkAsync(role, options.Task, options.LinkLifetime, cancellationToken);
        app.Logger.Serving(workspace.Root, server.Address);
        return server;
    }

    /// <summary>Makes one more link to hand out and returns it whole.</summary>
    public async Task<string> CreateLinkAsync(Role role, string? task, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        var (link, token) = await Links.CreateAsync(role, task, lifetime, maxUses: null, cancellationToken);
        await _app.Services.GetRequiredService<AuditLog>().WriteAsync(AuditEvent.LinkMade, Environment.UserName, link.Id, null, $"{role} {task}".Trim(), cancellationToken);
        return PageLink.Of(Address, task, token);
    }

    /// <summary>Says that no further round of the task will come, and waits until every open page has been told; to be called before disposing.</summary>
    public async Task FinishTaskAsync(string task, CancellationToken cancellationToken)
    {
        await TaskEnd.MarkAsync(_app.Services.GetRequiredService<Workspace>(), task, finished: true, cancellationToken);
        await _app.Services.GetRequiredService<ProgressFeed>().FlushAsync(cancellationToken);
    }

    /// <summary>Completes when the server was stopped, by Ctrl-C or by <see cref="DisposeAsync"/>.</summary>
    public Task WaitForShutdownAsync(CancellationToken cancellationToken = default) => _app.WaitForShutdownAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        _cache.Dispose();
        _fetcher.Dispose();
        _layers.Dispose();
        _binding.Certificate?.Dispose();
    }

    internal IReadOnlyList<Endpoint> Endpoints => _app.Services.GetRequiredService<EndpointDataSource>().Endpoints;

    private static void ConfigureHost(WebApplicationBuilder builder, Binding binding, ServeOptions options)
    {
        builder.Logging.ClearProviders();
        builder.Logging.AddSimpleConsole(console => console.SingleLine = true);
        builder.Logging.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        // A failure to start is thrown to the caller; the host would print it too.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = GracePeriod);
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = LargestBodyBytes;
            kestrel.Limits.MaxRequestHeadersTotalSize = 16 << 10;
            kestrel.Limits.RequestHeadersTimeout = options.HeaderPatience;
            // Who sends or takes less than this for so long keeps a connection from others (slow clients); a phone on a bad line does better.
            kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(SlowestBytesPerSecond, options.SlowPatience);
            kestrel.Limits.MinResponseDataRate = new MinDataRate(SlowestBytesPerSecond, options.SlowPatience);
            kestrel.Listen(binding.Address, binding.Port, listener =>
            {
                if (binding.Certificate is { } certificate) listener.UseHttps(certificate);
            });
        });
        builder.Services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
            json.SerializerOptions.MaxDepth = 32;
            json.SerializerOptions.RespectNullableAnnotations = true;
            json.SerializerOptions.RespectRequiredConstructorParameters = true;
            json.SerializerOptions.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false));
        });
        // Binding errors become exceptions, so that they are answered as problem details like all others.
        builder.Services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        builder.Services.AddOpenApi();
        if (options.BehindProxy)
            builder.Services.Configure<ForwardedHeadersOptions>(forwarded => forwarded.ForwardedHeaders = ForwardedHeaders.All);
    }

    private void Compose(Workspace workspace, ServeOptions options, SharedLinks links, SessionCookies cookies, BrowserExtensions extensions, WebApp page)
    {
        var cookieName = _binding.Secure ? "__Host-curator" : $"curator-{cookies.WorkspaceId}";
        var guards = new RequestGuards(_binding.AllowedHosts, _binding.Secure, Backgrounds.HostOf(options.MapBackground), extensions);
        var access = new Access(links, cookies, cookieName);
        if (options.BehindProxy) _app.UseForwardedHeaders();
        _app.Use((context, next) => Problems.CatchAsync(context, next, _app.Logger));
        _app.Use(guards.InvokeAsync);
        _app.UseRouting();
        _app.Use(access.InvokeAsync);

        var services = _app.Services;
        var pictures = new PictureLinks(workspace);
        var presence = services.GetRequiredService<Presence>();
        var audit = services.GetRequiredService<AuditLog>();
        new SessionRoutes(links, cookies, audit, cookieName, _binding.Secure, workspace.Clock).Map(_app);
        new LinkRoutes(links, workspace.Labels, audit, () => Address).Map(_app);
        new TaskRoutes(workspace, services.GetRequiredService<ProgressReader>(), services.GetRequiredService<ProgressFeed>(), pictures, presence, audit, options.LeaseTime).Map(_app);
        new AnswerRoutes(workspace, presence, options.MostWaiting).Map(_app);
        new LeaseRoutes(workspace, presence, options.LeaseTime).Map(_app);
        new ReviewRoutes(workspace, pictures).Map(_app);
        new PeopleRoutes(workspace, services.GetRequiredService<PeopleReader>(), services.GetRequiredService<LiveReader>(), links, pictures).Map(_app);
        new PictureRoutes(workspace, _cache, services.GetRequiredService<ILogger<PictureRoutes>>()).Map(_app);
        new RoundsRoutes(workspace, services.GetRequiredService<LearningJobs>(), services.GetRequiredService<LearningRunner>(), pictures).Map(_app);
        new SearchRoutes(
            workspace, services.GetRequiredService<SearchEngine>(), new HitReader(workspace, pictures), new ArchiveView(workspace, pictures, _fetcher), _fetcher, _layers).Map(_app);
        new LayerRoutes(_layers, workspace.Clock).Map(_app);
        new QueueRoutes(workspace, audit).Map(_app);
        new ExampleRoutes(workspace, audit).Map(_app);
        new MapRoutes(workspace, services.GetRequiredService<SearchEngine>(), pictures, audit).Map(_app);
        new DataRoutes(new DataReader(workspace, services.GetRequiredService<LearningJobs>()), services.GetRequiredService<HealthReader>()).Map(_app);
        new PlacesRoutes(workspace, services.GetRequiredService<PlaceStore>(), options.MapBackground).Map(_app);
        _app.MapOpenApi().Needs(Role.Viewer);
        _app.MapGet("/health", async (CancellationToken token) =>
        {
            await workspace.Labels.GetTasksAsync(token);
            return TypedResults.Ok(new Health("ok"));
        }).OpenToAll().WithSummary("Whether the server answers and can read its workspace");
        _app.MapFallback("{*path}", page.InvokeAsync).OpenToAll().ExcludeFromDescription();
    }

    private Uri FindAddress()
    {
        var bound = new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        return new UriBuilder(bound.Scheme, Binding.Bracketed(_binding.Address), bound.Port).Uri;
    }

    internal sealed record Health(string Status);
}
