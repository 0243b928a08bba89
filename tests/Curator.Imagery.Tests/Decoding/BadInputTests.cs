using Curator.Core.Images;
using Curator.Imagery.Decoding;
using Curator.Imagery.Tests.Support;

namespace Curator.Imagery.Tests.Decoding;

public sealed class BadInputTests
{
    private const int Width = 64;
    private const int Height = 48;

    private static readonly byte[] Rgb = Pictures.Noise(Width, Height);

    private static (ImageProblem? Problem, string Detail) Try(byte[] file, DecodeOptions? options = null)
    {
        var result = new ImageDecoder().Decode(file, options ?? DecodeOptions.Default);
        Assert.NotEqual(result.Succeeded, result.Problem.HasValue);
        if (!result.Succeeded)
        {
            Assert.NotEmpty(result.Detail);
            Assert.DoesNotContain('\n', result.Detail);
        }
        return (result.Problem, result.Detail);
    }

    [Fact]
    public void Cut_files_of_every_format_are_truncated()
    {
        foreach (var (name, file) in FuzzTests.Files())
        {
            // A TIFF, BMP, GIF or PNG that lost its last byte only may still be whole to its reader; half of it never is.
            Assert.Equal((name, ImageProblem.Truncated), (name, Try(file[..(file.Length / 2)]).Problem));
        }
    }

    [Fact]
    public void Files_cut_anywhere_never_pass_as_whole_and_never_throw()
    {
        foreach (var (name, file) in FuzzTests.Files())
            for (var length = 0; length < file.Length * 9 / 10; length += 1 + file.Length / 60)
            {
                var (problem, _) = Try(file[..length]);
                Assert.True(problem is ImageProblem.Truncated or ImageProblem.NotAnImage or ImageProblem.Empty or ImageProblem.Corrupt, $"{name} cut to {length}: {problem?.ToString() ?? "read"}");
            }
    }

    [Fact]
    public void Bytes_that_are_no_picture_are_told_from_damaged_ones()
    {
        Assert.Equal(ImageProblem.Empty, Try([]).Problem);
        Assert.Equal(ImageProblem.NotAnImage, Try("this is a text named .jpg\n"u8.ToArray()).Problem);
        Assert.Contains("a gzip archive: unpack it", Try([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3]).Detail, StringComparison.Ordinal);
        Assert.Contains("a zip archive: unpack it", Try("PK\u0003\u0004 and so on"u8.ToArray()).Detail, StringComparison.Ordinal);
        Assert.Equal(ImageProblem.NotAnImage, Try("BMW is a company and this is no bitmap"u8.ToArray()).Problem);
        Assert.Equal(ImageProblem.NotAnImage, Try("<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>"u8.ToArray()).Problem);
        Assert.Equal(ImageProblem.Unsupported, Try([0, 0, 0, 0x20, .. "ftypavif"u8, .. new byte[40]]).Problem);
        var noise = new byte[1000];
        new Random(3).NextBytes(noise);
        Assert.Equal(ImageProblem.NotAnImage, Try(noise).Problem);
        var png = Pictures.Png(Rgb, Width, Height);
        new Random(5).NextBytes(png.AsSpan(60, 40));
        Assert.Equal(ImageProblem.Corrupt, Try(png).Problem);
    }

    [Fact]
    public void Huge_headers_are_refused_before_anything_is_decoded()
    {
        var (problem, detail) = Try(Pictures.PngHeader(50_000, 50_000));
        Assert.Equal(ImageProblem.TooLarge, problem);
        Assert.Contains("50000×50000", detail, StringComparison.Ordinal);
        Assert.Equal(ImageProblem.TooLarge, Try(Pictures.PngHeader(70_000, 2)).Problem);
        Assert.Equal(ImageProblem.TooLarge, Try(Pictures.Png(Rgb, Width, Height), new DecodeOptions { LimitPixels = Width * Height - 1 }).Problem);
        Assert.Null(Try(Pictures.Png(Rgb, Width, Height), new DecodeOptions { LimitPixels = Width * Height }).Problem);
        Assert.Equal(ImageProblem.TooLarge, Try(Pictures.Tiff(60_000, 60_000, 1, 8, 1, [])).Problem);
        var gif = Pictures.Gif(Rgb, Width, Height);
        gif[6] = gif[7] = gif[8] = gif[9] = 0xFF;
        Assert.Equal(ImageProblem.TooLarge, Try(gif).Problem);
    }

