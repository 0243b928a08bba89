using System.Diagnostics;

namespace Curator.EndToEnd.Tests;

/// <summary>The tests of the web app and of the extension that need no browser, by their own runner.</summary>
public sealed class WebUnitTests
{
    [Theory]
    [InlineData("web")]
    [InlineData("extension")]
    public async Task Tests_of_the_folder_pass(string folder)
    {
        var web = Path.Combine(TestData.Root, "web");
        var runner = Path.Combine(web, "node_modules", "vitest", "vitest.mjs");
        Assert.SkipUnless(File.Exists(runner), "the web app's packages are not installed: run 'npm ci' in web/");
        var start = new ProcessStartInfo("node", [runner, "run", "--root", Path.Combine(TestData.Root, folder)]) { WorkingDirectory = web, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["NO_COLOR"] = "1";
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, $"{await output}\n{await error}");
        Assert.Contains("passed", await output, StringComparison.Ordinal);
    }
}
