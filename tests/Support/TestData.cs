namespace Curator.Tests.Support;

/// <summary>Where real data lie, and folders that vanish after a test.</summary>
internal static class TestData
{
    /// <summary>The checkout's root: the folder of <c>Curator.slnx</c>.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>
    /// A path under <c>../shared/data</c>, real data that is not part of the repository (or under <c>CURATOR_TEST_DATA</c>); the test is skipped where it is absent.
    /// </summary>
    public static string Shared(string relative)
    {
        var root = Environment.GetEnvironmentVariable("CURATOR_TEST_DATA") ?? Path.Combine(Root, "..", "shared", "data");
        var path = Path.GetFullPath(Path.Combine(root, relative));
        Assert.SkipUnless(Path.Exists(path), $"real data are absent: {relative}");
        return path;
    }

    private static string FindRoot()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
            if (File.Exists(Path.Combine(directory.FullName, "Curator.slnx")))
                return directory.FullName;
        throw new DirectoryNotFoundException($"No Curator.slnx above {AppContext.BaseDirectory}.");
    }
}

/// <summary>A new folder under the system's temporary one, deleted at the end.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string FullPath { get; } = Directory.CreateTempSubdirectory("curator-test-").FullName;

    public string this[string relative] => Path.Combine(FullPath, relative);

    public void Dispose()
    {
        try
        {
            Directory.Delete(FullPath, recursive: true);
        }
        catch (IOException)
        {
            // A process of the test may still hold a file; the folder lies under /tmp and harms nobody.
        }
    }
}
