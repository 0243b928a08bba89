using Curator.Core.Images;
using Curator.Imagery.Decoding;
using Curator.Imagery.Tests.Support;
using Curator.Imagery.Thumbnails;

namespace Curator.Imagery.Tests.Thumbnails;

public sealed class ThumbnailerTests
{
    [Fact]
    public void Keeps_the_shape_and_never_enlarges()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["wide.png"], Pictures.Png(Pictures.Rgb(300, 100), 300, 100));
        var thumbnailer = new Thumbnailer();
        Assert.Equal((60, 20), Size(thumbnailer.Jpeg(folder["wide.png"], 60)));
        Assert.Equal((300, 100), Size(thumbnailer.WebP(folder["wide.png"], 1000)));
        Assert.Equal((1, 1), Size(thumbnailer.Jpeg(new RgbImage(300, 100, Pictures.Rgb(300, 100)), 1)));
    }

    [Fact]
    public void No_byte_of_the_source_file_is_passed_on()
    {
        using var folder = new TemporaryFolder();
        byte[] payload = [.. "<script>alert('hidden in a comment')</script>"u8];
        var jpeg = Pictures.Jpeg(Pictures.Rgb(64, 64), 64, 64);
        byte[] poisoned = [.. jpeg[..2], 0xFF, 0xFE, 0, (byte)(payload.Length + 2), .. payload, .. jpeg[2..], .. payload];
        File.WriteAllBytes(folder["a.jpg"], poisoned);
        var thumbnailer = new Thumbnailer();
        Assert.Equal(-1, thumbnailer.Jpeg(folder["a.jpg"], 64).AsSpan().IndexOf("script"u8));
        Assert.Equal(-1, thumbnailer.WebP(folder["a.jpg"], 64).AsSpan().IndexOf("script"u8));
    }

    [Fact]
    public void Bad_files_are_an_error_with_a_next_step()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["text.jpg"], "no picture");
        var error = Assert.Throws<ImageDecodeException>(() => new Thumbnailer().Jpeg(folder["text.jpg"], 64));
        Assert.Equal(ImageProblem.NotAnImage, error.Problem);
        Assert.NotEmpty(error.NextStep);
    }

    [Fact]
    public async Task Many_threads_get_the_same_bytes()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["a.jpg"], Pictures.Jpeg(Pictures.Rgb(200, 150), 200, 150));
        var thumbnailer = new Thumbnailer();
        var expected = thumbnailer.Jpeg(folder["a.jpg"], 64);
        var all = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => Task.Run(() => thumbnailer.Jpeg(folder["a.jpg"], 64))));
        Assert.All(all, bytes => Assert.Equal(expected, bytes));
    }

    private static (int Width, int Height) Size(byte[] file)
    {
        var result = new ImageDecoder().Decode(file, DecodeOptions.Default);
        Assert.True(result.Succeeded, result.Detail);
        return (result.Image.Width, result.Image.Height);
    }
}
