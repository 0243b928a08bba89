using System.CommandLine;

namespace Curator.Cli.Tests;

/// <summary>What people read: help and errors, word for word.</summary>
public sealed class GoldenTests
{
    public static TheoryData<string> Verbs =>
    [
        "", "init", "layers", "download", "cut", "add", "status", "doctor", "duplicates", "train", "embed", "encoders", "embeddings", "embeddings import", "embeddings export", "index", "search", "map", "serve", "extension", "label",
        "labels", "learn", "suggest", "rounds", "classify", "predictions", "predictions import", "select", "export", "backup", "restore", "work", "find", "demo",
    ];

    [Theory]
    [MemberData(nameof(Verbs))]
    public async Task Help_reads_as_in_the_golden_file(string verb)
    {
        var run = await CommandLineRun.OfAsync(verb.Length == 0 ? ["--help"] : [.. verb.Split(' '), "--help"]);
        Assert.Equal(ExitCodes.Done, run.ExitCode);
        Assert.Equal("", run.Error);
        // The parser takes the program's name from the process, which is the test's here.
        run = run with { Output = run.Output.Replace(RootCommand.ExecutableName, "curator", StringComparison.Ordinal) };
        Assert.All(run.Output.Split('\n'), line => Assert.True(line.Length <= 100, line));
        Golden.Check($"help/{(verb.Length == 0 ? "curator" : verb.Replace(' ', '-'))}.txt", run.Output);
    }

    [Theory]
    [InlineData("unknown-verb", "trian")]
    [InlineData("unknown-flag", "train --mintues 3")]
    [InlineData("missing-argument", "search")]
    [InlineData("unknown-stage", "work paint 1")]
    [InlineData("all-problems-at-once", "train --minutes soon --batch-size 0")]
    [InlineData("unknown-format", "export island out --format jpeg")]
    [InlineData("no-number", "search a.jpg -k many")]
    [InlineData("flag-without-value", "search a.jpg -k")]
    [InlineData("count-of-none", "suggest island -n 0")]
    [InlineData("unknown-flag-below-a-verb", "encoders list --jsn")]
    public async Task Errors_name_what_happened_and_the_next_step(string name, string line)
    {
        var run = await CommandLineRun.OfAsync(line.Split(' '));
        Assert.Equal(ExitCodes.CouldNot, run.ExitCode);
        Assert.Equal("", run.Output);
        Golden.Check($"errors/{name}.txt", run.Error);
    }

    [Theory]
    [InlineData("suggest island")]
    [InlineData("select")]
    public async Task A_count_need_not_be_given(string line)
    {
        using var folder = new TemporaryFolder();
        var run = await CommandLineRun.OfAsync([.. line.Split(' '), "--workspace", folder.FullPath]);
        Assert.Contains("is no Curator project", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_error_is_one_json_object_when_asked()
    {
        using var folder = new TemporaryFolder();
        var run = await CommandLineRun.OfAsync("status", "--workspace", folder.FullPath, "--json");
        Assert.Equal(ExitCodes.CouldNot, run.ExitCode);
        using var error = System.Text.Json.JsonDocument.Parse(run.Error);
        Assert.NotEqual("", error.RootElement.GetProperty("nextStep").GetString());
    }
}
