using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Curator.Server.Security;
using Curator.Server.Tests.Support;

namespace Curator.Server.Tests;

public sealed class PictureTests
{
    [Fact]
    public async Task A_picture_is_encoded_anew_and_kept_for_ever_under_its_link()
    {
        await using var site = await RunningServer.StartAsync();
        using var client = await site.SignInAsync(Role.Labeler);
        var next = await (await client.PostAsJsonAsync("/api/tasks/island/next", new { count = 1 })).JsonAsync();
        var link = next.GetProperty("items")[0].GetProperty("picture").GetString();
        var response = await client.GetAsync($"{link}&size=128");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("image/webp", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal("max-age=31536000, private, immutable", response.Headers.CacheControl?.ToString());
        var bytes = await response.Content.ReadAsByteArrayAsync();
        Assert.Equal("RIFF"u8, bytes.AsSpan(0, 4));
        Assert.Equal("WEBP"u8, bytes.AsSpan(8, 4));
        using var again = new HttpRequestMessage(HttpMethod.Get, $"{link}&size=128") { Headers = { IfNoneMatch = { response.Headers.ETag! } } };
        Assert.Equal(HttpStatusCode.NotModified, (await client.SendAsync(again)).StatusCode);
    }

    [Fact]
    public async Task Without_its_version_a_picture_is_asked_for_again()
    {
        await using var site = await RunningServer.StartAsync();
        using var client = await site.SignInAsync(Role.Viewer);
        var response = await client.GetAsync("/api/images/1-0/picture");
        Assert.Equal("no-cache, private", response.Headers.CacheControl?.ToString());
    }

    [Fact]
    public async Task The_example_is_shown_by_task()
    {
        await using var site = await RunningServer.StartAsync();
        using var client = await site.SignInAsync(Role.Viewer);
        var task = await (await client.GetAsync("/api/tasks/island")).JsonAsync();
        var response = await client.GetAsync(task.GetProperty("example").GetString());
        Assert.Equal("image/webp", response.Content.Headers.ContentType?.MediaType);
        await LabelingSite.AddTaskAsync(site.Workspace, "fire", "Is it a fire?", ["yes", "no"], null);
        await (await client.GetAsync("/api/tasks/fire/example")).ProblemAsync(HttpStatusCode.NotFound);
        await (await client.GetAsync("/api/tasks/atlantis/example")).ProblemAsync(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("1-8")]
    [InlineData("2-0")]
    [InlineData("0-0")]
    [InlineData("1-99999999999999999999")]
    [InlineData("1--1")]
    [InlineData("one")]
    [InlineData("1-0.bmp")]
    [InlineData("%2e%2e%2f%2e%2e%2fetc%2fpasswd")]
    [InlineData("..%5c..%5cetc%5cpasswd")]
    public async Task An_id_of_no_image_is_not_found(string id)
    {
        await using var site = await RunningServer.StartAsync(pictures: 8);
        using var client = await site.SignInAsync(Role.Viewer);
        await (await client.GetAsync($"/api/images/{id}/picture")).ProblemAsync(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("0", HttpStatusCode.BadRequest)]
    [InlineData("-5", HttpStatusCode.BadRequest)]
    [InlineData("2049", HttpStatusCode.BadRequest)]
    [InlineData("big", HttpStatusCode.BadRequest)]
    [InlineData("1", HttpStatusCode.OK)]
    [InlineData("2048", HttpStatusCode.OK)]
    public async Task Sizes_are_bounded(string size, HttpStatusCode expected)
    {
        await using var site = await RunningServer.StartAsync();
        using var client = await site.SignInAsync(Role.Viewer);
        Assert.Equal(expected, (await client.GetAsync($"/api/images/1-0/picture?size={size}")).StatusCode);
    }

    [Fact]
    public async Task A_vanished_and_a_damaged_file_are_said_and_stop_nothing_else()
    {
        await using var site = await RunningServer.StartAsync();
        using var client = await site.SignInAsync(Role.Labeler);
        File.Delete(site.PicturePath(0));
        await File.WriteAllTextAsync(site.PicturePath(1), "<script>alert(1)</script>");
        foreach (var id in new[] { "1-0", "1-1" })
        {
            var detail = await (await client.GetAsync($"/api/images/{id}/picture")).ProblemAsync(HttpStatusCode.UnprocessableEntity);
            Assert.DoesNotContain(site.ProjectPath, detail, StringComparison.Ordinal);
        }
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/api/images/1-2/picture")).StatusCode);
        var next = await (await client.PostAsJsonAsync("/api/tasks/island/next", new { count = 3 })).JsonAsync();
        Assert.Equal(3, next.GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task A_picture_that_comes_back_is_shown_again()
    {
        await using var site = await RunningServer.StartAsync();
        using var client = await site.SignInAsync(Role.Viewer);
        var bytes = await File.ReadAllBytesAsync(site.PicturePath(0));
        File.Delete(site.PicturePath(0));
        await (await client.GetAsync("/api/images/1-0/picture")).ProblemAsync(HttpStatusCode.UnprocessableEntity);
        await File.WriteAllBytesAsync(site.PicturePath(0), bytes);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/api/images/1-0/picture")).StatusCode);
    }

    [Fact]
    public async Task Many_who_ask_for_one_picture_get_the_same_bytes()
    {
        await using var site = await RunningServer.StartAsync(options: new ServeOptions { PictureCacheMebibytes = 0 });
        using var client = await site.SignInAsync(Role.Viewer);
        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => client.GetByteArrayAsync($"/api/images/1-{i % 4}/picture?size=128")));
        Assert.Equal(4, answers.Select(Convert.ToHexString).Distinct().Count());
    }

    [Fact]
    public async Task Every_picture_of_a_round_can_be_shown()
    {
        await using var site = await RunningServer.StartAsync(pictures: 20);
        using var client = await site.SignInAsync(Role.Labeler);
        var next = await (await client.PostAsJsonAsync("/api/tasks/island/next", new { count = 20 })).JsonAsync();
        foreach (JsonElement item in next.GetProperty("items").EnumerateArray())
            Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(item.GetProperty("picture").GetString())).StatusCode);
    }
}
