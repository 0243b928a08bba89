using Curator.Core;
using Curator.Core.Images;
using Curator.Core.Shards;
using Curator.Search.Maps;

namespace Curator.Search.Tests.Maps;

public sealed class MapBuildingTests
{
    private const int Dimension = 16;
    private const int Kinds = 5;
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly MapOptions Small = new() { Perplexity = 10, Steps = 300, Clusters = Kinds, Sample = 100_000 };

    [Theory]
    [InlineData(MapMethod.Tsne)]
    [InlineData(MapMethod.Umap)]
    [InlineData(MapMethod.Pca)]
    public async Task Every_embedded_image_is_on_the_map_and_nothing_is_made_twice(MapMethod method)
    {
        await using var space = await SearchWorkspace.CreateAsync(Dimension);
        var rows = Gaussians.Clusters(500, Dimension, Kinds, 1, 3);
        rows.AsSpan(7 * Dimension, Dimension).Clear();
        var a = await space.PutAsync("a", rows[..(300 * Dimension)]);
        var b = await space.PutAsync("b", rows[(300 * Dimension)..]);
        var made = await MapBuilding.BuildAsync(space.Workspace, space.Encoder, Small with { Method = method }, false, null, None);
        Assert.True(made.Made);
        Assert.True(made.Map.Info.IsFinished);
        Assert.Equal(499, made.Map.Count);
        Assert.Equal(-1, made.Map.PointOf(new ImageId(a.Number, 7)));
        for (var point = 0; point < 499; point++) Assert.Equal(point, made.Map.PointOf(made.Map.Image(point)));
        // Row r is of kind r modulo five, on both sides of the partitions' border.
        foreach (var cluster in made.Map.Clusters.Index().GroupBy(pair => pair.Item)) Assert.Single(cluster.Select(pair => Kind(made.Map.Image(pair.Index))).Distinct());
        Assert.Equal(Kinds, made.Map.Info.Groups);
        for (var group = 0; group < Kinds; group++)
        {
            var pictures = made.Map.RepresentativesOfGroup(group);
            Assert.Equal(9, pictures.Distinct().Count());
            Assert.All(pictures, point => Assert.Equal(group, made.Map.Groups[point]));
        }

        Assert.InRange(made.Map.Info.Quality!.Trustworthiness, method == MapMethod.Pca ? 0.6 : 0.85, 1);
        Assert.False((await MapBuilding.BuildAsync(space.Workspace, space.Encoder, Small with { Method = method }, false, null, None)).Made);
        var bytes = await File.ReadAllBytesAsync(made.Path, None);
        await MapBuilding.BuildAsync(space.Workspace, space.Encoder, Small with { Method = method }, true, null, None);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(made.Path, None));

