using System.CommandLine;

namespace Curator.Cli;

/// <summary><c>--count</c>, <c>-n</c>: how many pictures are wanted, at least one.</summary>
internal static class CountOption
{
    public static Option<int> Create(int otherwise)
    {
        var count = new Option<int>("--count", "-n") { Description = "How many.", DefaultValueFactory = _ => otherwise, HelpName = "number" };
        count.Validators.Add(result =>
        {
            // A value that is no number has been complained about already; the default is not looked at.
            if (result is { Implicit: false } && !result.Errors.Any() && result.GetValueOrDefault<int>() < 1) result.AddError("--count must be at least 1.");
        });
        return count;
    }
}
