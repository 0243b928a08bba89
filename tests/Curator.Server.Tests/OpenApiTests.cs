using System.Net.Http.Json;
using System.Text.Json;
using Curator.Server.Security;
using Curator.Server.Tests.Support;

namespace Curator.Server.Tests;

/// <summary>The document that describes the search routes, held against what they really take and answer.</summary>
public sealed class OpenApiTests
{
    [Fact]
    public async Task The_search_routes_are_described_as_they_are()
    {
        await using var site = await SearchSite.StartAsync(dated: 3);
        using var client = await site.SignInAsync(Role.Owner);
        var document = await (await client.GetAsync("/openapi/v1.json")).JsonAsync();
        var search = document.GetProperty("paths").GetProperty("/api/search").GetProperty("post");
        Assert.Equal("SearchRequest", Name(search.GetProperty("requestBody").GetProperty("content").GetProperty("application/json").GetProperty("schema")));
        Assert.Equal(["200", "400", "404", "422", "429", "502", "504"], Codes(search));
        var request = Schema(document, "SearchRequest");
        Assert.Equal(["positives"], request.GetProperty("required").EnumerateArray().Select(name => name.GetString()));
        Assert.Equal(
            ["positives", "negatives", "count", "encoder", "negativeWeight", "maxDistance", "suppressOverlap", "distinct", "filter"],
            request.GetProperty("properties").EnumerateObject().Select(property => property.Name));
        Assert.Equal(50, request.GetProperty("properties").GetProperty("count").GetProperty("default").GetInt32());
        Assert.Equal(
            ["equal", "notEqual", "less", "lessOrEqual", "greater", "greaterOrEqual", "contains"],
            Schema(document, "ColumnTest").GetProperty("enum").EnumerateArray().Select(name => name.GetString()));

        var picture = document.GetProperty("paths").GetProperty("/api/search/picture").GetProperty("post");
        var body = picture.GetProperty("requestBody").GetProperty("content").GetProperty("application/octet-stream").GetProperty("schema");
        Assert.Equal(("string", "binary"), (Resolve(document, body).GetProperty("type").GetString(), Resolve(document, body).GetProperty("format").GetString()));
        Assert.Equal(["count", "encoder"], picture.GetProperty("parameters").EnumerateArray().Select(parameter => parameter.GetProperty("name").GetString()));
        Assert.Equal(["200", "400", "404", "413", "422", "429"], Codes(picture));
    }

    [Fact]
    public async Task What_is_answered_is_what_the_document_says()
    {
        await using var site = await SearchSite.StartAsync(dated: 3);
        using var client = await site.SignInAsync(Role.Owner);
        var document = await (await client.GetAsync("/openapi/v1.json")).JsonAsync();
        Conforms(document, "/api/search", "post", await (await client.PostAsJsonAsync("/api/search", SearchSite.Like("2-0"))).JsonAsync());
        Conforms(document, "/api/search/picture", "post", await (await client.SendPictureAsync(TinyPictures.Bmp(64, 1))).JsonAsync());
        Conforms(document, "/api/search/choices", "get", await (await client.GetAsync("/api/search/choices")).JsonAsync());
        Conforms(document, "/api/search/sample", "get", await (await client.GetAsync("/api/search/sample?count=3")).JsonAsync());
        Conforms(document, "/api/tasks/{task}/queue", "post", await (await client.PostAsJsonAsync("/api/tasks/island/queue", new { images = SearchSite.Names("2-0") })).JsonAsync());
        Conforms(document, "/api/tasks", "get", await (await client.GetAsync("/api/tasks")).JsonAsync());
        Conforms(document, "/api/session", "get", await (await client.GetAsync("/api/session")).JsonAsync());
    }

    [Fact]
    public async Task Every_route_has_a_summary()
    {
        await using var site = await RunningServer.StartAsync(pictures: 1);
        using var client = await site.SignInAsync(Role.Viewer);
        var document = await (await client.GetAsync("/openapi/v1.json")).JsonAsync();
        foreach (var path in document.GetProperty("paths").EnumerateObject())
            foreach (var operation in path.Value.EnumerateObject())
                Assert.True(operation.Value.TryGetProperty("summary", out _), $"{operation.Name} {path.Name}");
    }

    private static void Conforms(JsonElement document, string path, string method, JsonElement answer)
    {
        var content = document.GetProperty("paths").GetProperty(path).GetProperty(method).GetProperty("responses").GetProperty("200").GetProperty("content");
        Check(document, content.GetProperty("application/json").GetProperty("schema"), answer, $"{method} {path}");
    }

    /// <summary>The part of JSON Schema that the document uses.</summary>
    private static void Check(JsonElement document, JsonElement schema, JsonElement value, string where)
    {
        if (schema.TryGetProperty("oneOf", out var choices))
        {
            if (value.ValueKind is JsonValueKind.Null)
            {
                Assert.Contains(choices.EnumerateArray(), choice => choice.TryGetProperty("type", out var type) && type.ValueKind is JsonValueKind.String && type.GetString() == "null");
                return;
            }
            schema = choices.EnumerateArray().Single(choice => choice.TryGetProperty("$ref", out _));
        }
        schema = Resolve(document, schema);
        if (schema.TryGetProperty("enum", out var names))
        {
            Assert.Contains(value.GetString(), names.EnumerateArray().Select(name => name.GetString()));
            return;
        }
        if (!schema.TryGetProperty("type", out var declared)) return;
        var types = declared.ValueKind is JsonValueKind.Array ? declared.EnumerateArray().Select(type => type.GetString()).ToArray() : [declared.GetString()];
        var kind = value.ValueKind switch
        {
            JsonValueKind.Null => "null",
            JsonValueKind.True or JsonValueKind.False => "boolean",
            JsonValueKind.Number => types.Contains("integer") ? "integer" : "number",
            JsonValueKind.String => "string",
            JsonValueKind.Array => "array",
            _ => "object",
        };
        Assert.True(types.Contains(kind), $"{where} is {kind}, described as {string.Join(" or ", types)}");
        if (kind == "integer") Assert.True(value.TryGetInt64(out _), where);
        if (kind == "array")
            foreach (var item in value.EnumerateArray())
                Check(document, schema.GetProperty("items"), item, $"{where}[]");
        if (kind != "object") return;
        var properties = schema.GetProperty("properties");
        foreach (var property in value.EnumerateObject())
        {
            Assert.True(properties.TryGetProperty(property.Name, out var described), $"{where}.{property.Name} is not described");
            Check(document, described, property.Value, $"{where}.{property.Name}");
        }
        if (!schema.TryGetProperty("required", out var required)) return;
        foreach (var name in required.EnumerateArray())
            Assert.True(value.TryGetProperty(name.GetString()!, out _), $"{where}.{name} is missing");
    }

    private static JsonElement Resolve(JsonElement document, JsonElement schema) =>
        schema.TryGetProperty("$ref", out _) ? Schema(document, Name(schema)) : schema;

    private static JsonElement Schema(JsonElement document, string name) => document.GetProperty("components").GetProperty("schemas").GetProperty(name);

    private static string Name(JsonElement reference) => reference.GetProperty("$ref").GetString()!.Split('/')[^1];

    private static string[] Codes(JsonElement operation) => [.. operation.GetProperty("responses").EnumerateObject().Select(response => response.Name)];
}
