using Curator.Core;

namespace Curator.Server.Tasks;

/// <summary>Says that no further round of a task will come, so that pages thank instead of waiting. For whoever runs the rounds.</summary>
public static class TaskEnd
{
    /// <param name="finished">False when rounds go on after all.</param>
    public static Task MarkAsync(Workspace workspace, string task, bool finished, CancellationToken cancellationToken) =>
        workspace.Catalog.SetValueAsync(Key(task), finished ? "true" : null, cancellationToken);

    public static async Task<bool> IsMarkedAsync(Workspace workspace, string task, CancellationToken cancellationToken) =>
        await workspace.Catalog.GetValueAsync(Key(task), cancellationToken) is "true";

    private static string Key(string task) => $"serve.finished.{task}";
}
