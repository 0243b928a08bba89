namespace Curator.Core.Labels;

/// <summary>A question asked of many images.</summary>
/// <param name="Name">File-name safe: <c>island</c>.</param>
/// <param name="Question">Shown above the picture: <c>Is there an island?</c></param>
/// <param name="Classes">At least two, the positive one first; for yes/no tasks <c>["yes", "no"]</c>.</param>
/// <param name="Example">Absolute path of the example picture, or null.</param>
/// <param name="Encoder">Encoder id whose embeddings the rounds use: <c>simclr@1</c>; null until chosen.</param>
/// <param name="Guidelines">Plain text shown on request.</param>
public sealed record LabelingTask(
    string Name, string Question, IReadOnlyList<string> Classes, string? Example, string? Encoder, string Guidelines, DateTimeOffset CreatedAt);
