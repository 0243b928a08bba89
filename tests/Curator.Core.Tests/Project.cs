using Curator.Core.Databases;
using Curator.Core.Labels;

namespace Curator.Core.Tests;

/// <summary>Where a project of a test keeps its rows. Tests of what is stored run on both.</summary>
public enum Backend
{
    Sqlite,
    Postgres,
}

/// <summary>A project in a new folder, with a clock that stands.</summary>
internal sealed class Project : IAsyncDisposable
{
    private readonly string? _database;

    private Project(TemporaryFolder folder, ManualClock clock, Workspace workspace, string? database)
    {
        Folder = folder;
        Clock = clock;
        Workspace = workspace;
        _database = database;
    }

    /// <summary>Skips the test where PostgreSQL is asked for and missing.</summary>
    public static async Task<Project> CreateAsync(Backend backend = Backend.Sqlite)
    {
        var database = backend == Backend.Postgres ? PostgresAddress() : null;
        var folder = new TemporaryFolder();
        var clock = new ManualClock();
        return new Project(folder, clock, await Workspace.InitAsync(folder["project"], database, clock, CancellationToken.None), database);
    }

    /// <summary>Address of an empty project on the throw-away server; skips the test where there is none.</summary>
    public static string PostgresAddress()
    {
        var cluster = PostgresCluster.TryGet(out var reason);
        if (cluster is null) Assert.Skip(reason);
        return cluster.NewAddress();
    }

    /// <summary>Runs statements behind the program's back.</summary>
    public Task ExecuteAsync(params string[] statements) =>
        Workspace.Database.WriteAsync(async connection =>
        {
            foreach (var statement in statements) await connection.ExecuteAsync(statement, CancellationToken.None);
            return true;
        }, CancellationToken.None);

    /// <summary>Takes the guard of the events away, so that a test can damage them.</summary>
    public Task UnguardEventsAsync() => ExecuteAsync([.. Workspace.Database.Appendable("label_event")]);

    public TemporaryFolder Folder { get; }

    public ManualClock Clock { get; }

    public Workspace Workspace { get; }

    public string DatabasePath => Path.Combine(Workspace.Root, "curator.db");

    /// <summary>The same project opened once more, as a second process would.</summary>
    public Task<Workspace> OpenAgainAsync() => Workspace.OpenAsync(Workspace.Root, _database, Clock, CancellationToken.None);

    public Task<LabelingTask> AddTaskAsync(string name = "island", params string[] classes) =>
        Workspace.Labels.GetOrAddTaskAsync(
            new LabelingTask(name, "Is there an island?", classes.Length == 0 ? ["yes", "no"] : classes, null, null, "", Clock.GetUtcNow()), CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await Workspace.DisposeAsync();
        Folder.Dispose();
    }
}
