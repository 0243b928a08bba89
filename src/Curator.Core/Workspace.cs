using Curator.Core.Catalogs;
using Curator.Core.Databases;
using Curator.Core.Files;
using Curator.Core.Images;
using Curator.Core.Labels;
using Curator.Core.Manifests;

namespace Curator.Core;

/// <summary>
/// An opened project folder: settings, catalog, labels, and where every file lies. Thread-safe; several processes may have the same one open.
/// </summary>
public sealed class Workspace : IAsyncDisposable
{
    private const string SettingsName = "curator.json";
    private const string DatabaseName = "curator.db";

    private readonly Database _database;
    private readonly ManifestCache _manifests;
    private int _leftoversRemoved;
    private int _disposed;

    private Workspace(string root, TimeProvider clock, Database database)
    {
        Root = root;
        Clock = clock;
        _database = database;
        Catalog = new Catalog(database, clock);
        Labels = new LabelStore(database, clock);
        _manifests = new ManifestCache(this);
    }

    /// <summary>Makes a new project folder (or completes one that was interrupted); existing projects are left as they are.</summary>
    /// <exception cref="WorkspaceException">The folder cannot be made, or the project is of a newer version.</exception>
    public static Task<Workspace> InitAsync(string root, TimeProvider clock, CancellationToken cancellationToken) => InitAsync(root, null, clock, cancellationToken);

    /// <inheritdoc cref="InitAsync(string, TimeProvider, CancellationToken)"/>
    /// <param name="database"><c>postgres://…</c>, kept without its password in curator.json of a new project; null for what curator.json says, a file in the project else.</param>
    public static async Task<Workspace> InitAsync(string root, string? database, TimeProvider clock, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(root);
        ArgumentNullException.ThrowIfNull(clock);
        root = Path.GetFullPath(root);
        try
        {
            foreach (var folder in (string[])["partitions", "encoders", "exports"]) Directory.CreateDirectory(Path.Combine(root, folder));
            var settings = Path.Combine(root, SettingsName);
            if (!File.Exists(settings)) AtomicFile.WriteText(settings, WorkspaceDatabase.Settings(database));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new WorkspaceException($"No project can be made in '{root}': {error.Message}", "Choose a folder that you may write to: `curator init DIR`.", error);
        }

        return await OpenDatabaseAsync(root, WorkspaceDatabase.AddressOf(root, database), clock, cancellationToken);
    }

    /// <exception cref="WorkspaceException">No <c>curator.json</c>/<c>curator.db</c> there, or made by a newer version.</exception>
    public static Task<Workspace> OpenAsync(string root, TimeProvider clock, CancellationToken cancellationToken) => OpenAsync(root, null, clock, cancellationToken);

    /// <inheritdoc cref="OpenAsync(string, TimeProvider, CancellationToken)"/>
    /// <param name="database"><c>postgres://…</c> instead of what curator.json says; null for that.</param>
    public static Task<Workspace> OpenAsync(string root, string? database, TimeProvider clock, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(root);
        ArgumentNullException.ThrowIfNull(clock);
        root = Path.GetFullPath(root);
        var address = File.Exists(Path.Combine(root, SettingsName)) ? WorkspaceDatabase.AddressOf(root, database) : null;
        foreach (var name in address is null ? (string[])[SettingsName, DatabaseName] : [SettingsName])
            if (!File.Exists(Path.Combine(root, name)))
                throw new WorkspaceException($"'{root}' is no Curator project: it has no {name}.", $"Make one with `curator init {root}`, or name another with `--workspace DIR`.");
        return OpenDatabaseAsync(root, address, clock, cancellationToken);
    }

    /// <summary>Absolute path.</summary>
    public string Root { get; }

    public TimeProvider Clock { get; }

    /// <summary>Absolute path of <c>curator.json</c>.</summary>
    public string SettingsPath => Path.Combine(Root, SettingsName);

    /// <summary>Absolute path of <c>curator.db</c>; null when the project's database is a server's. For telling cheaply whether anything was written.</summary>
    public string? DatabasePath => _database is SqliteDatabase ? Path.Combine(Root, DatabaseName) : null;

    /// <summary>The seam to the database, for this room and its tests.</summary>
    internal Database Database => _database;

    /// <summary>Partitions, image states, encoders, shards: the rows of <c>curator.db</c> that are not labels.</summary>
    public Catalog Catalog { get; }

    /// <summary>Tasks, label events, leases, rounds and queues.</summary>
    public LabelStore Labels { get; }

    /// <summary><c>partitions/product/resolution/period</c>, absolute; created when missing.</summary>
    public string PartitionDirectory(Partition partition)
    {
        ArgumentNullException.ThrowIfNull(partition);
        return Folder(
            "partitions", Names.Check(partition.Product, "product"), Names.Check(partition.Resolution, "resolution"), Names.Check(partition.Period, "period"));
    }

    /// <summary><c>…/images.parquet</c> of the partition, absolute.</summary>
    public string ManifestPath(Partition partition) => Path.Combine(PartitionDirectory(partition), "images.parquet");

    /// <summary><c>…/&lt;name&gt;@&lt;version&gt;.embeddings</c> of the partition, absolute.</summary>
    /// <param name="encoder">Name and version: <c>simclr@1</c>.</param>
    public string EmbeddingPath(Partition partition, string encoder) => Path.Combine(PartitionDirectory(partition), CheckEncoder(encoder) + ".embeddings");