    [Fact]
    public void Kinds_of_tiff_that_are_not_read_say_so()
    {
        Assert.Equal(ImageProblem.Unsupported, Try(Pictures.Tiff(2, 2, 1, 32, 1, new byte[16], format: 3)).Problem);
        var (problem, detail) = Try(Pictures.Tiff(2, 2, 7, 8, 1, new byte[28]));
        Assert.Equal(ImageProblem.Unsupported, problem);
        Assert.Contains("7 bands", detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_that_cannot_be_read_are_told_apart()
    {
        using var folder = new TemporaryFolder();
        var decoder = new ImageDecoder();
        Assert.Equal(ImageProblem.Missing, decoder.DecodeFile(folder["absent.jpg"], DecodeOptions.Default).Problem);
        File.CreateSymbolicLink(folder["dangling.jpg"], folder["nowhere.jpg"]);
        var dangling = decoder.DecodeFile(folder["dangling.jpg"], DecodeOptions.Default);
        Assert.Equal(ImageProblem.Missing, dangling.Problem);
        Assert.Contains("nowhere.jpg", dangling.Detail, StringComparison.Ordinal);
        File.CreateSymbolicLink(folder["itself.jpg"], folder["itself.jpg"]);
        Assert.True(decoder.DecodeFile(folder["itself.jpg"], DecodeOptions.Default).Problem is ImageProblem.Missing or ImageProblem.Unreadable);
        Directory.CreateDirectory(folder["folder.jpg"]);
        Assert.Equal(ImageProblem.Unreadable, decoder.DecodeFile(folder["folder.jpg"], DecodeOptions.Default).Problem);
        File.WriteAllBytes(folder["empty.jpg"], []);
        Assert.Equal(ImageProblem.Empty, decoder.DecodeFile(folder["empty.jpg"], DecodeOptions.Default).Problem);
        File.WriteAllBytes(folder["good.jpg"], Pictures.Jpeg(Rgb, Width, Height));
        File.CreateSymbolicLink(folder["link.jpg"], folder["good.jpg"]);
        Assert.True(decoder.DecodeFile(folder["link.jpg"], DecodeOptions.Default).Succeeded);
        Assert.Equal(ImageProblem.TooLarge, decoder.DecodeFile(folder["good.jpg"], new DecodeOptions { LimitFileBytes = 10 }).Problem);
    }

    [Fact]
    public void A_pipe_named_like_a_picture_does_not_hang()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "pipes in the file system are made with mkfifo");
        using var folder = new TemporaryFolder();
        using (var process = System.Diagnostics.Process.Start("mkfifo", [folder["pipe.jpg"]])) process.WaitForExit();
        Assert.Equal(ImageProblem.Empty, new ImageDecoder().DecodeFile(folder["pipe.jpg"], DecodeOptions.Default).Problem);
    }

    [Fact]
    public void A_file_without_permission_is_unreadable()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "permissions of this kind are Unix's");
        Assert.SkipWhen(Environment.IsPrivilegedProcess, "root may read everything; the ingest tests drop root in a child");
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["secret.jpg"], Pictures.Jpeg(Rgb, Width, Height));
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(folder["secret.jpg"], UnixFileMode.None);
        Assert.Equal(ImageProblem.Unreadable, new ImageDecoder().DecodeFile(folder["secret.jpg"], DecodeOptions.Default).Problem);
    }
}