        int Kind(ImageId image) => (int)((image.Row + (image.Partition == b.Number ? 300 : 0)) % Kinds);
    }

    [Fact]
    public async Task Images_embedded_later_are_placed_and_move_nobody()
    {
        await using var space = await SearchWorkspace.CreateAsync(Dimension);
        var rows = Gaussians.Clusters(520, Dimension, Kinds, 1, 3);
        var a = await space.PutAsync("a", rows[..(300 * Dimension)]);
        var before = (await MapBuilding.BuildAsync(space.Workspace, space.Encoder, Small, false, null, None)).Map;
        await space.PutAsync("a", rows[..(350 * Dimension)]);
        var b = await space.PutAsync("b", rows[(350 * Dimension)..]);
        var after = await MapBuilding.BuildAsync(space.Workspace, space.Encoder, Small, false, null, None);
        Assert.Equal(220, after.Added);
        Assert.Equal(520, after.Map.Count);
        Assert.Equal(220, after.Map.Info.Placed);
        for (var row = 0; row < 300; row++)
        {
            int old = before.PointOf(new ImageId(a.Number, row)), now = after.Map.PointOf(new ImageId(a.Number, row));
            Assert.Equal((before.Positions[2 * old], before.Positions[(2 * old) + 1]), (after.Map.Positions[2 * now], after.Map.Positions[(2 * now) + 1]));
        }

        for (var row = 0; row < 170; row++)
            Assert.Equal(after.Map.Clusters[after.Map.PointOf(new ImageId(a.Number, (350 + row) % Kinds))], after.Map.Clusters[after.Map.PointOf(new ImageId(b.Number, row))]);
        var anew = await MapBuilding.BuildAsync(space.Workspace, space.Encoder, Small, true, null, None);
        Assert.Equal((0, 0L), (anew.Added, anew.Map.Info.Placed));
    }

    [Fact]
    public async Task A_run_that_is_stopped_goes_on_and_ends_in_the_same_bytes()
    {
        await using var space = await SearchWorkspace.CreateAsync(Dimension);
        await space.PutAsync("a", Gaussians.Clusters(400, Dimension, Kinds, 1, 3));
        var options = Small with { Steps = 420 };
        var whole = await MapBuilding.BuildAsync(space.Workspace, space.Encoder, options, false, null, None);
        var bytes = await File.ReadAllBytesAsync(whole.Path, None);
        File.Delete(whole.Path);
        using var stop = new CancellationTokenSource();
        var stopper = new Watcher(progress =>
        {
            if (progress is { Stage: "layout", Done: 330 }) stop.Cancel();
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => MapBuilding.BuildAsync(space.Workspace, space.Encoder, options, false, stopper, stop.Token));
        var preview = MapFile.Open(whole.Path, "curator map");
        Assert.Equal(300, preview.Info.Step);
        Assert.False(preview.Info.IsFinished);
        var first = -1L;
        await MapBuilding.BuildAsync(space.Workspace, space.Encoder, options, false, new Watcher(progress => first = first < 0 && progress.Stage == "layout" ? progress.Done : first), None);
        Assert.Equal(301, first);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(whole.Path, None));
        Assert.False(Directory.EnumerateFileSystemEntries(Path.Combine(space.Workspace.Root, ".work", "map")).Any());
    }

    [Fact]
    public async Task Of_many_images_a_sample_is_laid_out_and_the_others_are_placed_among_it()
    {
        await using var space = await SearchWorkspace.CreateAsync(Dimension);
        await space.PutAsync("a", Gaussians.Clusters(600, Dimension, Kinds, 1, 3));
        foreach (var method in Enum.GetValues<MapMethod>())
        {
            var map = (await MapBuilding.BuildAsync(space.Workspace, space.Encoder, Small with { Sample = 200, Method = method, MinClusterSize = 15 }, false, null, None)).Map;
            Assert.Equal((600, 400L), (map.Count, map.Info.Placed));
            if (method != MapMethod.Pca) Assert.InRange(Layout.TsneTests.LabelsOfNearest(map.Positions, Kinds), 0.97, 1);
        }
    }

    [Fact]
    public async Task Damaged_and_foreign_maps_are_refused_and_made_again()
    {
        await using var space = await SearchWorkspace.CreateAsync(Dimension);
        await space.PutAsync("a", Gaussians.Clusters(60, Dimension, 3, 1, 3));
        var options = Small with { Method = MapMethod.Pca };
        var path = (await MapBuilding.BuildAsync(space.Workspace, space.Encoder, options, false, null, None)).Path;
        var bytes = await File.ReadAllBytesAsync(path, None);
        for (var at = 0; at < bytes.Length; at += 97)
        {
            var damaged = (byte[])bytes.Clone();
            damaged[at] ^= 0x10;
            await File.WriteAllBytesAsync(path, damaged, None);
            Assert.Throws<ArtefactException>(() => MapFile.Open(path, "curator map"));
        }

        Assert.True((await MapBuilding.BuildAsync(space.Workspace, space.Encoder, options, false, null, None)).Made);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(path, None));
    }

    [Fact]
    public async Task Two_images_are_no_map()
    {
        await using var space = await SearchWorkspace.CreateAsync(Dimension);
        await space.PutAsync("a", Gaussians.Rows(2, Dimension, 1));
        var error = await Assert.ThrowsAsync<WorkspaceException>(() => MapBuilding.BuildAsync(space.Workspace, space.Encoder, Small, false, null, None));
        Assert.Contains("curator add", error.NextStep, StringComparison.Ordinal);
    }

    private sealed class Watcher(Action<StageProgress> see) : IProgress<StageProgress>
    {
        public void Report(StageProgress value) => see(value);
    }
}
