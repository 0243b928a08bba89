namespace Curator.EndToEnd.Tests;

public sealed class MapVerbTests
{
    [Fact]
    public async Task A_map_is_made_once_drawn_and_added_to()
    {
        using var project = await ScratchProject.CreateAsync(60, rarity: 2);
        (await project.RunAsync("add", project.Pictures)).Expect(0);
        (await project.RunAsync("embed")).Expect(0);
        var made = (await project.RunAsync(
            "map", "--perplexity", "5", "--steps", "300", "--clusters", "3", "--min-cluster-size", "5", "--picture", project["map.png"], "--sheet", project["clusters.png"], "--json")).Expect(0).Json;
        Assert.Equal(60, made.GetProperty("points").GetInt32());
        Assert.Equal(60, made.GetProperty("clusters").EnumerateArray().Sum(cluster => cluster.GetProperty("size").GetInt32()));
        Assert.InRange(made.GetProperty("info").GetProperty("quality").GetProperty("trustworthiness").GetDouble(), 0.7, 1);
        Assert.True(new FileInfo(project["map.png"]).Length > 2_000);
        Assert.True(new FileInfo(project["clusters.png"]).Length > 10_000);
        string[] same = ["map", "--perplexity", "5", "--steps", "300", "--clusters", "3", "--min-cluster-size", "5"];
        Assert.False((await project.RunAsync([.. same, "--json"])).Expect(0).Json.GetProperty("made").GetBoolean());

        File.Copy(Path.Combine(project.Pictures, "disc", "00000.jpg"), Path.Combine(project.Pictures, "disc", "again.jpg"));
        (await project.RunAsync("add", project.Pictures)).Expect(0);
        (await project.RunAsync("embed")).Expect(0);
        Assert.Contains("1 new pictures placed into the map, which now has 61", (await project.RunAsync(same)).Expect(0).Output, StringComparison.Ordinal);
        Assert.Contains("perplexity", (await project.RunAsync("map", "--perplexity", "1")).Expect(2).Error, StringComparison.Ordinal);
    }
}
