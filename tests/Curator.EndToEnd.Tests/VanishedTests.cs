namespace Curator.EndToEnd.Tests;

/// <summary>What happens to a project behind its back is noticed and said, with the way out.</summary>
public sealed class VanishedTests
{
    [Fact]
    public async Task Sources_that_vanish_or_change_are_noticed_and_those_put_back_are_forgiven()
    {
        using var project = await ScratchProject.CreateAsync(12);
        (await project.RunAsync("add", project.Pictures)).Expect(0);
        (await project.RunAsync("status", "--check")).Expect(0);
        var gone = Path.Combine(project.Pictures, "disc", "00000.jpg");
        var other = Path.Combine(project.Pictures, "stripes", "00001.jpg");
        var (goneBytes, otherBytes) = (File.ReadAllBytes(gone), File.ReadAllBytes(other));
        File.Delete(gone);
        File.WriteAllBytes(other, [.. otherBytes, 0]);

        var checkedNow = (await project.RunAsync("status", "--check")).Expect(1);
        Assert.Contains($"{gone}: vanished", checkedNow.Output, StringComparison.Ordinal);
        Assert.Contains($"{other}: changed", checkedNow.Output, StringComparison.Ordinal);
        var partition = (await project.RunAsync("status", "--json")).Expect(1).Json.GetProperty("status").GetProperty("partitions")[0];
        Assert.Equal((1, 1), (partition.GetProperty("vanished").GetInt32(), partition.GetProperty("changed").GetInt32()));
        var doctor = (await project.RunAsync("doctor")).Expect(1);
        Assert.Contains("FAIL  sources pictures/native/all: 1 vanished, 1 changed", doctor.Output, StringComparison.Ordinal);
        Assert.Contains("curator add", doctor.Output, StringComparison.Ordinal);

        File.WriteAllBytes(gone, goneBytes);
        File.WriteAllBytes(other, otherBytes);
        (await project.RunAsync("status", "--check")).Expect(0);
    }

    [Fact]
    public async Task A_changed_picture_added_again_is_taken_in_anew_and_a_vanished_one_is_no_hit_any_more()
    {
        using var project = await ScratchProject.CreateAsync(12);
        (await project.RunAsync("add", project.Pictures)).Expect(0);
        (await project.RunAsync("embed")).Expect(0);
        var gone = Path.Combine(project.Pictures, "disc", "00000.jpg");
        var example = project["example.jpg"];
        File.Move(gone, example);
        File.Copy(Path.Combine(project.Pictures, "disc", "00004.jpg"), Path.Combine(project.Pictures, "stripes", "00001.jpg"), overwrite: true);

        var report = (await project.RunAsync("add", project.Pictures, "--json")).Expect(0).Json.GetProperty("report");
        Assert.Equal((1, 1, 1), (report.GetProperty("added").GetInt32(), report.GetProperty("changed").GetInt32(), report.GetProperty("vanished").GetInt32()));
        // The last part of the file is computed anew, and finds one picture gone.
        Assert.Contains("1 could not be read", (await project.RunAsync("embed")).Expect(1).Output, StringComparison.Ordinal);
        var hits = (await project.RunAsync("search", example, "-k", "20", "--json")).Expect(0).Json.EnumerateArray().Select(h => h.GetProperty("path").GetString()).ToArray();
        Assert.DoesNotContain(gone, hits);
        // Once: the row of its earlier bytes is left out.
        Assert.Single(hits, Path.Combine(project.Pictures, "stripes", "00001.jpg"));
    }

    [Fact]
    public async Task A_flipped_byte_in_an_embedding_file_is_found_refused_and_repaired_by_the_command_that_is_named()
    {
        using var project = await ScratchProject.CreateAsync(12);
        (await project.RunAsync("add", project.Pictures)).Expect(0);
        (await project.RunAsync("embed")).Expect(0);
        var path = Assert.Single(Directory.EnumerateFiles(project.Root, "*.embeddings", SearchOption.AllDirectories));
        var whole = ScratchProject.HashOf(project.Root, "*.embeddings");
        using (var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite))
        {
            file.Position = file.Length / 2;
            var flipped = file.ReadByte() ^ 0x10;
            file.Position--;
            file.WriteByte((byte)flipped);
        }

        var doctor = (await project.RunAsync("doctor")).Expect(1);
        Assert.Contains("FAIL  embeddings pictures/native/all statistics@1", doctor.Output, StringComparison.Ordinal);
        Assert.Contains("curator embed --encoder statistics@1", doctor.Output, StringComparison.Ordinal);
        var example = Path.Combine(project.Pictures, "disc", "00000.jpg");
        var refused = (await project.RunAsync("search", example)).Expect(2);
        Assert.Equal("", refused.Output);
        Assert.Contains("damaged", refused.Error, StringComparison.Ordinal);
        Assert.Contains("curator embed --encoder statistics@1", refused.Error, StringComparison.Ordinal);

        (await project.RunAsync("embed", "--encoder", "statistics@1")).Expect(0);
        Assert.Equal(whole, ScratchProject.HashOf(project.Root, "*.embeddings"));
        (await project.RunAsync("search", example)).Expect(0);
        (await project.RunAsync("doctor")).Expect(0);
    }
}
