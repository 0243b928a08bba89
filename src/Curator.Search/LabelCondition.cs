using Curator.Core;

namespace Curator.Search;

/// <summary>A condition on the present answers of a labeling task.</summary>
/// <param name="Task">Name of the task.</param>
/// <param name="Value">A class of the task, or <see cref="Unsure"/>; null for any answer.</param>
/// <param name="Holds">False turns the condition round: images without such an answer, those nobody was asked about included.</param>
public sealed record LabelCondition(string Task, string? Value = null, bool Holds = true)
{
    /// <summary>The answer of people who could not tell.</summary>
    public const string Unsure = "unsure";

    /// <summary>Reads <c>island=yes</c> (that answer), <c>island!=yes</c> (not that answer), <c>island</c> (any answer) or <c>!island</c> (none).</summary>
    /// <exception cref="WorkspaceException">Not of this form.</exception>
    public static LabelCondition Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        var name = (equals < 0 ? text : text[..equals]).Trim();
        var value = equals < 0 ? null : text[(equals + 1)..].Trim();
        var holds = !(equals < 0 ? name.StartsWith('!') : name.EndsWith('!'));
        name = name.Trim('!').Trim();
        if (name.Length == 0 || value is "")
            throw new WorkspaceException($"'{text}' is no condition on labels.", "Write TASK=CLASS, TASK!=CLASS, TASK (any answer) or !TASK (no answer), for example island=yes.");
        return new LabelCondition(name, value, holds);
    }

    public override string ToString() => Value is null ? (Holds ? Task : $"!{Task}") : $"{Task}{(Holds ? "" : "!")}={Value}";
}
