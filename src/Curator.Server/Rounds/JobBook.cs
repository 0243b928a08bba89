using System.Text.Json;
using System.Text.Json.Serialization;
using Curator.Core;

namespace Curator.Server.Rounds;

/// <summary>
/// What the server was asked to do, in the catalog (<c>serve.learning.TASK</c>), so that it outlives any process. Each change is read-modify-write under one lock between
/// processes. Thread-safe.
/// </summary>
internal sealed class JobBook(Workspace workspace)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) } };

    public async Task<LearningJob> ReadAsync(string task, CancellationToken cancellationToken) =>
        await workspace.Catalog.GetValueAsync(Key(task), cancellationToken) is { } json ? JsonSerializer.Deserialize<LearningJob>(json, Json) ?? LearningJob.Idle : LearningJob.Idle;

    /// <summary>Changes what stands there and returns it as it is then; <paramref name="change"/> returns null to leave it.</summary>
    public async Task<LearningJob> ChangeAsync(string task, Func<LearningJob, LearningJob?> change, CancellationToken cancellationToken)
    {
        using var alone = await workspace.LockAsync("serve-learning", cancellationToken);
        var present = await ReadAsync(task, cancellationToken);
        if (change(present) is not { } next) return present;
        await workspace.Catalog.SetValueAsync(Key(task), JsonSerializer.Serialize(next, Json), cancellationToken);
        return next;
    }

    private static string Key(string task) => $"serve.learning.{task}";
}
