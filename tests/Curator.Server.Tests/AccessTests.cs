using System.Net;
using System.Text;
using Curator.Server.Security;
using Curator.Server.Tests.Support;
using Microsoft.AspNetCore.Routing;

namespace Curator.Server.Tests;

/// <summary>Every route of the route table, asked for by everyone. A route that is missing below fails the test: each needs a decision.</summary>
public sealed class AccessTests
{
    /// <summary>The least role that may use a route; null for everyone.</summary>
    private static readonly Dictionary<string, Role?> Expected = new()
    {
        ["GET /health"] = null,
        ["* {*path}"] = null,
        ["GET /api/session"] = Role.Viewer,
        ["POST /api/session"] = null,
        ["PATCH /api/session"] = Role.Viewer,
        ["DELETE /api/session"] = Role.Viewer,
        ["GET /api/links"] = Role.Owner,
        ["POST /api/links"] = Role.Owner,
        ["DELETE /api/links/{id}"] = Role.Owner,
        ["GET /api/tasks"] = Role.Viewer,
        ["GET /api/tasks/{task}"] = Role.Viewer,
        ["GET /api/tasks/{task}/rounds"] = Role.Viewer,
        ["GET /api/tasks/{task}/example"] = Role.Viewer,
        ["PUT /api/tasks/{task}/example"] = Role.Owner,
        ["GET /api/tasks/{task}/learning"] = Role.Reviewer,
        ["POST /api/tasks/{task}/learning"] = Role.Owner,
        ["DELETE /api/tasks/{task}/learning"] = Role.Owner,
        ["GET /api/tasks/{task}/queue"] = Role.Reviewer,
        ["GET /api/tasks/{task}/border"] = Role.Reviewer,
        ["POST /api/tasks/{task}/next"] = Role.Labeler,
        ["POST /api/tasks/{task}/answers"] = Role.Labeler,
        ["PATCH /api/tasks/{task}"] = Role.Owner,
        ["POST /api/tasks/{task}/leases"] = Role.Labeler,
        ["GET /api/tasks/{task}/log"] = Role.Labeler,
        ["GET /api/tasks/{task}/review"] = Role.Reviewer,
        ["POST /api/tasks/{task}/decisions"] = Role.Reviewer,
        ["GET /api/tasks/{task}/people"] = Role.Reviewer,
        ["GET /api/tasks/{task}/agreement"] = Role.Reviewer,
        ["GET /api/tasks/{task}/live"] = Role.Reviewer,
        ["GET /api/images/{image}/picture"] = Role.Viewer,
        ["GET /api/events"] = Role.Viewer,
        ["POST /api/search"] = Role.Labeler,
        ["POST /api/search/picture"] = Role.Labeler,
        ["GET /api/search/choices"] = Role.Labeler,
        ["GET /api/search/sample"] = Role.Labeler,
        ["POST /api/layers/picture"] = Role.Labeler,
        ["GET /api/data"] = Role.Reviewer,
        ["GET /api/data/encoders"] = Role.Reviewer,
        ["GET /api/data/encoders/{encoder}/curve"] = Role.Reviewer,
        ["GET /api/data/partitions/{number:int}/health"] = Role.Reviewer,
        ["GET /api/places"] = Role.Reviewer,
        ["GET /api/places/about"] = Role.Reviewer,
        ["GET /api/tasks/{task}/places"] = Role.Reviewer,
        ["POST /api/tasks"] = Role.Owner,
        ["POST /api/tasks/{task}/queue"] = Role.Owner,
        ["GET /api/maps"] = Role.Reviewer,
        ["GET /api/maps/{encoder}/{method}/points"] = Role.Reviewer,
        ["GET /api/maps/{encoder}/{method}/clusters"] = Role.Reviewer,
        ["GET /api/maps/{encoder}/{method}/columns/{by}"] = Role.Reviewer,
        ["GET /api/maps/{encoder}/{method}/tasks/{task}/{by}"] = Role.Reviewer,
        ["GET /api/maps/{encoder}/{method}/near"] = Role.Reviewer,
        ["POST /api/images/hidden"] = Role.Owner,
        ["GET /openapi/{documentName}.json"] = Role.Viewer,
    };

