using System.Text.Json;
using Curator.Core;
using Curator.Labeling.Heads;

namespace Curator.Labeling.Rounds;

/// <summary>Kind of classifier on the embeddings.</summary>
public enum HeadKind
{
    /// <summary>Logistic regression on the embedding and random kernel features: curved boundaries, few labels.</summary>
    Kernel,

    /// <summary>Logistic regression on the embedding alone.</summary>
    Linear,

    /// <summary>A network with one hidden layer of 16 units.</summary>
    Mlp,
}

/// <summary>
/// What a task's head is made from beside the answers: kept in the catalog by the rounds, read by the final sweep, so that both train the same head.
/// </summary>
/// <param name="ClassBalance"><see cref="HeadOptions.ClassBalance"/>.</param>
/// <param name="Example">[d]: the example by the encoder in use, which counts as one more positive; empty when there is none.</param>
internal sealed record HeadSettings(HeadKind Kind, double ClassBalance, float[] Example)
{
    private const int NetworkUnits = 16;

    public static HeadSettings Default { get; } = new(HeadKind.Kernel, 0, []);

    public HeadOptions ToOptions() => new()
    {
        ClassBalance = ClassBalance,
        KernelCount = Kind == HeadKind.Kernel ? new HeadOptions().KernelCount : 0,
        HiddenUnits = Kind == HeadKind.Mlp ? NetworkUnits : 0,
    };

    /// <param name="encoder">Id; the example differs from encoder to encoder.</param>
    public static async Task<HeadSettings> LoadAsync(Workspace workspace, string task, string encoder, CancellationToken cancellationToken) =>
        await workspace.Catalog.GetValueAsync(Key(task, encoder), cancellationToken) is { } json ? JsonSerializer.Deserialize<HeadSettings>(json) ?? Default : Default;

    public Task SaveAsync(Workspace workspace, string task, string encoder, CancellationToken cancellationToken) =>
        workspace.Catalog.SetValueAsync(Key(task, encoder), JsonSerializer.Serialize(this), cancellationToken);

    private static string Key(string task, string encoder) => $"learn.{task}.head.{encoder}";
}
