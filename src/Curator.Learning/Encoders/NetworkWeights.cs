using Curator.Core;
using Curator.Learning.Networks;
using Curator.Learning.Weights;

namespace Curator.Learning.Encoders;

/// <summary>The trainable network of a stored encoder: what further training starts from.</summary>
/// <param name="Plan">Its layers.</param>
/// <param name="Tensors">Weights and running statistics under the backbone's own names.</param>
internal sealed record NetworkWeights(StoredEncoder Encoder, NetworkPlan Plan, IReadOnlyList<NamedTensor> Tensors)
{
    /// <summary>The file's name in the encoder's folder.</summary>
    public const string FileName = "weights.safetensors";

    /// <summary>Reads them; the encoder's checksums are verified first.</summary>
    /// <exception cref="WorkspaceException">No such encoder, or one without a network of ours.</exception>
    /// <exception cref="CheckpointException">Its files are damaged.</exception>
    public static async Task<NetworkWeights> OpenAsync(Workspace workspace, string nameOrId, CancellationToken cancellationToken)
    {
        var encoder = await new EncoderStore(workspace).VerifyAsync(nameOrId, cancellationToken);
        return Read(workspace, encoder);
    }

    /// <summary>The same of an encoder whose checksums were verified.</summary>
    public static NetworkWeights Read(Workspace workspace, StoredEncoder encoder)
    {
        var card = encoder.Card;
        if (!card.Files.ContainsKey(FileName) || Architectures.Find(card.Architecture) is not { } architecture)
            throw new WorkspaceException(
                $"Encoder {encoder.Row.Id} has no network that can be trained further (kind {card.Kind.ToString().ToLowerInvariant()}).",
                "Name an encoder that 'curator train' made: 'curator encoders list' shows them.");
        var tensors = Safetensors.Read(Path.Combine(workspace.EncoderDirectory(encoder.Row.Id), FileName));
        // What a small CNN has more than the usual, and how many channels it sees, is told by its weights.
        var channels = tensors.FirstOrDefault(tensor => tensor.Name is "conv1_conv.weight" or "stem_conv.weight")?.Shape[1] ?? 3;
        var features = tensors.FirstOrDefault(tensor => tensor.Name == "stage4_a_conv.weight")?.Shape[0] ?? 0;
        return new NetworkWeights(encoder, Architectures.Plan(architecture, card.Width, (int)channels, (int)features), tensors);
    }
}
