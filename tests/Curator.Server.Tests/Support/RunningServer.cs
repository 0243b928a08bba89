using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Curator.Core;
using Curator.Imagery.Gibs;
using Curator.Server.Security;

namespace Curator.Server.Tests.Support;

/// <summary>A real server on a free port over a real workspace.</summary>
internal sealed class RunningServer : IAsyncDisposable
{
    private readonly TemporaryFolder _folder;

    private RunningServer(TemporaryFolder folder) => _folder = folder;

    public Workspace Workspace { get; private set; } = null!;

    public CuratorServer Server { get; private set; } = null!;

    public string ProjectPath => _folder["project"];

    public string PicturePath(int row) => _folder[$"pictures/{row:D3}.bmp"];

    public static async Task<RunningServer> StartAsync(
        int pictures = 8, ServeOptions? options = null, TimeProvider? clock = null, IReadOnlyList<string>? classes = null, TemporaryFolder? folder = null,
        GibsOptions? gibs = null)
    {
        var running = new RunningServer(folder ?? new TemporaryFolder());
        running.Workspace = await LabelingSite.MakeAsync(running._folder, pictures, clock, classes);
        running.Server = await CuratorServer.StartAsync(running.Workspace, (options ?? new ServeOptions()) with { Port = 0 }, gibs ?? NoImagery(running._folder), CancellationToken.None);
        return running;
    }

    /// <summary>An imagery server that nobody answers for: tests ask for no other than their stand-in.</summary>
    private static GibsOptions NoImagery(TemporaryFolder folder) => new() { Address = "http://127.0.0.1:1", Cache = folder["gibs"], Patience = TimeSpan.FromSeconds(1) };

    /// <summary>Stops server and workspace and starts both again over the same folder, on another port.</summary>
    public async Task RestartAsync()
    {
        await Server.DisposeAsync();
        await Workspace.DisposeAsync();
        Workspace = await Workspace.OpenAsync(ProjectPath, TimeProvider.System, CancellationToken.None);
        Server = await CuratorServer.StartAsync(Workspace, new ServeOptions { Port = 0 }, CancellationToken.None);
    }

    /// <summary>
    /// A browser without a session. One that expects to be told to continue waits for that as long as it takes: a body that is sent all the same
    /// meets a connection that the server has closed, and the answer is lost.
    /// </summary>
    public HttpClient Anonymous(CookieContainer? cookies = null) =>
        new(new SocketsHttpHandler
        {
            CookieContainer = cookies ?? new CookieContainer(),
            AllowAutoRedirect = false,
            Expect100ContinueTimeout = TimeSpan.FromMinutes(1),
        }) { BaseAddress = Server.Address };

    /// <summary>A browser that has opened a new link of that role.</summary>
    public async Task<HttpClient> SignInAsync(Role role, string? task = null, CookieContainer? cookies = null)
    {
        var (_, token) = await Server.Links.CreateAsync(role, task, TimeSpan.FromHours(1), null, CancellationToken.None);
        var client = Anonymous(cookies);
        var response = await client.PostAsJsonAsync("/api/session", new { token });
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return client;
    }

    /// <summary>The browser extension, as its requests of other origin come: with its origin, and with a bearer once it has one.</summary>
    public HttpClient Extension(string? bearer, string? origin = null)
    {
        var client = Anonymous();
        client.DefaultRequestHeaders.Add("Origin", origin ?? $"chrome-extension://{new ServeOptions().Extensions}");
        client.DefaultRequestHeaders.Add("Sec-Fetch-Site", "cross-site");
        if (bearer is not null) client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
        return client;
    }

    /// <summary>The browser extension with a session that it opened with a new link of that role.</summary>
    public async Task<HttpClient> ExtensionAsync(Role role, string? task = null)
    {
        var (_, token) = await Server.Links.CreateAsync(role, task, TimeSpan.FromHours(1), null, CancellationToken.None);
        using var opening = Extension(null);
        var response = await opening.PostAsJsonAsync("/api/session", new { token });
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return Extension((await response.JsonAsync()).GetProperty("bearer").GetString());
    }

    /// <summary>Sends bytes as they are, which a client library would tidy up, and returns the whole answer.</summary>
    public async Task<string> SendRawAsync(string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(Server.Address.Host, Server.Address.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request));
        using var reader = new StreamReader(stream, Encoding.Latin1);
        return await reader.ReadToEndAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        await Workspace.DisposeAsync();
        _folder.Dispose();
    }
}

internal static class Responses
{
    public static async Task<JsonElement> JsonAsync(this HttpResponseMessage response) => await response.Content.ReadFromJsonAsync<JsonElement>();

    /// <summary>Checks that it is a problem with a next step, and returns its detail.</summary>
    public static async Task<string> ProblemAsync(this HttpResponseMessage response, HttpStatusCode expected)
    {
        Assert.Equal(expected, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = await response.JsonAsync();
        Assert.Equal((int)expected, problem.GetProperty("status").GetInt32());
        Assert.NotEmpty(problem.GetProperty("nextStep").GetString()!);
        return problem.GetProperty("detail").GetString()!;
    }
}

/// <summary>The system's clock, moved.</summary>
internal sealed class MovedClock : TimeProvider
{
    private long _offsetTicks;

    public TimeSpan Offset
    {
        get => new(Interlocked.Read(ref _offsetTicks));
        set => Interlocked.Exchange(ref _offsetTicks, value.Ticks);
    }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Offset;

    public override long GetTimestamp() => base.GetTimestamp() + (long)(Offset.TotalSeconds * TimestampFrequency);
}