    [Fact]
    public async Task Every_route_opens_to_the_roles_that_were_decided_and_to_no_other()
    {
        await using var site = await RunningServer.StartAsync();
        var clients = new Dictionary<Role, HttpClient>();
        foreach (var role in Enum.GetValues<Role>()) clients[role] = await site.SignInAsync(role);
        using var anonymous = site.Anonymous();
        var seen = new List<string>();
        foreach (var (name, method, pattern) in Routes(site))
        {
            seen.Add(name);
            Assert.True(Expected.TryGetValue(name, out var least), $"The route {name} has no decision in this table.");
            if (method == "DELETE" && pattern == "/api/session") continue; // it would end the session of the ones that follow
            var withoutSession = await StatusAsync(anonymous, method, pattern);
            Assert.True((withoutSession == HttpStatusCode.Unauthorized) == (least is not null), $"{name} without session: {withoutSession}");
            foreach (var (role, client) in clients)
            {
                var status = await StatusAsync(client, method, pattern);
                Assert.True((status == HttpStatusCode.Forbidden) == (least is { } needed && role < needed), $"{name} as {role}: {status}");
                Assert.True(status < HttpStatusCode.InternalServerError, $"{name} as {role}: {status}");
            }
        }
        Assert.Equal(Expected.Keys.Order(), seen.Distinct().Order());
        foreach (var client in clients.Values) client.Dispose();
    }

    /// <summary>All that a browser extension may ask for; with the role of the table above.</summary>
    private static readonly HashSet<string> ForExtensions =
    [
        "GET /api/session", "POST /api/session", "GET /api/tasks", "POST /api/tasks", "POST /api/tasks/{task}/queue", "GET /api/images/{image}/picture",
        "POST /api/search", "POST /api/search/picture", "GET /api/search/choices", "GET /api/search/sample", "POST /api/layers/picture",
    ];

    [Fact]
    public async Task An_extension_reaches_the_routes_that_were_decided_with_its_links_role_and_no_other()
    {
        await using var site = await RunningServer.StartAsync();
        using var anonymous = site.Extension(null);
        foreach (var role in Enum.GetValues<Role>())
        {
            using var client = await site.ExtensionAsync(role);
            foreach (var (name, method, pattern) in Routes(site))
            {
                var (status, without) = (await StatusAsync(client, method, pattern), await StatusAsync(anonymous, method, pattern));
                var open = ForExtensions.Contains(name);
                Assert.True((status == HttpStatusCode.Forbidden) == (!open || (Expected[name] is { } least && role < least)), $"{name} as {role}: {status}");
                Assert.True(without == (!open ? HttpStatusCode.Forbidden : Expected[name] is null ? without : HttpStatusCode.Unauthorized), $"{name} without bearer: {without}");
                Assert.True(status < HttpStatusCode.InternalServerError, $"{name} as {role}: {status}");
            }
        }
        Assert.Empty(ForExtensions.Except(Routes(site).Select(route => route.Name)));
    }

    [Fact]
    public async Task A_link_for_one_task_reaches_no_other()
    {
        await using var site = await RunningServer.StartAsync();
        await LabelingSite.AddTaskAsync(site.Workspace, "fire", "Is it a fire?", ["yes", "no"], null);
        using var client = await site.SignInAsync(Role.Owner, task: "fire");
        var tasks = await (await client.GetAsync("/api/tasks")).JsonAsync();
        Assert.Equal(["fire"], tasks.EnumerateArray().Select(task => task.GetProperty("name").GetString()));
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/api/tasks/fire")).StatusCode);
        // Every route of a task, from the route table: a new one is closed to links of other tasks too.
        var ofTasks = Routes(site).Where(route => route.Pattern.Contains("{task}", StringComparison.Ordinal)).ToList();
        Assert.True(ofTasks.Count > 10);
        foreach (var (name, method, pattern) in ofTasks)
        {
            var status = await StatusAsync(client, method, pattern);
            Assert.True(status == HttpStatusCode.Forbidden, $"{name}: {status}");
        }
    }

    private static IEnumerable<(string Name, string Method, string Pattern)> Routes(RunningServer site)
    {
        foreach (var endpoint in site.Server.Endpoints.OfType<RouteEndpoint>())
        {
            var pattern = endpoint.RoutePattern.RawText!;
            if (pattern.Length > 1) pattern = pattern.TrimEnd('/');
            foreach (var method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["*"])
                yield return ($"{method} {pattern}", method == "*" ? "GET" : method, pattern);
        }
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client, string method, string pattern)
    {
        var path = pattern.Replace("{task}", "island", StringComparison.Ordinal).Replace("{image}", "1-0", StringComparison.Ordinal)
            .Replace("{encoder}", "none@1", StringComparison.Ordinal).Replace("{number:int}", "1", StringComparison.Ordinal).Replace("{id}", "none", StringComparison.Ordinal).Replace("{documentName}", "v1", StringComparison.Ordinal).Replace("{*path}", "/", StringComparison.Ordinal);
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (method is "POST" or "PATCH") request.Content = new StringContent("{}", Encoding.UTF8, "application/json");
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        return response.StatusCode;
    }
}
