using Curator.Core;
using Curator.Labeling.Labelers;

namespace Curator.Labeling.Tests.Labelers;

public sealed class TruthTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Folders_tell_the_class_at_any_depth()
    {
        await using var made = await SyntheticWorkspace.MakeAsync(Mixture.Draw(40, 4, 6, 2, 0.3, 0.3, 3), partitions: 2);
        var truth = await Truth.LoadAsync(made.Workspace, made.Task, "folders:Rare", Token);
        Assert.Equal(40, truth.Count);
        Assert.Equal(made.Data.Labels.Count(l => l == 0), truth.Positives);
        foreach (var id in made.Images)
        {
            Assert.True(made.Truth.TryGet(id, out var expected) && truth.TryGet(id, out var value) && value == expected);
        }
        Assert.Equal(20, (await Truth.LoadAsync(made.Workspace, made.Task, "folders:even", Token)).Positives);
        var error = await Assert.ThrowsAsync<WorkspaceException>(() => Truth.LoadAsync(made.Workspace, made.Task, "folders:River", Token));
        Assert.Contains("Rare/even", error.WhatHappened);
        Assert.Equal(40, (await Truth.LoadAsync(made.Workspace, made.Task with { Classes = ["Rare", "Common"] }, "folders:", Token)).Count);
    }

    [Fact]
    public async Task A_table_names_images_by_path_or_by_folder_and_file()
    {
        await using var made = await SyntheticWorkspace.MakeAsync(Mixture.Draw(12, 4, 6, 2, 0.4, 0.3, 3));
        var lines = new List<string> { "image,label" };
        for (var i = 0; i < 12; i++)
        {
            var record = await made.Workspace.GetImageAsync(made.Images[i], Token);
            lines.Add($"{(i % 2 == 0 ? record.Uri : $"{record.Folder}/{Path.GetFileName(record.Uri)}")},{(i % 3 == 0 ? "YES" : i % 3 == 1 ? "0" : "\"no\"")}");
        }
        var path = made["truth.csv"];
        await File.WriteAllLinesAsync(path, lines, Token);
        var truth = await Truth.LoadAsync(made.Workspace, made.Task, path, Token);
        Assert.Equal((12, 4), (truth.Count, truth.Positives));
        Assert.True(truth.TryGet(made.Images[3], out var value) && value == 0);
    }

    [Theory]
    [InlineData("nothere.jpg,yes\n", "nothere.jpg")]
    [InlineData("tile0.jpg,perhaps\n", "perhaps")]
    [InlineData("tile0.jpg\n", "two columns")]
    [InlineData("tile0.jpg,yes\n", "fits")]
    [InlineData("tile0.jpg,yes\ntile0.jpg,no\n", "second, different")]
    public async Task Tables_that_do_not_fit_are_refused_with_what_is_wrong(string text, string said)
    {
        await using var made = await SyntheticWorkspace.MakeAsync(Mixture.Draw(8, 4, 6, 2, 0.4, 0.3, 3));
        await File.WriteAllTextAsync(made["truth.csv"], text, Token);
        var error = await Assert.ThrowsAsync<WorkspaceException>(() => Truth.LoadAsync(made.Workspace, made.Task, made["truth.csv"], Token));
        Assert.Contains(said, error.WhatHappened);
        await Assert.ThrowsAsync<WorkspaceException>(() => Truth.LoadAsync(made.Workspace, made.Task, made["absent.csv"], Token));
    }

    [Fact]
    public void Comma_separated_values_read_back_what_was_written()
    {
        string[] fields = ["plain", "with, comma", "a \"quote\"", "two\nlines", "", "naïve ☃"];
        var text = string.Join(',', fields.Select(Csv.Text)) + "\r\n" + "x,y\n";
        var records = Csv.Read("\uFEFF" + text + "\n").ToList();
        Assert.Equal(2, records.Count);
        Assert.Equal(fields, records[0]);
        Assert.Equal(["x", "y"], records[1]);
    }

    [Theory]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("+1", "'+1")]
    [InlineData("-1", "'-1")]
    [InlineData("@x", "'@x")]
    [InlineData("=A(\"b\",c)", "\"'=A(\"\"b\"\",c)\"")]
    [InlineData("a=b", "a=b")]
    public void Text_that_a_spreadsheet_would_run_is_defused(string value, string written) => Assert.Equal(written, Csv.Text(value));
}
