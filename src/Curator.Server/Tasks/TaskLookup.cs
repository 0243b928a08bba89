using Curator.Core.Labels;
using Curator.Server.Errors;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Curator.Server.Tasks;

internal static class TaskLookup
{
    /// <summary>The task of that name, or null.</summary>
    public static async Task<LabelingTask?> FindTaskAsync(this LabelStore labels, string name, CancellationToken cancellationToken) =>
        (await labels.GetTasksAsync(cancellationToken)).FirstOrDefault(task => task.Name == name);

    public static ProblemHttpResult NotFound(string task) =>
        Problems.Of(StatusCodes.Status404NotFound, $"There is no task '{(task.Length > 80 ? task[..80] : task)}'.", "GET /api/tasks lists those there are.");
}
