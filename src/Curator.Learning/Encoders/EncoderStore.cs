using System.Security.Cryptography;
using Curator.Core;
using Curator.Core.Catalogs;
using Curator.Core.Files;

namespace Curator.Learning.Encoders;

/// <summary>An encoder of the workspace: its row and its card.</summary>
public sealed record StoredEncoder(EncoderRow Row, EncoderCard Card);

/// <summary>
/// The model store: <c>encoders/name@version/</c> with <c>encoder.json</c> and the files that it names. Encoders are never changed; training again makes the next
/// version. Thread-safe.
/// </summary>
public sealed class EncoderStore(Workspace workspace)
{
    private const string TrainAgain = "Copy the encoder's folder again, or train it again with 'curator train'.";

    /// <summary>All encoders, in the catalog's order. An encoder whose card cannot be read is an error.</summary>
    public async Task<IReadOnlyList<StoredEncoder>> ListAsync(CancellationToken cancellationToken)
    {
        var encoders = new List<StoredEncoder>();
        foreach (var row in await workspace.Catalog.GetEncodersAsync(cancellationToken)) encoders.Add(new StoredEncoder(row, await ReadCardAsync(row, cancellationToken)));
        return encoders;
    }

    /// <summary>The encoder's card.</summary>
    /// <param name="nameOrId"><c>simclr</c> (newest version) or <c>simclr@2</c>; null for the newest encoder of all.</param>
    public async Task<StoredEncoder> FindAsync(string? nameOrId, CancellationToken cancellationToken)
    {
        var row = await workspace.Catalog.GetEncoderAsync(nameOrId, cancellationToken);
        return new StoredEncoder(row, await ReadCardAsync(row, cancellationToken));
    }

    /// <summary>Opens an encoder; its files' checksums are verified first. The caller disposes.</summary>
    /// <param name="nameOrId"><c>simclr</c> (newest version) or <c>simclr@2</c>; null for the newest encoder of all.</param>
    /// <exception cref="WorkspaceException">No such encoder.</exception>
    /// <exception cref="CheckpointException">Its files are missing or damaged.</exception>
    public Task<IImageEncoder> OpenAsync(string? nameOrId, CancellationToken cancellationToken) => OpenAsync(nameOrId, null, cancellationToken);

