namespace Curator.EndToEnd.Tests;

public sealed class DuplicatesTests
{
    [Fact]
    public async Task Copies_are_marked_left_out_of_searches_and_brought_back()
    {
        using var project = await ScratchProject.CreateAsync(12);
        var original = Path.Combine(project.Pictures, "disc", "00000.jpg");
        File.Copy(original, Path.Combine(project.Pictures, "disc", "zz-copy.jpg"));
        (await project.RunAsync("add", project.Pictures)).Expect(0);
        (await project.RunAsync("embed")).Expect(0);

        var dry = (await project.RunAsync("duplicates", "--exact-only", "--dry-run", "--json")).Expect(0).Json;
        Assert.Equal(1, dry.GetProperty("duplicates").GetInt32());
        Assert.Equal(2, await HitsOfOriginalAsync());

        var sheet = project["copies.png"];
        (await project.RunAsync("duplicates", "--exact-only", "--csv", project["copies.csv"], "--sheet", sheet)).Expect(0);
        Assert.True(new FileInfo(sheet).Length > 1000);
        var lines = await File.ReadAllLinesAsync(project["copies.csv"]);
        Assert.Equal("group,id,path,kind,bits", lines[0]);
        Assert.Contains("zz-copy.jpg,exact,0", lines[2], StringComparison.Ordinal);
        Assert.Equal(1, await HitsOfOriginalAsync());

        Assert.Equal(1, (await project.RunAsync("duplicates", "--clear", "--json")).Expect(0).Json.GetProperty("cleared").GetInt32());
        Assert.Equal(2, await HitsOfOriginalAsync());

        async Task<int> HitsOfOriginalAsync() =>
            (await project.RunAsync("search", original, "-k", "13", "--json")).Expect(0).Json.EnumerateArray()
                .Count(hit => hit.GetProperty("distance").GetDouble() < 1e-6 && Path.GetFileName(hit.GetProperty("path").GetString()) is "00000.jpg" or "zz-copy.jpg");
    }
}
