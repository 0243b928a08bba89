using System.Collections.Concurrent;
using System.Data.Common;
using System.Text.Json;
using Curator.Core.Databases;

namespace Curator.Core.Labels;

/// <summary>The task rows behind <see cref="LabelStore"/>. Classes never change, so they are kept to check answers without a query.</summary>
internal sealed class TaskTable(SqliteDatabase database)
{
    private const string Columns = "name, question, classes, example, encoder, guidelines, created_at";

    private readonly ConcurrentDictionary<string, IReadOnlyList<string>> _classes = new();

    public Task<LabelingTask> GetOrAddAsync(LabelingTask task, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(task);
        Names.Check(task.Name, "task");
        if (task.Classes.Count < 2 || task.Classes.Any(string.IsNullOrWhiteSpace) || task.Classes.Distinct(StringComparer.Ordinal).Count() != task.Classes.Count)
            throw new WorkspaceException(
                $"Task '{task.Name}' has the classes [{string.Join(", ", task.Classes)}]; at least two different ones are needed.", "Give them as `--classes yes,no`, the one looked for first.");
        return database.WriteAsync(async connection =>
        {
            await connection.ExecuteAsync(
                $"INSERT INTO task ({Columns}) VALUES (@name, @question, @classes, @example, @encoder, @guidelines, @created) ON CONFLICT (name) DO NOTHING", cancellationToken,
                ("name", task.Name), ("question", task.Question), ("classes", JsonSerializer.Serialize(task.Classes)), ("example", task.Example),
                ("encoder", task.Encoder), ("guidelines", task.Guidelines), ("created", task.CreatedAt.ToMicroseconds()));
            var stored = (await connection.ListAsync($"SELECT {Columns} FROM task WHERE name = @name", Read, cancellationToken, ("name", task.Name)))[0];
            return stored.Question == task.Question && stored.Classes.SequenceEqual(task.Classes)
                ? stored
                : throw new WorkspaceException(
                    $"A task '{task.Name}' exists that asks '{stored.Question}' with the classes [{string.Join(", ", stored.Classes)}].",
                    "Choose another name for the new task, or go on with the one there is.");
        }, cancellationToken);
    }

    public async Task<IReadOnlyList<LabelingTask>> GetAllAsync(CancellationToken cancellationToken) =>
        await database.ReadAsync(connection => connection.ListAsync($"SELECT {Columns} FROM task ORDER BY name", Read, cancellationToken), cancellationToken);

    public async Task<LabelingTask> GetAsync(string name, CancellationToken cancellationToken)
    {
        var all = await GetAllAsync(cancellationToken);
        return all.FirstOrDefault(task => task.Name == name) ?? throw new WorkspaceException(
            $"The project has no task '{name}'; it has {(all.Count == 0 ? "none" : string.Join(", ", all.Select(task => task.Name)))}.",
            all.Count == 0 ? "Begin one with `curator find PICTURE IMAGES` or `curator learn TASK --example PICTURE`." : "Name one of these.");
    }

    public Task SetEncoderAsync(string name, string encoder, CancellationToken cancellationToken) =>
        database.WriteAsync(
            async connection => await connection.ExecuteAsync("UPDATE task SET encoder = @encoder WHERE name = @name", cancellationToken, ("name", name), ("encoder", encoder)) == 1
                ? true
                : throw new WorkspaceException($"The project has no task '{name}'.", "List the tasks with `curator status`."),
            cancellationToken);

    /// <exception cref="WorkspaceException">Unknown task, or an answer that does not fit it.</exception>
    public async Task CheckAsync(NewLabelEvent answer, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(answer);
        CheckText(answer.OperationId, "operation id");
        CheckText(answer.Person, "person");
        CheckText(answer.Session, "session");
        if (!_classes.TryGetValue(answer.Task, out var classes))
        {
            classes = (await GetAsync(answer.Task, cancellationToken)).Classes;
            _classes[answer.Task] = classes;
        }

        if (answer.Kind is LabelEventKind.Label or LabelEventKind.Adjudicate)
        {
            if (answer.Value is null || !classes.Contains(answer.Value))
                throw new WorkspaceException($"'{answer.Value}' is no class of task '{answer.Task}'.", $"Answer with one of: {string.Join(", ", classes)}.");
        }
        else if (answer.Value is not null)
        {
            throw new WorkspaceException($"An answer of kind {answer.Kind} came with the value '{answer.Value}'.", "Leave the value out, or send it as a Label.");
        }
    }

    private static void CheckText(string text, string what)
    {
        const int MaxLength = 200;
        if (string.IsNullOrWhiteSpace(text) || text.Length > MaxLength)
            throw new WorkspaceException($"The {what} of an answer has {text?.Length ?? 0} characters.", $"Give 1 to {MaxLength} characters that are not all blank.");
    }

    private static LabelingTask Read(DbDataReader row) => new(
        row.GetString(0), row.GetString(1), JsonSerializer.Deserialize<string[]>(row.GetString(2))!, row.TextOrNull(3), row.TextOrNull(4), row.GetString(5), row.Moment(6));
}
