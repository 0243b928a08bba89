using System.Security.Cryptography;
using System.Text;
using Curator.Learning.Cache;
using Curator.Learning.Training;

namespace Curator.Benchmarks.Learning;

/// <summary>
/// Pictures of class folders, 64 × 64, in the order of their names; split by file: a fifth is for testing, chosen by the name's hash. With <c>--tiles FILE</c> they are read from
/// raw bytes [N, 64, 64, 3] with the names in FILE.txt, which <c>--tiles</c> makes of <c>--images FOLDER</c> when it is not there.
/// </summary>
internal sealed class Tiles
{
    public const int Side = 64;
    private const int Bytes = Side * Side * 3;

    private Tiles(string[] names, byte[] pixels)
    {
        Names = names;
        Pixels = pixels;
        Classes = [.. names.Select(Class).Distinct().Order(StringComparer.Ordinal)];
        Labels = [.. names.Select(name => Array.IndexOf(Classes, Class(name)))];
        var test = names.Select(name => SHA256.HashData(Encoding.UTF8.GetBytes(name))[0] % 5 == 0).ToArray();
        Train = [.. Enumerable.Range(0, names.Length).Where(i => !test[i])];
        Test = [.. Enumerable.Range(0, names.Length).Where(i => test[i])];
    }

    public string[] Names { get; }

    public byte[] Pixels { get; }

    public string[] Classes { get; }

    public int[] Labels { get; }

    public int[] Train { get; }

    public int[] Test { get; }

    public static Tiles Load(Arguments arguments)
    {
        var packed = arguments.Get("tiles", Path.Combine(arguments.Cache, "tiles.bin"));
        if (!File.Exists(packed)) Pack(arguments.Get("images", "../shared/data/eurosat"), packed);
        return new Tiles(File.ReadAllLines(packed + ".txt"), File.ReadAllBytes(packed));
    }

    /// <summary>The chosen pictures as a source for training.</summary>
    public MemoryPixels Source(int[] chosen)
    {
        var pixels = new byte[chosen.Length * Bytes];
        for (var i = 0; i < chosen.Length; i++) Pixels.AsSpan(chosen[i] * Bytes, Bytes).CopyTo(pixels.AsSpan(i * Bytes));
        return new MemoryPixels(pixels, Side);
    }

    private static void Pack(string folder, string packed)
    {
        var names = Directory.EnumerateFiles(folder, "*.jpg", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(folder, path)).Order(StringComparer.Ordinal).ToArray();
        var pixels = new byte[names.Length * (long)Bytes];
        Parallel.For(0, names.Length, () => new PictureLoader(), (i, _, loader) =>
        {
            if (loader.Load(Path.Combine(folder, names[i]), Side, pixels.AsSpan(i * Bytes, Bytes)) is { } problem) throw new InvalidDataException($"{names[i]}: {problem.Detail}");
            return loader;
        }, _ => { });
        File.WriteAllBytes(packed, pixels);
        File.WriteAllLines(packed + ".txt", names);
    }

    private static string Class(string name) => name[..name.IndexOfAny(['/', '\\'])];
}
