using Curator.Core;
using Curator.Core.Settings;
using Curator.Core.Shards;
using Curator.Imagery.Gibs;
using Curator.Server.Security;

namespace Curator.Cli;

/// <summary>What a verb works with, made once a run by <see cref="CommandRunner"/>.</summary>
internal sealed class CommandContext(Terminal terminal, string? workspaceFlag, string? databaseFlag, bool showConfig, TimeProvider clock) : IAsyncDisposable
{
    /// <summary>The file that makes a folder a workspace.</summary>
    public const string SettingsFileName = "curator.json";

    private Workspace? _workspace;

    public Terminal Terminal => terminal;

    public TimeProvider Clock => clock;

    /// <summary><c>--show-config</c>: print the settings with their origins and do nothing else.</summary>
    public bool ShowConfig => showConfig;

    public IProgress<StageProgress> Progress { get; } = new ProgressLine(terminal, clock);

    /// <summary>Shards run in this process, on every core.</summary>
    public IShardEngine Engine { get; } = new PoolEngine(Environment.ProcessorCount);

    /// <summary>
    /// The workspace folder: <c>--workspace</c>, else <c>CURATOR_WORKSPACE</c>, else the nearest folder with a curator.json from here upwards, else here.
    /// </summary>
    public string WorkspaceRoot { get; } = FindRoot(workspaceFlag);

    /// <summary>Whether a workspace was named rather than looked for.</summary>
    public bool WorkspaceNamed { get; } = workspaceFlag is not null || Environment.GetEnvironmentVariable("CURATOR_WORKSPACE") is { Length: > 0 };

    /// <summary><c>--database</c>, else <c>CURATOR_DATABASE</c>; null for what curator.json says.</summary>
    public string? Database { get; } = databaseFlag ?? (Environment.GetEnvironmentVariable("CURATOR_DATABASE") is { Length: > 0 } address ? address : null);

    /// <summary>Text of the workspace's curator.json, or null while there is none.</summary>
    public string? SettingsFile
    {
        get
        {
            var path = Path.Combine(_workspace?.Root ?? WorkspaceRoot, SettingsFileName);
            return File.Exists(path) ? File.ReadAllText(path) : null;
        }
    }

    /// <summary>The imagery server of a web page's searches; section <c>gibs</c> of the settings, as <c>download</c> has it.</summary>
    /// <exception cref="WorkspaceException">Names all wrong settings at once.</exception>
    public GibsOptions Gibs
    {
        get
        {
            var environment = Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>()
                .ToDictionary(e => (string)e.Key, e => (string?)e.Value ?? "", StringComparer.Ordinal);
            return SettingsResolver.Resolve<GibsOptions>("gibs", new Dictionary<string, string>(), environment, SettingsFile).Options;
        }
    }

    /// <summary>Opens the workspace on first use.</summary>
    public async Task<Workspace> OpenAsync(CancellationToken cancellationToken) =>
        _workspace ??= await Workspace.OpenAsync(WorkspaceRoot, Database, clock, cancellationToken);

    /// <summary>Makes the workspace when there is none, and opens it.</summary>
    public async Task<Workspace> InitAsync(string root, CancellationToken cancellationToken) =>
        _workspace ??= await Workspace.InitAsync(root, Database, clock, cancellationToken);

    /// <summary>Writes down in the project's audit log that something was taken out, taken in or removed, by the account that runs this.</summary>
    public async Task AuditAsync(AuditEvent what, string detail, CancellationToken cancellationToken)
    {
        using var log = new AuditLog(await OpenAsync(cancellationToken));
        await log.WriteAsync(what, detail, cancellationToken);
    }

    /// <summary>Prints resolved settings; for <see cref="ShowConfig"/>.</summary>
    public void PrintSettings(IEnumerable<ResolvedSetting> settings)
    {
        var all = settings.ToList();
        terminal.Result(all);
        terminal.Table(["setting", "value", "origin"], all.Select(s => (IReadOnlyList<string>)
            [s.Key, s.Value, s.Source.Length > 0 ? s.Source : "default"]));
    }

    public ValueTask DisposeAsync() => _workspace?.DisposeAsync() ?? ValueTask.CompletedTask;

    private static string FindRoot(string? flag)
    {
        if (flag is not null) return Path.GetFullPath(flag);
        if (Environment.GetEnvironmentVariable("CURATOR_WORKSPACE") is { Length: > 0 } variable) return Path.GetFullPath(variable);
        for (var directory = new DirectoryInfo(Directory.GetCurrentDirectory()); directory is not null; directory = directory.Parent)
            if (File.Exists(Path.Combine(directory.FullName, SettingsFileName)))
                return directory.FullName;
        return Directory.GetCurrentDirectory();
    }
}
