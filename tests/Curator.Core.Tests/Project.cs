using Curator.Core.Labels;

namespace Curator.Core.Tests;

/// <summary>A project in a new folder, with a clock that stands.</summary>
internal sealed class Project : IAsyncDisposable
{
    private Project(TemporaryFolder folder, ManualClock clock, Workspace workspace)
    {
        Folder = folder;
        Clock = clock;
        Workspace = workspace;
    }

    public static async Task<Project> CreateAsync()
    {
        var folder = new TemporaryFolder();
        var clock = new ManualClock();
        return new Project(folder, clock, await Workspace.InitAsync(folder["project"], clock, CancellationToken.None));
    }

    public TemporaryFolder Folder { get; }

    public ManualClock Clock { get; }

    public Workspace Workspace { get; }

    public string DatabasePath => Path.Combine(Workspace.Root, "curator.db");

    /// <summary>The same project opened once more, as a second process would.</summary>
    public Task<Workspace> OpenAgainAsync() => Workspace.OpenAsync(Workspace.Root, Clock, CancellationToken.None);

    public Task<LabelingTask> AddTaskAsync(string name = "island", params string[] classes) =>
        Workspace.Labels.GetOrAddTaskAsync(
            new LabelingTask(name, "Is there an island?", classes.Length == 0 ? ["yes", "no"] : classes, null, null, "", Clock.GetUtcNow()), CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await Workspace.DisposeAsync();
        Folder.Dispose();
    }
}
