namespace Curator.EndToEnd.Tests;

/// <summary>Class folders taken as labels.</summary>
public sealed class LabelsFromFoldersTests
{
    [Fact]
    public async Task Class_folders_become_answers_once()
    {
        using var project = await ScratchProject.CreateAsync(12);
        for (var run = 0; run < 2; run++)
        {
            var added = (await project.RunAsync("add", project.Pictures, "--labels-from-folders", "kind")).Expect(0);
            Assert.Contains("12 pictures have a label from their class folder in task 'kind'", added.Output, StringComparison.Ordinal);
            var task = (await project.RunAsync("status", "--json")).Expect(0).Json.GetProperty("status").GetProperty("tasks")[0];
            Assert.Equal("kind", task.GetProperty("name").GetString());
            Assert.Equal(
                new Dictionary<string, int> { ["disc"] = 3, ["stripes"] = 9 },
                task.GetProperty("answers").EnumerateObject().ToDictionary(a => a.Name, a => a.Value.GetInt32()));
        }
        await using var workspace = await ScratchProject.OpenAsync(project.Root);
        Assert.Equal(12, await workspace.Labels.GetEventsAsync("kind", 0, CancellationToken.None).CountAsync());
        Assert.Null(await workspace.Labels.VerifyChainAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Without_class_folders_the_pictures_are_in_and_the_labels_are_refused()
    {
        using var project = await ScratchProject.CreateAsync(4);
        var refused = (await project.RunAsync("add", Path.Combine(project.Pictures, "stripes"), "--labels-from-folders", "kind")).Expect(2);
        Assert.Contains("class folders", refused.Error, StringComparison.Ordinal);
        var status = (await project.RunAsync("status", "--json")).Expect(0).Json.GetProperty("status");
        Assert.Equal(3, status.GetProperty("partitions")[0].GetProperty("images").GetInt32());
        Assert.Equal(0, status.GetProperty("tasks").GetArrayLength());
    }
}
