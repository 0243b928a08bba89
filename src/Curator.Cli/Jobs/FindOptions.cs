using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Curator.Cli.Jobs;

/// <summary>What <c>find</c> and <c>demo</c> take beside pictures. Section <c>find</c> of curator.json.</summary>
internal sealed record FindOptions
{
    [Description("Name of the task, also of the positive class's folder in the result.")]
    [RegularExpression("[A-Za-z0-9][A-Za-z0-9_.-]*")]
    public string Task { get; init; } = "find";

    [Description("The question above each picture. [default: Is this like the example?]")]
    public string Question { get; init; } = "";

    [Description("Minutes to train an encoder on the pictures; 0 uses the training-free one only.")]
    [Range(0, 100_000)]
    public double Minutes { get; init; } = 5;

    [Description("Answer by a truth instead of people: a CSV file of image,label, or folders:CLASS.")]
    public string Simulate { get; init; } = "";

    [Description("Where the labeled set and the report go. [default: exports/TASK in the project]")]
    public string Out { get; init; } = "";
}