    /// <summary><c>…/&lt;encoder&gt;.index</c> of the partition, absolute.</summary>
    public string IndexPath(Partition partition, string encoder) => Path.Combine(PartitionDirectory(partition), CheckEncoder(encoder) + ".index");

    /// <summary><c>…/&lt;task&gt;.scores</c> of the partition, absolute: probabilities of the final sweep, an embedding file with d = 1.</summary>
    public string ScorePath(Partition partition, string task) => Path.Combine(PartitionDirectory(partition), Names.Check(task, "task") + ".scores");

    /// <summary><c>…/&lt;name&gt;.predictions</c> of the partition, absolute: what an outside model says of each image, an embedding file.</summary>
    public string PredictionPath(Partition partition, string name) => Path.Combine(PartitionDirectory(partition), Names.Check(name, "prediction") + ".predictions");

    /// <summary><c>maps/&lt;encoder&gt;.&lt;method&gt;.map</c>, absolute: two-dimensional layout and clusters of all images embedded by the encoder. The folder is created when missing.</summary>
    public string MapPath(string encoder, string method) => Path.Combine(Folder("maps"), $"{CheckEncoder(encoder)}.{Names.Check(method, "layout method")}.map");

    /// <summary><c>encoders/&lt;name&gt;@&lt;version&gt;</c>, absolute; created when missing.</summary>
    public string EncoderDirectory(string encoder) => Folder("encoders", CheckEncoder(encoder));

    /// <summary>Folder for what is under way and can be resumed: <c>.work/&lt;purpose&gt;</c>, absolute; created when missing.</summary>
    /// <param name="purpose">One name, or several with '/' between.</param>
    public string WorkDirectory(string purpose)
    {
        ArgumentException.ThrowIfNullOrEmpty(purpose);
        return Folder([".work", .. purpose.Split('/').Select(name => Names.Check(name, "work folder"))]);
    }

    /// <summary>Opens the partition's manifest.</summary>
    /// <exception cref="ArtefactException">Missing or damaged.</exception>
    public ManifestReader OpenManifest(Partition partition) => ManifestReader.Open(ManifestPath(partition));

    /// <summary>Record of an image by id; keeps a few manifests open. Thread-safe.</summary>
    /// <exception cref="WorkspaceException">No such image.</exception>
    public Task<ImageRecord> GetImageAsync(ImageId id, CancellationToken cancellationToken) => _manifests.GetAsync(id, cancellationToken);

    /// <summary>
    /// Takes an exclusive lock between processes for as long as the result lives; waits for it. For verbs that rewrite the same artefact.
    /// Released by the operating system when the process dies. Advisory: on network file systems without locks it holds back nobody, and
    /// atomic renames and fencing numbers keep files whole.
    /// </summary>
    /// <param name="name">As for files: <c>add</c>, <c>embed-simclr</c>.</param>
    public async Task<IDisposable> LockAsync(string name, CancellationToken cancellationToken)
    {
        Names.Check(name, "lock");
        var taken = await FileLock.TakeAsync(Path.Combine(Folder(".locks"), name + ".lock"), cancellationToken);
        if (Interlocked.Exchange(ref _leftoversRemoved, 1) == 0) AtomicFile.RemoveLeftovers(Root);
        return taken;
    }

    /// <summary>The same lock, without waiting: null while another process, or another part of this one, holds it.</summary>
    public IDisposable? TryLock(string name)
    {
        Names.Check(name, "lock");
        return FileLock.TryTake(Path.Combine(Folder(".locks"), name + ".lock"));
    }

    /// <summary>
    /// Writes a consistent copy of the database (catalog and labels) to one file, while others work; of PostgreSQL too. <see cref="WorkspaceDatabase.RestoreAsync"/> puts it back: the project as
    /// it was at one moment, of the labels a prefix of the history.
    /// </summary>
    /// <exception cref="WorkspaceException">The copy cannot be written.</exception>
    public Task BackupDatabaseAsync(string path, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return _database.BackupAsync(Path.GetFullPath(path), cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        await Labels.DisposeAsync();
        _manifests.Dispose();
        await _database.DisposeAsync();
    }

    private static async Task<Workspace> OpenDatabaseAsync(string root, string? address, TimeProvider clock, CancellationToken cancellationToken)
    {
        Database database = address is null ? new SqliteDatabase(Path.Combine(root, DatabaseName), clock) : await PostgresDatabase.ConnectAsync(address, clock, cancellationToken);
        try
        {
            await Schema.MigrateAsync(database, clock, cancellationToken);
            return new Workspace(root, clock, database);
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
    }

    private static string CheckEncoder(string encoder)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        var at = encoder.IndexOf('@', StringComparison.Ordinal);
        if (at < 0 || at == encoder.Length - 1 || encoder.AsSpan(at + 1).ContainsAnyExceptInRange('0', '9'))
            throw new WorkspaceException($"'{encoder}' is no encoder id.", "Give name and version such as `simclr@1`; `curator encoders list` shows them.");
        Names.Check(encoder[..at], "encoder");
        return encoder;
    }

    private string Folder(params string[] names)
    {
        var path = Path.Combine([Root, .. names]);
        Directory.CreateDirectory(path);
        return path;
    }
}
