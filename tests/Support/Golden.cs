namespace Curator.Tests.Support;

/// <summary>
/// Compares text with a file under <c>tests/golden</c>. With <c>CURATOR_UPDATE_GOLDEN=1</c> the file is written instead, to be read and committed with a reason.
/// </summary>
internal static class Golden
{
    public static void Check(string name, string actual)
    {
        var path = Path.Combine(TestData.Root, "tests", "golden", name);
        actual = actual.ReplaceLineEndings("\n");
        if (Environment.GetEnvironmentVariable("CURATOR_UPDATE_GOLDEN") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, actual);
            return;
        }
        Assert.True(File.Exists(path), $"{path} is missing; run the tests with CURATOR_UPDATE_GOLDEN=1, read the file, and commit it.");
        Assert.Equal(File.ReadAllText(path).ReplaceLineEndings("\n"), actual);
    }
}
