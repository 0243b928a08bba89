namespace Curator.Cli.Tests.Demo;

/// <summary>The npm packages that <c>./curator demo</c> installs; tests that read them are skipped where they are absent.</summary>
internal static class DemoPackages
{
    /// <summary><c>demo/node_modules</c> of this checkout.</summary>
    public static string Directory
    {
        get
        {
            var path = Path.Combine(TestData.Root, "demo", "node_modules");
            Assert.SkipUnless(System.IO.Directory.Exists(path), "the demo's packages are not installed: run 'npm ci --ignore-scripts' in demo/");
            return path;
        }
    }
}
