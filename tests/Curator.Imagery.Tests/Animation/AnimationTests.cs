using Curator.Imagery.Animation;
using Curator.Imagery.Decoding;
using Curator.Imagery.Gibs;
using Curator.Imagery.Tests.Gibs;
using Curator.Tests.StandIns;
using NetVips;

namespace Curator.Imagery.Tests.Animation;

/// <summary>Time-lapses.</summary>
public sealed class AnimationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static RgbImage Frame(int width, int height, byte red)
    {
        var rgb = new byte[3 * width * height];
        for (var i = 0; i < rgb.Length; i += 3) (rgb[i], rgb[i + 1], rgb[i + 2]) = (red, 120, 30);
        return new RgbImage(width, height, rgb);
    }

    [Theory]
    [InlineData("film.webp")]
    [InlineData("film.gif")]
    public async Task Frames_come_back_in_order_with_their_pace(string name)
    {
        using (var writer = new AnimationWriter(_folder[name], new AnimationOptions { Fps = 4 }))
        {
            for (var i = 0; i < 5; i++) writer.Add(Frame(60, 40, (byte)(40 * i)), null);
            await writer.FinishAsync(CancellationToken.None);
        }
        TiffDecoder.Prepare();
        using var film = Image.NewFromFile(_folder[name], kwargs: new VOption { { "n", -1 } });
        Assert.Equal((60, 200, 40), (film.Width, film.Height, (int)film.Get("page-height")));
        Assert.Equal(Enumerable.Repeat(250, 5), (int[])film.Get("delay"));
        for (var i = 0; i < 5; i++) Assert.InRange(film.Getpoint(30, 40 * i + 20)[0], 40 * i - 6, 40 * i + 6); // both lose a little
        Assert.Equal([name], Directory.EnumerateFiles(_folder.FullPath).Select(Path.GetFileName)); // nothing left beside it
    }

    [Theory]
    [InlineData("film.mp4")]
    [InlineData("film.webm")]
    public async Task Videos_are_written_where_ffmpeg_is(string name)
    {
        Assert.SkipWhen(AnimationFile.FindFfmpeg() is null, "ffmpeg is not installed");
        using (var writer = new AnimationWriter(_folder[name], new AnimationOptions { Fps = 4 }))
        {
            for (var i = 0; i < 8; i++) writer.Add(Frame(65, 41, (byte)(20 * i)), "2020-09-27");
            await writer.FinishAsync(CancellationToken.None);
        }
        var head = File.ReadAllBytes(_folder[name]);
        Assert.True(head.AsSpan(4).StartsWith("ftyp"u8) || head.AsSpan().StartsWith<byte>([0x1A, 0x45, 0xDF, 0xA3]));
        Assert.Equal([name], Directory.EnumerateFiles(_folder.FullPath).Select(Path.GetFileName));
    }

    [Fact]
    public void A_caption_is_written_into_the_lower_left_corner()
    {
        using var plain = new AnimationWriter(_folder["a.webp"], new AnimationOptions());
        plain.Add(Frame(200, 100, 10), "2020-09-27");
        var raw = File.ReadAllBytes(Directory.EnumerateFiles(_folder.FullPath).Single());
        var white = Enumerable.Range(0, 200 * 100).Where(i => raw[3 * i] > 240).Select(i => (X: i % 200, Y: i / 200)).ToList();
        Assert.True(white.Count > 20);
        Assert.All(white, point => Assert.True(point.X < 120 && point.Y > 80));
    }

    [Theory]
    [InlineData("film.avi")]
    [InlineData("film")]
    public void Other_formats_are_refused_before_anything_is_done(string name) =>
        Assert.Throws<AnimationException>(() => new AnimationWriter(_folder[name], new AnimationOptions()));

    [Fact]
    public async Task A_region_is_animated_over_its_days_and_days_without_pictures_are_skipped()
    {
        await using var server = await GibsStandIn.StartAsync();
        using var client = new GibsClient(GibsClientTests.Options(server.Address, _folder["cache"]), TimeProvider.System);
        var plan = await GibsPlanner.PlanAsync(
            client, [GibsStandIn.DailyJpeg], new DownloadOptions { From = new(2020, 9, 26), To = new(2020, 9, 30), Bbox = "10,10,20,30" }, CancellationToken.None);
        var report = await GibsAnimation.RunAsync(client, plan, _folder["film/days.webp"], new AnimationOptions { FrameSide = 120, BurnDate = true }, null, CancellationToken.None);
        Assert.Equal((4, 120, 60, 0, 0), (report.Frames, report.Width, report.Height, report.Skipped, report.MissingTiles)); // the 28th is not in the domain
        using var film = Image.NewFromFile(report.Path, kwargs: new VOption { { "n", -1 } });
        Assert.Equal(240, film.Height);
    }
}
