using Curator.Learning.Native;

namespace Curator.Learning.Tests.Native;

public sealed class ElfSymbolVersionsTests
{
    [Fact]
    public void Something_that_is_no_library_is_left_alone()
    {
        byte[] file = [.. "not a library at all, but long enough to hold a header of sixty-four bytes"u8];
        var before = file.ToArray();

        Assert.False(ElfSymbolVersions.TryRelax(file, "GLIBCXX_3.4.32", "marker", "getpid"));
        Assert.Equal(before, file);
    }

    [Fact]
    public void A_cut_library_is_refused_without_an_exception()
    {
        var path = TorchShim();
        var whole = File.ReadAllBytes(path);
        for (var length = 0; length < 4096; length += 97)
            Assert.False(ElfSymbolVersions.TryRelax(whole[..length], "GLIBCXX_3.4.32", "_ZSt21ios_base_library_initv", "getpid"));
    }

    [Fact]
    public void The_needed_symbols_of_a_cut_library_are_an_error_and_not_a_guess()
    {
        var whole = File.ReadAllBytes(TorchShim());

        Assert.Contains("_ZNK2at6Tensor9_backwardEN3c108ArrayRefIS0_EERKSt8optionalIS0_ES4_IbEb", ElfSymbolVersions.Needed(whole));
        for (var length = 0; length < 4096; length += 97) Assert.Throws<InvalidDataException>(() => ElfSymbolVersions.Needed(whole[..length]));
    }

    [Fact]
    public void A_version_that_is_used_by_another_symbol_is_not_touched()
    {
        var file = File.ReadAllBytes(TorchShim());
        var before = file.ToArray();

        Assert.False(ElfSymbolVersions.TryRelax(file, "GLIBCXX_3.4.32", "_ZSomethingElse", "getpid"));
        Assert.Equal(before, file);
    }

    [Fact]
    public void Only_the_marker_its_version_and_the_need_are_changed()
    {
        var file = File.ReadAllBytes(TorchShim());
        var before = file.ToArray();

        Assert.True(ElfSymbolVersions.TryRelax(file, "GLIBCXX_3.4.32", "_ZSt21ios_base_library_initv", "getpid"));

        // The marker's 28 letters, two bytes of its version, two bytes of flags at most.
        Assert.InRange(file.Zip(before).Count(pair => pair.First != pair.Second), 3, 32);
        Assert.False(ElfSymbolVersions.TryRelax(file, "GLIBCXX_3.4.32", "_ZSt21ios_base_library_initv", "getpid"));
    }

    private static string TorchShim()
    {
        var folder = typeof(TorchRuntime).Assembly.GetCustomAttributes(typeof(System.Reflection.AssemblyMetadataAttribute), false)
            .Cast<System.Reflection.AssemblyMetadataAttribute>().First(attribute => attribute.Key == "TorchShimDirectory").Value!;
        var path = Path.Combine(folder, "libLibTorchSharp.so");
        Assert.SkipUnless(File.Exists(path), "the package folder is not here");
        return path;
    }
}
