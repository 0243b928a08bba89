using Curator.Core;
using Curator.Core.Images;
using Curator.Learning.Cache;
using Curator.Learning.Tests.Support;

namespace Curator.Learning.Tests.Cache;

public sealed class PixelCacheTests
{
    private const int Side = 24;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_cache_holds_what_decoding_and_resizing_give()
    {
        using var folder = new TemporaryFolder();
        var images = await ImagesAsync(folder, 9);
        using var cache = PixelCache.Build(folder["cache"], images, Side, 2, null, Cancel);
        var loader = new PictureLoader();
        var pixels = new byte[Side * Side * 3];

        Assert.Equal(9, cache.Count);
        for (var i = 0; i < 9; i++)
        {
            Assert.Null(loader.Load(images[i].Uri, Side, pixels));
            Assert.Equal(pixels, cache.Pixels(i).ToArray());
            Assert.False(cache.IsAbsent(i));
        }
    }

    [Fact]
    public async Task A_picture_of_the_right_size_is_taken_byte_for_byte()
    {
        using var folder = new TemporaryFolder();
        var images = await ImagesAsync(folder, 2);
        using var cache = PixelCache.Build(folder["cache"], images, 40, 1, null, Cancel);

        Assert.Equal(Pictures.Rgb(1, 40), cache.Pixels(1).ToArray());
    }

    [Fact]
    public async Task Parts_that_fit_are_not_written_again_and_others_are()
    {
        using var folder = new TemporaryFolder();
        var images = await ImagesAsync(folder, 6);
        PixelCache.Build(folder["cache"], images, Side, 1, null, Cancel).Dispose();
        var path = PixelCache.PartPath(folder["cache"], Side, 0);
        var written = File.GetLastWriteTimeUtc(path);

        PixelCache.Build(folder["cache"], images, Side, 1, null, Cancel).Dispose();
        Assert.Equal(written, File.GetLastWriteTimeUtc(path));

        using (var fewer = PixelCache.Build(folder["cache"], [.. images.Take(4)], Side, 1, null, Cancel)) Assert.Equal(4, fewer.Count);

        // A damaged file is only a cache: it is made anew.
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..50]);
        using var again = PixelCache.Build(folder["cache"], images, Side, 1, null, Cancel);
        Assert.Equal(6, again.Count);
    }

    [Fact]
    public async Task A_picture_that_cannot_be_read_is_absent_and_black()
    {
        using var folder = new TemporaryFolder();
        var images = await ImagesAsync(folder, 5);
        File.WriteAllText(images[2].Uri, "torn");

        using var cache = PixelCache.Build(folder["cache"], images, Side, 2, null, Cancel);

        Assert.Equal([2], Enumerable.Range(0, 5).Where(cache.IsAbsent));
        Assert.All(cache.Pixels(2).ToArray(), value => Assert.Equal(0, value));
    }

    private static async Task<ImageRecord[]> ImagesAsync(TemporaryFolder folder, int count)
    {
        await using var workspace = await Workspace.InitAsync(folder["w"], TimeProvider.System, Cancel);
        await Pictures.AddAsync(workspace, folder["pictures"], 0, count, 40, Cancel);
        Directory.CreateDirectory(folder["cache"]);
        using var manifest = workspace.OpenManifest(Assert.Single(await workspace.Catalog.GetPartitionsAsync(Cancel)));
        return [.. manifest.Read()];
    }
}
