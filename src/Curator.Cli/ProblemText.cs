using Curator.Core.Images;

namespace Curator.Cli;

/// <summary>Why a picture was refused, in a person's words.</summary>
internal static class ProblemText
{
    public static string Of(ImageProblem problem) => problem switch
    {
        ImageProblem.Empty => "empty file",
        ImageProblem.NotAnImage => "no picture of a known format",
        ImageProblem.Truncated => "cut short",
        ImageProblem.Corrupt => "damaged",
        ImageProblem.TooLarge => "more pixels than the limit (see --limit-pixels)",
        ImageProblem.Unsupported => "a kind of picture that cannot be read here",
        ImageProblem.Unreadable => "no permission, or a read error",
        ImageProblem.Missing => "not there (a dangling link?)",
        _ => problem.ToString(),
    };
}
