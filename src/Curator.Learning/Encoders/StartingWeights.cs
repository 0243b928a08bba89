using System.Security.Cryptography;
using Curator.Core;
using Curator.Learning.Networks;
using Curator.Learning.Weights;

namespace Curator.Learning.Encoders;

/// <summary>What a training begins with: an encoder of the workspace, or a file of weights.</summary>
/// <param name="From">Encoder id, or absolute path.</param>
/// <param name="Fingerprint">Of the weights: a file may be replaced.</param>
internal sealed record StartingWeights(string From, string Fingerprint)
{
    /// <param name="from">Encoder (name or name@version), or the path of a safetensors file or PyTorch state dict; a file of that name wins.</param>
    /// <exception cref="CuratorException">Neither, or damaged.</exception>
    public static async Task<StartingWeights> ResolveAsync(Workspace workspace, string from, CancellationToken cancellationToken)
    {
        if (File.Exists(from))
        {
            await using var stream = File.OpenRead(from);
            return new StartingWeights(Path.GetFullPath(from), Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken)));
        }
        if (from.Contains('/', StringComparison.Ordinal) || from.Contains('.', StringComparison.Ordinal))
            throw new WorkspaceException($"There is no file '{from}' to take weights from.", "Name an encoder, or a safetensors or .pth file, with --from.");
        var encoder = (await NetworkWeights.OpenAsync(workspace, from, cancellationToken)).Encoder.Row;
        return new StartingWeights(encoder.Id, encoder.Fingerprint);
    }

    /// <summary>The weights under the backbone's own names.</summary>
    /// <exception cref="CheckpointException">Of another network than <paramref name="plan"/>.</exception>
    public async Task<IReadOnlyList<NamedTensor>> ReadAsync(Workspace workspace, NetworkPlan plan, CancellationToken cancellationToken) => Path.IsPathRooted(From)
        ? ForeignNames.Map(WeightFile.Read(From), plan, From)
        : (await NetworkWeights.OpenAsync(workspace, From, cancellationToken)).Tensors;
}
