using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Curator.Cli.Jobs;

/// <summary>What <c>find</c> and <c>demo</c> take beside pictures. Section <c>find</c> of curator.json.</summary>
internal sealed record FindOptions
{
    [Description("Name of the task.")]
    [RegularExpression("[A-Za-z0-9][A-Za-z0-9_.-]*", ErrorMessage = "The task's name has letters, digits, dashes, dots and underscores only.")]
    public string Task { get; init; } = "find";

    [Description("The question above each picture.")]
    public string Question { get; init; } = "Does this show the same as the example?";

    /// <summary>Minutes of training when <c>find</c> is not told.</summary>
    public const double DefaultMinutes = 5;

    [Description("Minutes to train an encoder on the pictures; 0 uses the training-free one alone. Default: 5, for the demo 2.")]
    [Range(0, 100_000)]
    public double? Minutes { get; init; }

    [Description("Answer by a truth instead of people: a CSV file of image,label, or folders:CLASS.")]
    public string? Simulate { get; init; }

    [Description("Where the labeled set and the report go; exports/TASK in the project when not given.")]
    public string? Out { get; init; }
}
