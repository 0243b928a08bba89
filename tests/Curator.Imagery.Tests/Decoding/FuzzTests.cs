using Curator.Imagery.Decoding;
using Curator.Imagery.Tests.Support;

namespace Curator.Imagery.Tests.Decoding;

/// <summary>Thousands of damaged pictures decoded in this very process: a native crash would end the test run.</summary>
public sealed class FuzzTests
{
    private const int Mutations = 2000;

    internal static IEnumerable<(string Name, byte[] File)> Files()
    {
        const int Width = 48, Height = 40;
        var rgb = Pictures.Rgb(Width, Height, 7);
        var deep = new byte[6 * Width * Height];
        for (var i = 0; i < rgb.Length; i++) deep[2 * i] = deep[2 * i + 1] = rgb[i];
        yield return ("jpeg", Pictures.Jpeg(rgb, Width, Height, 85));
        yield return ("png", Pictures.Png(rgb, Width, Height));
        yield return ("png16", Pictures.RawPng(Width, Height, 2, 16, deep));
        yield return ("webp", Pictures.WebP(rgb, Width, Height));
        yield return ("webp lossless", Pictures.LosslessWebP(rgb, Width, Height));
        yield return ("gif", Pictures.Gif(rgb, Width, Height));
        yield return ("bmp", Pictures.Bmp(rgb, Width, Height));
        yield return ("tiff", Pictures.Tiff(Width, Height, 3, 8, 2, rgb));
        yield return ("tiff16", Pictures.Tiff(Width, Height, 3, 16, 2, deep));
    }

    public static TheoryData<string> Names() => [.. Files().Select(f => f.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Damaged_files_never_crash_or_throw(string name)
    {
        var original = Files().Single(f => f.Name == name).File;
        var random = new Random(11);
        var decoder = new ImageDecoder();
        var options = new DecodeOptions { LimitPixels = 4_000_000 };
        int read = 0, refused = 0;
        for (var i = 0; i < Mutations; i++)
        {
            var result = decoder.Decode(Mutate(original, random), options);
            if (result.Succeeded)
            {
                read++;
                Assert.Equal(3 * result.Image.Width * result.Image.Height, result.Image.Pixels.Length);
            }
            else
            {
                refused++;
            }
        }
        Assert.Equal(Mutations, read + refused);
        Assert.True(refused > Mutations / 20, $"only {refused} of {Mutations} damaged files were refused");
    }

    /// <summary>Flips, overwrites, cuts, doubles or drops bytes, more often near the start where the headers are.</summary>
    internal static byte[] Mutate(byte[] original, Random random)
    {
        var file = original.ToList();
        for (var n = random.Next(1, 9); n > 0; n--)
        {
            if (file.Count < 12) break;
            var at = random.Next(2) == 0 ? random.Next(Math.Min(64, file.Count)) : random.Next(file.Count);
            switch (random.Next(6))
            {
                case 0: file[at] ^= (byte)(1 << random.Next(8)); break;
                case 1: file[at] = (byte)random.Next(256); break;
                case 2: file[at] = (byte)(random.Next(2) * 255); break;
                case 3: file.RemoveRange(at, Math.Min(random.Next(1, 16), file.Count - at)); break;
                case 4: file.InsertRange(at, file.GetRange(at, Math.Min(random.Next(1, 16), file.Count - at))); break;
                default:
                    if (random.Next(8) == 0) file.RemoveRange(at, file.Count - at);
                    else for (var k = at; k < Math.Min(at + 8, file.Count); k++) file[k] = (byte)random.Next(256);
                    break;
            }
        }
        return [.. file];
    }
}
