using System.Collections.Concurrent;
using System.Data.Common;
using System.Text.Json;
using Curator.Core.Databases;

namespace Curator.Core.Labels;

/// <summary>The task rows behind <see cref="LabelStore"/>. Classes are only ever added, so they are kept to check answers without a query.</summary>
internal sealed class TaskTable(Database database)
{
    private const string Made = "name, question, classes, example, encoder, guidelines, created_at, opinions, state, gold_every, repeat_every";
    private const string Columns = Made + ", revision";

    private readonly ConcurrentDictionary<string, IReadOnlyList<string>> _classes = new();

    public Task<LabelingTask> GetOrAddAsync(LabelingTask task, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(task);
        Names.Check(task.Name, "task");
        if (task.Classes.Count < 2 || task.Classes.Any(string.IsNullOrWhiteSpace) || task.Classes.Distinct(StringComparer.Ordinal).Count() != task.Classes.Count)
            throw new WorkspaceException(
                $"Task '{task.Name}' has the classes [{string.Join(", ", task.Classes)}]; at least two different ones are needed.", "Give them as `--classes yes,no`, the one looked for first.");
        CheckNumbers(task.Opinions, task.GoldEvery, task.RepeatEvery);
        return database.WriteAsync(async connection =>
        {
            await connection.ExecuteAsync(
                $"INSERT INTO task ({Made}) VALUES (@name, @question, @classes, @example, @encoder, @guidelines, @created, @opinions, @state, @gold, @repeat) ON CONFLICT (name) DO NOTHING",
                cancellationToken,
                ("name", task.Name), ("question", task.Question), ("classes", JsonSerializer.Serialize(task.Classes)), ("example", task.Example),
                ("encoder", task.Encoder), ("guidelines", task.Guidelines), ("created", task.CreatedAt.ToMicroseconds()), ("opinions", task.Opinions), ("state", task.State.ToString()),
                ("gold", task.GoldEvery), ("repeat", task.RepeatEvery));
            var stored = (await connection.ListAsync($"SELECT {Columns} FROM task WHERE name = @name", Read, cancellationToken, ("name", task.Name)))[0];
            // A task that was changed since goes on as it is now.
            return (stored.Question == task.Question || stored.Revision > 0) && stored.Classes.Take(task.Classes.Count).SequenceEqual(task.Classes)
                    && (stored.Classes.Count == task.Classes.Count || stored.Revision > 0)
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

    /// <summary>Changes a task; a changed number of opinions opens or closes items.</summary>
    public async Task<LabelingTask> ChangeAsync(string name, TaskChange change, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(change);
        CheckNumbers(change.Opinions ?? 1, change.GoldEvery ?? 0, change.RepeatEvery ?? 0);
        if (change.Question is { } question && string.IsNullOrWhiteSpace(question)) throw new WorkspaceException("The question is empty.", "Give a question of at least one word.");
        await GetAsync(name, cancellationToken);
        return await database.WriteAsync(async connection =>
        {
            var stored = (await connection.ListAsync($"SELECT {Columns} FROM task WHERE name = @name", Read, cancellationToken, ("name", name)))[0];
            string[] classes = [.. stored.Classes, .. change.AddClasses ?? []];
            if (classes.Any(string.IsNullOrWhiteSpace) || classes.Distinct(StringComparer.Ordinal).Count() != classes.Length)
                throw new WorkspaceException($"The classes would be [{string.Join(", ", classes)}], with an empty or a double one.", "Add classes that the task does not have.");
            await connection.ExecuteAsync(
                "UPDATE task SET question = @question, classes = @classes, example = @example, guidelines = @guidelines, opinions = @opinions, state = @state, gold_every = @gold, "
                    + "repeat_every = @repeat, revision = revision + 1 WHERE name = @name",
                cancellationToken,
                ("name", name), ("question", change.Question ?? stored.Question), ("classes", JsonSerializer.Serialize(classes)), ("example", change.Example ?? stored.Example),
                ("guidelines", change.Guidelines ?? stored.Guidelines), ("opinions", change.Opinions ?? stored.Opinions), ("state", (change.State ?? stored.State).ToString()),
                ("gold", change.GoldEvery ?? stored.GoldEvery), ("repeat", change.RepeatEvery ?? stored.RepeatEvery));
            if (change.Opinions is { } opinions && opinions != stored.Opinions) await LabelProjection.CloseItemsAsync(connection, name, cancellationToken);
            _classes[name] = classes;
            return (await connection.ListAsync($"SELECT {Columns} FROM task WHERE name = @name", Read, cancellationToken, ("name", name)))[0];
        }, cancellationToken);
    }

    /// <exception cref="WorkspaceException">Unknown task, or an answer that does not fit it.</exception>
    public async Task CheckAsync(NewLabelEvent answer, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(answer);
        CheckText(answer.OperationId, "operation id");
        CheckText(answer.Person, "person");
        CheckText(answer.Session, "session");
        // Another process may have added the class that is asked for.
        if (!_classes.TryGetValue(answer.Task, out var classes) || (answer.Value is not null && !classes.Contains(answer.Value)))
        {
            classes = (await GetAsync(answer.Task, cancellationToken)).Classes;
            _classes[answer.Task] = classes;
        }

        if (answer.Kind is LabelEventKind.Label or LabelEventKind.Adjudicate or LabelEventKind.Import)
        {
            if (answer.Value is null || !classes.Contains(answer.Value))
                throw new WorkspaceException($"'{answer.Value}' is no class of task '{answer.Task}'.", $"Answer with one of: {string.Join(", ", classes)}.");
        }
        else if (answer.Value is not null)
        {
            throw new WorkspaceException($"An answer of kind {answer.Kind} came with the value '{answer.Value}'.", "Leave the value out, or send it as a Label.");
        }
    }

    private static void CheckNumbers(int opinions, int goldEvery, int repeatEvery)
    {
        if (opinions is < 1 or > LabelingTask.MostOpinions || goldEvery is < 0 or 1 or > 1000 || repeatEvery is < 0 or 1 or > 1000)
            throw new WorkspaceException(
                $"{opinions} opinions, a gold item every {goldEvery} and a repeat every {repeatEvery} pictures were asked for.",
                $"Ask for 1 to {LabelingTask.MostOpinions} opinions, and for gold and repeats every 2 to 1000 pictures, or 0 for none.");
    }

    private static void CheckText(string text, string what)
    {
        const int MaxLength = 200;
        if (string.IsNullOrWhiteSpace(text) || text.Length > MaxLength)
            throw new WorkspaceException($"The {what} of an answer has {text?.Length ?? 0} characters.", $"Give 1 to {MaxLength} characters that are not all blank.");
    }

    private static LabelingTask Read(DbDataReader row) => new(
        row.GetString(0), row.GetString(1), JsonSerializer.Deserialize<string[]>(row.GetString(2))!, row.TextOrNull(3), row.TextOrNull(4), row.GetString(5), row.Moment(6))
    {
        Opinions = row.GetInt32(7),
        State = Enum.Parse<TaskState>(row.GetString(8)),
        GoldEvery = row.GetInt32(9),
        RepeatEvery = row.GetInt32(10),
        Revision = row.GetInt32(11),
    };
}