    /// <inheritdoc cref="OpenAsync(string?, CancellationToken)"/>
    /// <param name="computation">How libtorch runs its network; null for ONNX Runtime. <see cref="NetworkComputation.For"/> says what fits.</param>
    internal async Task<IImageEncoder> OpenAsync(string? nameOrId, NetworkComputation? computation, CancellationToken cancellationToken)
    {
        var found = await VerifyAsync(nameOrId, cancellationToken);
        var (row, card) = found;
        if (card.Kind == EncoderKind.Imported)
            throw new CheckpointException(
                $"{row.Id} holds embeddings that were made elsewhere; it cannot embed pictures.", "Use ids of pictures in the project or 'curator search --embedding FILE', or name another encoder with --encoder.");
        var directory = workspace.EncoderDirectory(row.Id);
        if (card.Kind == EncoderKind.Statistics) return new StatisticsEncoder(card);
        if (card.Kind == EncoderKind.Foreign) return new ImportedEncoder(Path.Combine(directory, OnnxEncoder.FileName), card);
        var network = computation is null ? (IImageEncoder)new OnnxEncoder(Path.Combine(directory, OnnxEncoder.FileName), card) : OpenTorch(found, directory, computation);
        if (card.Kind == EncoderKind.Onnx) return network;
        try
        {
            return new JoinedEncoder(network, Whitening.Read(Path.Combine(directory, Whitening.FileName), Statistics.StatisticsExtractor.Dimension));
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    private TorchEncoder OpenTorch(StoredEncoder found, string directory, NetworkComputation computation)
    {
        var weights = NetworkWeights.Read(workspace, found);
        var encoder = new TorchEncoder(weights, Whitening.Read(Path.Combine(directory, Whitening.NetworkFileName), weights.Plan.Features), computation);
        try
        {
            ComputationCheck.Ensure(encoder, Path.Combine(directory, OnnxEncoder.FileName), computation);
            return encoder;
        }
        catch
        {
            encoder.Dispose();
            throw;
        }
    }

    /// <summary>Finds an encoder and compares its files with the checksums of its card.</summary>
    /// <param name="nameOrId">As for <see cref="OpenAsync(string?, CancellationToken)"/>.</param>
    /// <exception cref="CheckpointException">Its files are missing or damaged.</exception>
    public async Task<StoredEncoder> VerifyAsync(string? nameOrId, CancellationToken cancellationToken)
    {
        var found = await FindAsync(nameOrId, cancellationToken);
        var id = found.Row.Id;
        var directory = workspace.EncoderDirectory(id);
        foreach (var (name, expected) in found.Card.Files)
        {
            if (Path.GetFileName(name) != name) throw new CheckpointException($"The card of {id} names the file '{name}', which is not in its own folder.", TrainAgain);
            var actual = await HashAsync(Path.Combine(directory, name), id, cancellationToken);
            if (actual != expected) throw new CheckpointException($"'{name}' of encoder {id} has SHA-256 {actual}; its card says {expected}.", TrainAgain);
        }
        return found;
    }

    /// <summary>Registers the encoder that needs no training, if that was not done yet.</summary>
    public Task<EncoderRow> EnsureStatisticsAsync(CancellationToken cancellationToken) =>
        AddAsync(StatisticsEncoder.NewCard(), new Dictionary<string, byte[]>(), cancellationToken);

    /// <summary>Gives an encoder that stands for imported embeddings its card. Does nothing when it has one.</summary>
    public void DescribeImported(EncoderRow row)
    {
        ArgumentNullException.ThrowIfNull(row);
        var path = Path.Combine(workspace.EncoderDirectory(row.Id), EncoderCard.FileName);
        if (File.Exists(path)) return;
        var card = new EncoderCard { Name = row.Name, Version = row.Version, Kind = EncoderKind.Imported, Dimension = row.Dimension, ImageSize = 64, ImportedFrom = row.Fingerprint };
        AtomicFile.WriteText(path, card.ToJson());
    }

    /// <summary>
    /// Writes an encoder's folder, the card last, and registers it: a kill before that leaves a folder that nothing names and the next encoder of the name overwrites. An encoder with the
    /// same numbers that is there already is returned as it is.
    /// </summary>
    /// <param name="card">Its version and files are filled in here.</param>
    /// <param name="files">File name → bytes; <c>model.onnx</c> decides the fingerprint.</param>
    internal async Task<EncoderRow> AddAsync(EncoderCard card, IReadOnlyDictionary<string, byte[]> files, CancellationToken cancellationToken)
    {
        card = card with { Files = files.OrderBy(pair => pair.Key, StringComparer.Ordinal).ToDictionary(pair => pair.Key, pair => Convert.ToHexStringLower(SHA256.HashData(pair.Value))) };
        using var _ = await workspace.LockAsync("encoders", cancellationToken);
        while (true)
        {
            var foreseen = await workspace.Catalog.ForeseeEncoderAsync(card.Name, card.Fingerprint, card.Dimension, cancellationToken);
            var directory = workspace.EncoderDirectory(foreseen.Id);
            var path = Path.Combine(directory, EncoderCard.FileName);
            if (File.Exists(path) && (await workspace.Catalog.GetEncodersAsync(cancellationToken)).Any(encoder => encoder.Id == foreseen.Id)) return foreseen;
            try
            {
                Directory.Delete(directory, recursive: true);
                Directory.CreateDirectory(directory);
                foreach (var (name, bytes) in files) AtomicFile.Write(Path.Combine(directory, name), stream => stream.Write(bytes));
                AtomicFile.WriteText(path, (card with { Name = foreseen.Name, Version = foreseen.Version }).ToJson());
            }
            catch (Exception e) when (WriteProblem.Is(e))
            {
                throw WriteProblem.Of($"The encoder '{directory}'", e);
            }
            var row = await workspace.Catalog.AddEncoderAsync(card.Name, card.Fingerprint, card.Dimension, cancellationToken);
            // Imported embeddings may have taken the version meanwhile.
            if (row.Id == foreseen.Id) return row;
        }
    }

    /// <summary>What needs the encoder: tasks, their jobs, embeddings. Empty when it can be removed.</summary>
    public async Task<IReadOnlyList<string>> UsesAsync(EncoderRow encoder, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        var uses = new List<string>();
        foreach (var task in await workspace.Labels.GetTasksAsync(cancellationToken))
        {
            if (task.Encoder == encoder.Id) uses.Add($"task '{task.Name}'");
            if (await workspace.Catalog.GetValueAsync($"job.{task.Name}.encoder", cancellationToken) == encoder.Id) uses.Add($"the job of task '{task.Name}'");
        }
        foreach (var partition in await workspace.Catalog.GetPartitionsAsync(cancellationToken))
            if (File.Exists(workspace.EmbeddingPath(partition, encoder.Id)))
                uses.Add($"the embeddings of '{partition.Name}'");
        return uses;
    }

    /// <summary>Removes an encoder and its folder; the row goes first, so that a kill between leaves a folder that nothing names.</summary>
    /// <param name="withEmbeddings">Also the embeddings and indexes that it made; without it they keep the encoder.</param>
    /// <exception cref="WorkspaceException">It is in use; says by what.</exception>
    public async Task<EncoderRow> RemoveAsync(string nameOrId, bool withEmbeddings, CancellationToken cancellationToken)
    {
        var row = await workspace.Catalog.GetEncoderAsync(nameOrId, cancellationToken);
        using var _ = await workspace.LockAsync("embed-" + row.Id.Replace('@', '-'), cancellationToken);
        var uses = await UsesAsync(row, cancellationToken);
        var keeping = withEmbeddings ? [.. uses.Where(use => !use.StartsWith("the embeddings", StringComparison.Ordinal))] : uses;
        if (keeping.Count > 0)
            throw new WorkspaceException(
                $"Encoder {row.Id} is in use by {string.Join(", ", keeping)}.",
                keeping.Any(use => !use.StartsWith("the embeddings", StringComparison.Ordinal)) ? "Give the task another encoder first, or keep this one." : "Remove it with --with-embeddings, or keep it.");
        await workspace.Catalog.RemoveEncoderAsync(row, cancellationToken);
        foreach (var partition in await workspace.Catalog.GetPartitionsAsync(cancellationToken))
        {
            File.Delete(workspace.IndexPath(partition, row.Id));
            File.Delete(workspace.EmbeddingPath(partition, row.Id));
        }
        Directory.Delete(workspace.EncoderDirectory(row.Id), recursive: true);
        return row;
    }

    private async Task<EncoderCard> ReadCardAsync(EncoderRow row, CancellationToken cancellationToken)
    {
        var path = Path.Combine(workspace.EncoderDirectory(row.Id), EncoderCard.FileName);
        if (!File.Exists(path)) throw new CheckpointException($"Encoder {row.Id} has no '{path}'.", TrainAgain);
        var card = EncoderCard.Parse(await File.ReadAllTextAsync(path, cancellationToken), path);
        if (card.Fingerprint != row.Fingerprint)
            throw new CheckpointException($"The card of {row.Id} describes another encoder (fingerprint {card.Fingerprint[..12]}…, the catalog has {row.Fingerprint[..12]}…).", TrainAgain);
        return card;
    }

    private static async Task<string> HashAsync(string path, string encoder, CancellationToken cancellationToken)
    {
        if (!File.Exists(path)) throw new CheckpointException($"'{path}' of encoder {encoder} is missing.", TrainAgain);
        await using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.Asynchronous | FileOptions.SequentialScan);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken));
    }
}
