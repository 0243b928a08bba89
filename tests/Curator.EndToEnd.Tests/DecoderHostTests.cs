using Curator.Core.Images;
using Curator.Imagery.Isolated;

namespace Curator.EndToEnd.Tests;

/// <summary>Strangers' pictures decoded in children of the real program.</summary>
public sealed class DecoderHostTests
{
    private static readonly string[] s_worker = ["dotnet", CuratorProcess.Executable, "decode-worker"];

    [Fact]
    public async Task Pictures_are_decoded_shrunk_or_refused_with_a_reason()
    {
        await using var host = new DecoderHost(s_worker, new DecoderLimits { Processes = 1 });
        var png = Pictures.Png(40, 20);
        var whole = await host.DecodeAsync(png, 0, CancellationToken.None);
        Assert.Equal((40, 20, 3, 8), (whole.Image!.Width, whole.Image.Height, whole.Channels, whole.BitDepth));
        Assert.Equal((20, 10), ((await host.DecodeAsync(png, 20, CancellationToken.None)).Image!.Width, (await host.DecodeAsync(png, 20, CancellationToken.None)).Image!.Height));
        Assert.Equal(ImageProblem.NotAnImage, (await host.DecodeAsync("this is a text"u8.ToArray(), 0, CancellationToken.None)).Problem);
        Assert.Equal(ImageProblem.Truncated, (await host.DecodeAsync(png.AsMemory(0, png.Length / 2), 0, CancellationToken.None)).Problem);
        Assert.Equal(ImageProblem.Empty, (await host.DecodeAsync(Array.Empty<byte>(), 0, CancellationToken.None)).Problem);
        Assert.Equal(0, host.Ended);
    }

    [Fact]
    public async Task Damaged_pictures_are_decoded_or_refused_and_no_child_ends()
    {
        await using var host = new DecoderHost(s_worker, new DecoderLimits { Processes = 1, Time = TimeSpan.FromMinutes(1) });
        byte[][] originals = [Pictures.Png(40, 20), TinyPictures.Bmp(32, 5)];
        var random = new Random(7);
        var refused = 0;
        for (var i = 0; i < 300; i++)
        {
            var file = originals[i % 2].ToArray();
            for (var n = random.Next(1, 6); n > 0; n--) file[random.Next(2, random.Next(2) == 0 ? 64 : file.Length)] = (byte)random.Next(256);
            var picture = await host.DecodeAsync(file.AsMemory(0, random.Next(8) == 0 ? random.Next(1, file.Length) : file.Length), 0, CancellationToken.None);
            Assert.True(picture.Image is null ? picture.Problem is not null && picture.Detail.Length > 0 : picture.Image.Rgb.Length == 3 * picture.Image.Width * picture.Image.Height);
            if (picture.Image is null) refused++;
        }

        Assert.InRange(refused, 50, 250);
        Assert.Equal(0, host.Ended);
    }

    [Theory]
    [InlineData("sleep 60", "longer than")]
    [InlineData("exit 139", "exit code 139")]
    [InlineData("head -c 100 /dev/zero; cat > /dev/null", "makes no sense|ended")]
    public async Task A_child_that_hangs_dies_or_talks_nonsense_costs_one_picture(string behaviour, string reason)
    {
        // The stand-in for a decoder that a picture got the better of.
        await using var host = new DecoderHost(["sh", "-c", behaviour], new DecoderLimits { Processes = 1, Time = TimeSpan.FromSeconds(0.5), Start = TimeSpan.Zero });
        var picture = await host.DecodeAsync(Pictures.Png(8, 8), 0, CancellationToken.None);
        Assert.Null(picture.Image);
        Assert.Contains(reason.Split('|'), part => picture.Detail.Contains(part, StringComparison.Ordinal));
        Assert.Equal(1, host.Ended);
    }

    [Fact]
    public async Task A_picture_that_wants_more_memory_than_there_is_is_refused()
    {
        await using var host = new DecoderHost([.. s_worker, "--memory", $"{200 << 20}"], new DecoderLimits { Processes = 1, Pixels = 400_000_000, Time = TimeSpan.FromSeconds(60) });
        var large = await host.DecodeAsync(Pictures.Png(8_000, 8_000), 0, CancellationToken.None);
        Assert.Null(large.Image);
        Assert.NotNull((await host.DecodeAsync(Pictures.Png(30, 30), 0, CancellationToken.None)).Image);
    }
}
