using System.Data.Common;
using System.Runtime.CompilerServices;
using Curator.Core.Databases;
using Curator.Core.Images;
using Curator.Core.Shards;

namespace Curator.Core.Catalogs;

/// <summary>
/// The transactional rows of the workspace that are not labels. Every method is one transaction; thread-safe; safe between processes.
/// </summary>
public sealed class Catalog
{
    private readonly Database _database;
    private readonly EncoderTable _encoders;
    private readonly ShardTable _shards;
    private readonly TimeProvider _clock;

    internal Catalog(Database database, TimeProvider clock)
    {
        _database = database;
        _clock = clock;
        _encoders = new EncoderTable(database, clock);
        _shards = new ShardTable(database);
    }

    /// <summary>All partitions, by number.</summary>
    public async Task<IReadOnlyList<Partition>> GetPartitionsAsync(CancellationToken cancellationToken) =>
        await _database.ReadAsync(
            connection => connection.ListAsync("SELECT number, product, resolution, period, rows, fingerprint FROM partition ORDER BY number", ReadPartition, cancellationToken),
            cancellationToken);

    /// <exception cref="WorkspaceException">A name that is none of a folder (<see cref="Names"/>).</exception>
    public Task<Partition> GetOrAddPartitionAsync(string product, string resolution, string period, CancellationToken cancellationToken)
    {
        Names.Check(product, "product");
        Names.Check(resolution, "resolution");
        Names.Check(period, "period");
        return _database.WriteAsync(async connection =>
        {
            (string, object?)[] key = [("product", product), ("resolution", resolution), ("period", period)];
            const string Find = "SELECT number, product, resolution, period, rows, fingerprint FROM partition "
                + "WHERE product = @product AND resolution = @resolution AND period = @period";
            var found = await connection.ListAsync(Find, ReadPartition, cancellationToken, key);
            if (found.Count > 0) return found[0];
            await connection.ExecuteAsync(
                "INSERT INTO partition (number, product, resolution, period, rows, fingerprint) "
                    + "SELECT COALESCE(MAX(number), 0) + 1, @product, @resolution, @period, 0, '' FROM partition",
                cancellationToken, key);
            found = await connection.ListAsync(Find, ReadPartition, cancellationToken, key);
            return found[0];
        }, cancellationToken);
    }

    /// <summary>Records a new manifest revision: its rows and fingerprint. Earlier revisions are kept, so that files made from them can be told from foreign ones.</summary>
    /// <exception cref="WorkspaceException">No such partition.</exception>
    public Task SetManifestAsync(int partition, long rows, string fingerprint, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        return _database.WriteAsync(async connection =>
        {
            (string, object?)[] values = [("partition", partition), ("rows", rows), ("fingerprint", fingerprint), ("now", _clock.GetUtcNow().ToMicroseconds())];
            var changed = await connection.ExecuteAsync(
                "UPDATE partition SET rows = @rows, fingerprint = @fingerprint WHERE number = @partition", cancellationToken, values[..3]);
            if (changed == 0) throw NoPartition(partition);
            await connection.ExecuteAsync(
                "INSERT INTO manifest_revision (partition, rows, fingerprint, recorded_at) VALUES (@partition, @rows, @fingerprint, @now) "
                    + "ON CONFLICT (partition, rows) DO UPDATE SET fingerprint = excluded.fingerprint, recorded_at = excluded.recorded_at",
                cancellationToken, values);
            return true;
        }, cancellationToken);
    }

    /// <summary>Fingerprint of the partition's first <paramref name="rows"/> rows, if a revision had just those; else null.</summary>
    public Task<string?> GetRevisionAsync(int partition, long rows, CancellationToken cancellationToken) =>
        _database.ReadAsync(
            connection => connection.ScalarAsync<string>(
                "SELECT fingerprint FROM manifest_revision WHERE partition = @partition AND rows = @rows", cancellationToken, ("partition", partition), ("rows", rows)),
            cancellationToken);

