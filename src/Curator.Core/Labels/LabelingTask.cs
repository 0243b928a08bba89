using Curator.Core.Images;

namespace Curator.Core.Labels;

/// <summary>A question asked of many images.</summary>
/// <param name="Name">File-name safe: <c>island</c>.</param>
/// <param name="Question">Shown above the picture: <c>Is there an island?</c></param>
/// <param name="Classes">At least two, the positive one first; for yes/no tasks <c>["yes", "no"]</c>. Classes are added, never removed: answers name them.</param>
/// <param name="Example">Absolute path of the example picture, or null.</param>
/// <param name="Encoder">Encoder id whose embeddings the rounds use: <c>simclr@1</c>; null until chosen.</param>
/// <param name="Guidelines">Plain text shown on request.</param>
public sealed record LabelingTask(
    string Name, string Question, IReadOnlyList<string> Classes, string? Example, string? Encoder, string Guidelines, DateTimeOffset CreatedAt)
{
    /// <summary>People who answer each item before it is closed, 1 to <see cref="MostOpinions"/>.</summary>
    public int Opinions { get; init; } = 1;

    public TaskState State { get; init; } = TaskState.Open;

    /// <summary>Every so many pictures of a person is a gold item (an answer that is known); 0 for none.</summary>
    public int GoldEvery { get; init; }

    /// <summary>Every so many pictures of a person is one that they answered before, to see whether they answer the same; 0 for none.</summary>
    public int RepeatEvery { get; init; }

    /// <summary>How often the task was changed since it was made.</summary>
    public int Revision { get; init; }

    public const int MostOpinions = 20;
}

/// <summary>Whether people are given pictures. Answers are stored in every state: work that was done is never thrown away.</summary>
public enum TaskState
{
    Open,

    /// <summary>No pictures for now.</summary>
    Paused,

    /// <summary>No pictures any more; <see cref="LabelStore.ChangeTaskAsync"/> can open it again.</summary>
    Stopped,
}

/// <summary>What changes of a task; null leaves a thing as it is.</summary>
/// <param name="AddClasses">Classes put behind those there are.</param>
public sealed record TaskChange(
    string? Question = null, IReadOnlyList<string>? AddClasses = null, string? Example = null, string? Guidelines = null,
    int? Opinions = null, TaskState? State = null, int? GoldEvery = null, int? RepeatEvery = null);

/// <summary>An image whose class is known beforehand.</summary>
public sealed record GoldItem(ImageId Image, string Value);
