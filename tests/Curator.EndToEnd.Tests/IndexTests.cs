namespace Curator.EndToEnd.Tests;

public sealed class IndexTests
{
    [Fact]
    public async Task Index_builds_once_measures_recall_and_leaves_the_hits_as_they_were()
    {
        using var project = await ScratchProject.CreateAsync(40);
        (await project.RunAsync("add", project.Pictures)).Expect(0);
        (await project.RunAsync("embed")).Expect(0);
        var example = Path.Combine(project.Pictures, "disc", "00000.jpg");
        var before = (await project.RunAsync("search", example, "-k", "10", "--json")).Expect(0).Output;

        var first = (await project.RunAsync("index", "--evaluate", "--queries", "10", "--json")).Expect(0).Json;
        Assert.Equal(1, first.GetProperty("report").GetProperty("built").GetInt32());
        Assert.True(first.GetProperty("recall").GetProperty("reached").GetBoolean());
        Assert.Equal(0, (await project.RunAsync("index", "--json")).Expect(0).Json.GetProperty("report").GetProperty("built").GetInt32());
        Assert.Equal(before, (await project.RunAsync("search", example, "-k", "10", "--json")).Expect(0).Output);
    }
}