    /// <summary>Records refused files; an earlier record of the same partition and uri is replaced.</summary>
    public Task AddRejectedAsync(int partition, IReadOnlyCollection<RejectedFile> files, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(files);
        return _database.WriteAsync(async connection =>
        {
            await using var command = connection.Create(
                "INSERT INTO rejected_file (partition, uri, problem, detail, size_bytes, modified_ns) VALUES (@partition, @uri, @problem, @detail, @size, @modified) "
                    + "ON CONFLICT (partition, uri) DO UPDATE SET problem = excluded.problem, detail = excluded.detail, size_bytes = excluded.size_bytes, modified_ns = excluded.modified_ns",
                ("partition", partition));
            foreach (var file in files)
            {
                command.Set("uri", file.Uri);
                command.Set("problem", file.Problem.ToString());
                command.Set("detail", file.Detail);
                command.Set("size", file.SizeBytes);
                command.Set("modified", file.ModifiedNanoseconds);
                await command.ExecuteNonQueryAsync(cancellationToken);
            }

            return true;
        }, cancellationToken);
    }

    /// <summary>Forgets refused files that could be taken in since, or that are gone; unknown ones are passed over.</summary>
    public Task RemoveRejectedAsync(int partition, IReadOnlyCollection<string> uris, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(uris);
        return _database.WriteAsync(async connection =>
        {
            await using var command = connection.Create("DELETE FROM rejected_file WHERE partition = @partition AND uri = @uri", ("partition", partition));
            foreach (var uri in uris)
            {
                command.Set("uri", uri);
                await command.ExecuteNonQueryAsync(cancellationToken);
            }

            return true;
        }, cancellationToken);
    }

    /// <summary>Refused files by uri.</summary>
    public async IAsyncEnumerable<RejectedFile> GetRejectedAsync(int partition, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        const int Page = 1000;
        var after = "";
        while (true)
        {
            var page = await _database.ReadAsync(
                connection => connection.ListAsync(
                    "SELECT uri, problem, detail, size_bytes, modified_ns FROM rejected_file WHERE partition = @partition AND uri > @after ORDER BY uri LIMIT @page",
                    row => new RejectedFile(row.GetString(0), Enum.Parse<ImageProblem>(row.GetString(1)), row.GetString(2), row.GetInt64(3), row.GetInt64(4)),
                    cancellationToken, ("partition", partition), ("after", after), ("page", Page)),
                cancellationToken);
            foreach (var file in page) yield return file;
            if (page.Count < Page) yield break;
            after = page[^1].Uri;
        }
    }

    public async Task<IReadOnlyDictionary<ImageProblem, long>> CountRejectedAsync(int partition, CancellationToken cancellationToken)
    {
        var counts = await _database.ReadAsync(
            connection => connection.ListAsync(
                "SELECT problem, COUNT(*) FROM rejected_file WHERE partition = @partition GROUP BY problem",
                row => (Enum.Parse<ImageProblem>(row.GetString(0)), row.GetInt64(1)), cancellationToken, ("partition", partition)),
            cancellationToken);
        return counts.ToDictionary();
    }

    /// <summary>Marks images, or clears the mark where <paramref name="state"/> is null.</summary>
    public Task SetImageStateAsync(IReadOnlyCollection<ImageId> images, ImageState? state, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(images);
        return _database.WriteAsync(async connection =>
        {
            await using var command = state is null
                ? connection.Create("DELETE FROM image_state WHERE partition = @partition AND image_row = @row")
                : connection.Create(
                    "INSERT INTO image_state (partition, image_row, state) VALUES (@partition, @row, @state) ON CONFLICT (partition, image_row) DO UPDATE SET state = excluded.state",
                    ("state", state.ToString()));
            foreach (var image in images)
            {
                command.Set("partition", image.Partition);
                command.Set("row", image.Row);
                await command.ExecuteNonQueryAsync(cancellationToken);
            }

            return true;
        }, cancellationToken);
    }

    /// <summary>All marked images of a partition: row → mark.</summary>
    public async Task<IReadOnlyDictionary<long, ImageState>> GetImageStatesAsync(int partition, CancellationToken cancellationToken)
    {
        var marks = await _database.ReadAsync(
            connection => connection.ListAsync(
                "SELECT image_row, state FROM image_state WHERE partition = @partition",
                row => (row.GetInt64(0), Enum.Parse<ImageState>(row.GetString(1))), cancellationToken, ("partition", partition)),
            cancellationToken);
        return marks.ToDictionary();
    }

    /// <summary>Registers an encoder under the next free version of its name; an encoder with the same fingerprint is returned as it is.</summary>
    /// <exception cref="WorkspaceException">A name that is none of a folder (<see cref="Names"/>).</exception>
    public Task<EncoderRow> AddEncoderAsync(string name, string fingerprint, int dimension, CancellationToken cancellationToken) =>
        _encoders.AddAsync(name, fingerprint, dimension, cancellationToken);

