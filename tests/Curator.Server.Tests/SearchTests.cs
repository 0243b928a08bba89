using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Curator.Core.Images;
using Curator.Core.Labels;
using Curator.Server.Security;
using Curator.Server.Tests.Support;

namespace Curator.Server.Tests;

public sealed class SearchTests
{
    [Fact]
    public async Task An_image_finds_itself_first_and_then_its_likes()
    {
        await using var site = await SearchSite.StartAsync();
        using var client = await site.SignInAsync(Role.Labeler);
        var hits = await SearchSite.HitsAsync(await client.PostAsJsonAsync("/api/search", new { positives = SearchSite.Terms("1-3"), count = 5 }));
        Assert.Equal(5, hits.Length);
        Assert.Equal("1-3", hits[0].GetProperty("imageId").GetString());
        Assert.Equal(hits.Select(hit => hit.GetProperty("distance").GetSingle()).Order(), hits.Select(hit => hit.GetProperty("distance").GetSingle()));
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(hits[1].GetProperty("picture").GetString())).StatusCode);
    }

    [Fact]
    public async Task A_hit_says_when_and_where_and_of_which_product_as_far_as_that_is_known()
    {
        await using var site = await SearchSite.StartAsync(dated: 6);
        using var client = await site.SignInAsync(Role.Labeler);
        var hits = await SearchSite.HitsAsync(await client.PostAsJsonAsync("/api/search", SearchSite.Like("2-4")));
        Assert.Equal(
            """{"imageId":"2-4","takenAt":"2024-01-05T12:00:00+00:00","box":{"south":0,"west":4,"north":1,"east":5},"product":"modis","resolution":"250m","period":"2024"}""",
            Known(hits.Single(hit => hit.GetProperty("imageId").GetString() == "2-4")));
        Assert.Equal(
            """{"imageId":"1-0","takenAt":null,"box":null,"product":"pictures","resolution":"native","period":"all"}""",
            Known(hits.Single(hit => hit.GetProperty("imageId").GetString() == "1-0")));
    }

    [Fact]
    public async Task A_picture_that_is_sent_finds_the_stored_one_and_its_embedding_serves_further_searches()
    {
        await using var site = await SearchSite.StartAsync();
        using var client = await site.SignInAsync(Role.Labeler);
        var answer = await SearchSite.AnswerAsync(await client.SendPictureAsync(await File.ReadAllBytesAsync(site.PicturePath(5)), "?count=3"));
        Assert.Equal(3, answer.GetProperty("hits").GetArrayLength());
        Assert.Equal("1-5", answer.GetProperty("hits")[0].GetProperty("imageId").GetString());
        Assert.DoesNotContain(Directory.GetFiles(site.Workspace.WorkDirectory("serve")), path => Path.GetFileName(path).StartsWith("upload", StringComparison.Ordinal));
        var encoder = answer.GetProperty("encoder").GetString();
        var further = await SearchSite.AnswerAsync(await client.PostAsJsonAsync(
            "/api/search", new { positives = new[] { new { embedding = answer.GetProperty("embedding") } }, encoder, count = 3 }));
        Assert.Equal(Ids(answer), Ids(further));
        Assert.Equal(JsonValueKind.Null, further.GetProperty("embedding").ValueKind);
    }

    [Fact]
    public async Task What_is_no_picture_is_refused_without_telling_where_it_lay()
    {
        await using var site = await SearchSite.StartAsync();
        using var client = await site.SignInAsync(Role.Labeler);
        foreach (var bytes in new[] { "<svg onload=alert(1)>"u8.ToArray(), [], new byte[1000] })
        {
            var detail = await (await client.SendPictureAsync(bytes)).ProblemAsync(HttpStatusCode.UnprocessableEntity);
            Assert.DoesNotContain("upload", detail, StringComparison.Ordinal);
        }
        client.DefaultRequestHeaders.ExpectContinue = true; // the server refuses by the announced length, before the bytes are sent
        await (await client.SendPictureAsync(new byte[(16 << 20) + 1])).ProblemAsync(HttpStatusCode.RequestEntityTooLarge);
        Assert.DoesNotContain(Directory.GetFiles(site.Workspace.WorkDirectory("serve")), path => Path.GetFileName(path).StartsWith("upload", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Negatives_push_their_likes_away()
    {
        await using var site = await SearchSite.StartAsync();
        using var client = await site.SignInAsync(Role.Labeler);
        var without = await client.IdsAsync(new { positives = SearchSite.Terms("1-3") });
        var negative = without[1];
        var with = await client.IdsAsync(new { positives = SearchSite.Terms("1-3"), negatives = SearchSite.Terms(negative), negativeWeight = 1 });
        Assert.True(Array.IndexOf(with, negative) > Array.IndexOf(without, negative));
    }

    [Fact]
    public async Task Filters_by_product_resolution_period_date_and_place_hold_together()
    {
        await using var site = await SearchSite.StartAsync(dated: 10);
        using var client = await site.SignInAsync(Role.Labeler);
        await AssertFoundAsync(new { products = SearchSite.Names("PICTURES") }, 12, id => id.StartsWith("1-", StringComparison.Ordinal));
        await AssertFoundAsync(new { resolutions = SearchSite.Names("250m") }, 10, id => id.StartsWith("2-", StringComparison.Ordinal));
        await AssertFoundAsync(new { periods = SearchSite.Names("all", "2024") }, 22, _ => true);
        await AssertFoundAsync(new { from = "2024-01-03T00:00:00Z", to = "2024-01-05T12:00:00Z" }, 2, id => id is "2-2" or "2-3");
        await AssertFoundAsync(new { box = new { south = 0.5, west = 3.5, north = 2, east = 5.5 } }, 3, id => id is "2-3" or "2-4" or "2-5");
        await AssertFoundAsync(new { box = new { south = 0.5, west = 3.5, north = 2, east = 5.5 }, to = "2024-01-05T00:00:00Z", products = SearchSite.Names("modis") }, 1, id => id is "2-3");
        await AssertFoundAsync(new { columns = new[] { new { column = "file", test = "equal", value = "007.bmp" } } }, 2, id => id is "1-7" or "2-7");

        async Task AssertFoundAsync(object filter, int count, Func<string, bool> belongs)
        {
            var ids = await client.IdsAsync(new { positives = SearchSite.Terms("1-0"), filter });
            Assert.Equal(count, ids.Length);
            Assert.All(ids, id => Assert.True(belongs(id), id));
        }
    }

    [Fact]
    public async Task Filters_by_answers_follow_the_answers()
    {
        await using var site = await SearchSite.StartAsync();
        using var client = await site.SignInAsync(Role.Labeler);
        await site.Workspace.Labels.AppendAsync(
            [Event("op-1", 2, LabelEventKind.Label, "yes"), Event("op-2", 3, LabelEventKind.Label, "no"), Event("op-3", 4, LabelEventKind.Unsure, null)], CancellationToken.None);
        Assert.Equal(["1-2"], await FoundAsync(new { task = "island", value = "yes" }));
        Assert.Equal(["1-4"], await FoundAsync(new { task = "island", value = "unsure" }));
        Assert.Equal(["1-2", "1-3", "1-4"], await FoundAsync(new { task = "island" }));
        Assert.Equal(9, (await FoundAsync(new { task = "island", holds = false })).Length);
        await site.Workspace.Labels.AppendAsync([Event("op-4", 5, LabelEventKind.Label, "yes")], CancellationToken.None);
        Assert.Equal(["1-2", "1-5"], await FoundAsync(new { task = "island", value = "yes" }));

        async Task<string[]> FoundAsync(object label) =>
            [.. (await client.IdsAsync(new { positives = SearchSite.Terms("1-0"), filter = new { labels = new[] { label } } })).Order()];

        static NewLabelEvent Event(string operation, int row, LabelEventKind kind, string? value) => new(operation, "island", new ImageId(1, row), "ann", "sitting", kind, value);
    }

    [Fact]
    public async Task A_link_for_one_task_learns_nothing_of_another_tasks_answers()
    {
        await using var site = await SearchSite.StartAsync();
        await LabelingSite.AddTaskAsync(site.Workspace, "fire", "Is it a fire?", ["yes", "no"], null);
        using var client = await site.SignInAsync(Role.Owner, task: "fire");
        await (await client.PostAsJsonAsync("/api/search", new { positives = SearchSite.Terms("1-0"), filter = new { labels = new[] { new { task = "island" } } } }))
            .ProblemAsync(HttpStatusCode.Forbidden);
    }

    [Theory]
    [InlineData("""{"positives":[]}""", HttpStatusCode.BadRequest, "positives")]
    [InlineData("""{"negatives":[{"image":"1-0"}]}""", HttpStatusCode.BadRequest, "cannot be read")]
    [InlineData("""{"positives":[{}]}""", HttpStatusCode.BadRequest, "one of")]
    [InlineData("""{"positives":[{"image":"1-0","embedding":[1]}]}""", HttpStatusCode.BadRequest, "one of")]
    [InlineData("""{"positives":[null]}""", HttpStatusCode.BadRequest, "one of")]
    [InlineData("""{"positives":[{"image":"1-0"}],"count":501}""", HttpStatusCode.BadRequest, "count")]
    [InlineData("""{"positives":[{"image":"1-0"}],"count":0}""", HttpStatusCode.BadRequest, "count")]
    [InlineData("""{"positives":[{"image":"1-0"}],"negativeWeight":2}""", HttpStatusCode.BadRequest, "negativeWeight")]
    [InlineData("""{"positives":[{"image":"1-0"}],"maxDistance":-1}""", HttpStatusCode.BadRequest, "maxDistance")]
    [InlineData("""{"positives":[{"image":"1-99"}]}""", HttpStatusCode.NotFound, "1-99")]
    [InlineData("""{"positives":[{"image":"../1-0"}]}""", HttpStatusCode.NotFound, "embedded image")]
    [InlineData("""{"positives":[{"image":"1-0"}],"encoder":"none"}""", HttpStatusCode.NotFound, "none")]
    [InlineData("""{"positives":[{"embedding":[1,2,3]}]}""", HttpStatusCode.BadRequest, "3 numbers")]
    [InlineData("""{"positives":[{"embedding":[]}]}""", HttpStatusCode.BadRequest, "all zero")]
    [InlineData("""{"positives":[{"embedding":[1e999]}]}""", HttpStatusCode.BadRequest, "")]
    [InlineData("""{"positives":[{"image":"1-0"}],"negatives":[{"image":"1-0"}],"negativeWeight":1}""", HttpStatusCode.BadRequest, "cancel")]
    [InlineData("""{"positives":[{"image":"1-0"}],"filter":{"box":{"south":10,"west":0,"north":-10,"east":0}}}""", HttpStatusCode.BadRequest, "box")]
    [InlineData("""{"positives":[{"image":"1-0"}],"filter":{"box":{"south":0,"west":0,"north":1,"east":181}}}""", HttpStatusCode.BadRequest, "box")]
    [InlineData("""{"positives":[{"image":"1-0"}],"filter":{"from":"2024-01-02T00:00:00Z","to":"2024-01-01T00:00:00Z"}}""", HttpStatusCode.BadRequest, "before")]
    [InlineData("""{"positives":[{"image":"1-0"}],"filter":{"products":[]}}""", HttpStatusCode.BadRequest, "products")]
    [InlineData("""{"positives":[{"image":"1-0"}],"filter":{"products":[null]}}""", HttpStatusCode.BadRequest, "products")]
    [InlineData("""{"positives":[{"image":"1-0"}],"filter":{"labels":[{"task":"atlantis"}]}}""", HttpStatusCode.NotFound, "atlantis")]
    [InlineData("""{"positives":[{"image":"1-0"}],"filter":{"labels":[{"task":"island","value":"maybe"}]}}""", HttpStatusCode.NotFound, "maybe")]
    [InlineData("""{"positives":[{"image":"1-0"}],"filter":{"columns":[{"column":"uri","test":"contains","value":"/home"}]}}""", HttpStatusCode.BadRequest, "column")]
    [InlineData("""{"positives":[{"image":"1-0"}],"filter":{"columns":[{"column":"width","test":"less","value":"many"}]}}""", HttpStatusCode.BadRequest, "number")]
    [InlineData("""{"positives":[{"image":"1-0"}],"filter":{"columns":[{"column":"width","test":"squared","value":"1"}]}}""", HttpStatusCode.BadRequest, "")]
    [InlineData("""{"positives":[{"url":"https://pictures.example/a.jpg"}]}""", HttpStatusCode.Forbidden, "fetches no pictures")]
    [InlineData("""[]""", HttpStatusCode.BadRequest, "")]
    public async Task A_search_that_makes_no_sense_is_refused(string json, HttpStatusCode status, string reason)
    {
        await using var site = await SearchSite.StartAsync(pictures: 4);
        using var client = await site.SignInAsync(Role.Labeler);
        var detail = await (await client.PostAsync("/api/search", new StringContent(json, null, "application/json"))).ProblemAsync(status);
        Assert.Contains(reason, detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_embeddings_it_says_what_to_run()
    {
        await using var site = await RunningServer.StartAsync();
        using var client = await site.SignInAsync(Role.Labeler);
        await (await client.PostAsJsonAsync("/api/search", SearchSite.Like("1-0"))).ProblemAsync(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_newer_encoder_without_embeddings_does_not_take_searching_away()
    {
        await using var site = await SearchSite.StartAsync();
        await site.Workspace.Catalog.AddEncoderAsync("simclr", new string('a', 64), 128, CancellationToken.None);
        using var client = await site.SignInAsync(Role.Labeler);
        Assert.Equal("1-3", (await client.IdsAsync(SearchSite.Like("1-3")))[0]);
    }

    [Fact]
    public async Task Choices_are_what_the_archive_can_be_narrowed_to()
    {
        await using var site = await SearchSite.StartAsync(dated: 3);
        using var client = await site.SignInAsync(Role.Labeler);
        var choices = await (await client.GetAsync("/api/search/choices")).JsonAsync();
        Assert.Equal(15, choices.GetProperty("images").GetInt64());
        Assert.Equal("""["modis","pictures"]""", choices.GetProperty("products").GetRawText());
        Assert.Equal("""["250m","native"]""", choices.GetProperty("resolutions").GetRawText());
        Assert.Equal("""["2024","all"]""", choices.GetProperty("periods").GetRawText());
        Assert.Equal(1, choices.GetProperty("encoders").GetArrayLength());
        Assert.True(choices.GetProperty("dated").GetBoolean());
        Assert.True(choices.GetProperty("placed").GetBoolean());
        Assert.Equal("[]", choices.GetProperty("fetchHosts").GetRawText());
    }

    [Fact]
    public async Task A_sample_is_the_same_for_the_same_seed_and_leaves_hidden_pictures_out()
    {
        await using var site = await SearchSite.StartAsync();
        await site.Workspace.Catalog.SetImageStateAsync([new ImageId(1, 0), new ImageId(1, 1)], Core.Catalogs.ImageState.Hidden, CancellationToken.None);
        using var client = await site.SignInAsync(Role.Labeler);
        var first = await SampleAsync("count=200&seed=7");
        Assert.Equal(first, await SampleAsync("count=200&seed=7"));
        Assert.Equal(first.Length, first.Distinct().Count());
        Assert.InRange(first.Length, 8, 10);
        Assert.DoesNotContain("1-0", first);
        Assert.NotEqual(await SampleAsync("count=4&seed=1"), await SampleAsync("count=4&seed=2"));
        await (await client.GetAsync("/api/search/sample?count=201")).ProblemAsync(HttpStatusCode.BadRequest);

        async Task<string?[]> SampleAsync(string query) =>
            [.. (await (await client.GetAsync($"/api/search/sample?{query}")).JsonAsync()).EnumerateArray().Select(image => image.GetProperty("imageId").GetString())];
    }

    private static string?[] Ids(JsonElement answer) => [.. answer.GetProperty("hits").EnumerateArray().Select(hit => hit.GetProperty("imageId").GetString())];

    private static string Known(JsonElement hit) =>
        JsonSerializer.Serialize(hit.EnumerateObject().Where(property => property.Name is not ("distance" or "picture")).ToDictionary(property => property.Name, property => property.Value), s_plain);

    private static readonly JsonSerializerOptions s_plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