    /// <summary>The row that <see cref="AddEncoderAsync"/> would return now, without adding it.</summary>
    public Task<EncoderRow> ForeseeEncoderAsync(string name, string fingerprint, int dimension, CancellationToken cancellationToken) =>
        _encoders.ForeseeAsync(name, fingerprint, dimension, cancellationToken);

    /// <summary>All encoders, oldest first.</summary>
    public Task<IReadOnlyList<EncoderRow>> GetEncodersAsync(CancellationToken cancellationToken) => _encoders.GetAllAsync(cancellationToken);

    /// <param name="nameOrId"><c>simclr</c> (newest version) or <c>simclr@2</c>; null for the newest encoder of all.</param>
    /// <exception cref="WorkspaceException">No such encoder; names those there are.</exception>
    public Task<EncoderRow> GetEncoderAsync(string? nameOrId, CancellationToken cancellationToken) => _encoders.GetAsync(nameOrId, cancellationToken);

    /// <summary>Forgets an encoder; its version's number is never given again. Its files are the caller's.</summary>
    public Task RemoveEncoderAsync(EncoderRow encoder, CancellationToken cancellationToken) => _encoders.RemoveAsync(encoder, cancellationToken);

    /// <summary>Adds shards that are not there yet; those that are keep their state.</summary>
    public Task PlanShardsAsync(IReadOnlyCollection<ShardSpec> shards, CancellationToken cancellationToken) => _shards.PlanAsync(shards, cancellationToken);

    public Task<(ShardSpec Spec, ShardState State, ShardResult? Result)?> GetShardAsync(ShardKey key, CancellationToken cancellationToken) => _shards.GetAsync(key, cancellationToken);

    /// <summary>Shards of a stage whose id starts with <paramref name="idPrefix"/>, by id.</summary>
    public Task<IReadOnlyList<(ShardSpec Spec, ShardState State, ShardResult? Result)>> GetShardsAsync(string stage, string idPrefix, CancellationToken cancellationToken) =>
        _shards.GetAllAsync(stage, idPrefix, cancellationToken);

    /// <summary>How many shards of each stage are in which state.</summary>
    public Task<IReadOnlyList<ShardCount>> CountShardsAsync(CancellationToken cancellationToken) => _shards.CountAsync(cancellationToken);

    /// <summary>Claims a shard and returns its fencing number, higher than any given before in this project.</summary>
    /// <exception cref="WorkspaceException">No such shard is planned.</exception>
    public Task<long> ClaimShardAsync(ShardKey key, CancellationToken cancellationToken) => _shards.ClaimAsync(key, cancellationToken);

    /// <summary>Records the end of a shard; false when another claim with a higher number exists (the caller is a zombie).</summary>
    public Task<bool> FinishShardAsync(ShardKey key, long fence, ShardState state, ShardResult result, CancellationToken cancellationToken) =>
        _shards.FinishAsync(key, fence, state, result, cancellationToken);

    /// <summary>Forgets shards whose id starts with <paramref name="idPrefix"/>, once their common result is published.</summary>
    public Task RemoveShardsAsync(string stage, string idPrefix, CancellationToken cancellationToken) => _shards.RemoveAsync(stage, idPrefix, cancellationToken);

    /// <summary>A small named JSON value of the workspace (state of <c>find</c>, demo …); null when absent.</summary>
    public Task<string?> GetValueAsync(string key, CancellationToken cancellationToken) =>
        _database.ReadAsync(
            connection => connection.ScalarAsync<string>("SELECT json FROM named_value WHERE name = @name", cancellationToken, ("name", key)), cancellationToken);

    /// <summary>Sets a named JSON value, or removes it where <paramref name="json"/> is null.</summary>
    public Task SetValueAsync(string key, string? json, CancellationToken cancellationToken) =>
        _database.WriteAsync(
            connection => json is null
                ? connection.ExecuteAsync("DELETE FROM named_value WHERE name = @name", cancellationToken, ("name", key))
                : connection.ExecuteAsync(
                    "INSERT INTO named_value (name, json) VALUES (@name, @json) ON CONFLICT (name) DO UPDATE SET json = excluded.json", cancellationToken, ("name", key), ("json", json)),
            cancellationToken);

    private static Partition ReadPartition(DbDataReader row) =>
        new(row.GetInt32(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetInt64(4), row.GetString(5));

    private static WorkspaceException NoPartition(int number) =>
        new($"The project has no partition {number}.", "List them with `curator status`, or take images in with `curator add PATH`.");
}
