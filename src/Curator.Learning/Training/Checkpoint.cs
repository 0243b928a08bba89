using System.Text.Json;
using Curator.Core;
using Curator.Core.Files;
using Curator.Learning.Weights;

namespace Curator.Learning.Training;

/// <summary>Where a training stood: everything that the next step depends on.</summary>
/// <param name="Step">Steps done; the next step has this number.</param>
/// <param name="Steps">Steps of the whole training, fixed at its start.</param>
/// <param name="Seconds">Spent so far, over all runs.</param>
/// <param name="Loss">Of the last step; null before the first one.</param>
internal sealed record Progress(long Step, long Steps, double Seconds, double? Loss)
{
    /// <summary>Least validation loss so far; null before the first.</summary>
    public double? BestValidation { get; init; }

    /// <summary>Steps done when it was measured.</summary>
    public long BestStep { get; init; }

    /// <summary>What the settings left open and the start of the training chose: going on with anything else would give other bits.</summary>
    public SpeedChoice? Speed { get; init; }
}

/// <summary>
/// A checkpoint file: an artefact of kind <c>CKPT</c> whose payload is a safetensors file with weights and optimiser state, and whose metadata
/// is the <see cref="Progress"/>. Its fingerprint is that of the training's settings and images. Random numbers need no place in it: they are
/// functions of seed and step.
/// </summary>
internal static class Checkpoint
{
    private const string Kind = "CKPT";
    private const int Version = 1;

    /// <exception cref="CheckpointException">Disk full, or no permission; the file that was there stays.</exception>
    public static void Write(string path, string fingerprint, Progress progress, IReadOnlyList<NamedTensor> tensors)
    {
        var header = Safetensors.Header(tensors);
        try
        {
            using var writer = ArtefactWriter.Create(path, Kind, Version, fingerprint, JsonSerializer.Serialize(progress), Safetensors.Length(header, tensors));
            Safetensors.Write(header, tensors, writer.Write);
            writer.Commit();
        }
        catch (Exception e) when (WriteProblem.Is(e))
        {
            throw WriteProblem.Of($"The checkpoint '{path}'", e);
        }
    }

    /// <summary>Reads a checkpoint of this very training; null when there is none, or when it is of other settings or images.</summary>
    /// <exception cref="CheckpointException">It is damaged.</exception>
    public static (Progress Progress, IReadOnlyList<NamedTensor> Tensors)? TryRead(string path, string fingerprint)
    {
        if (!File.Exists(path)) return null;
        try
        {
            using var file = ArtefactFile.Open(path, Kind, Version, "curator train");
            if (file.Header.Fingerprint != fingerprint) return null;
            var progress = JsonSerializer.Deserialize<Progress>(file.Header.Metadata) ?? throw new InvalidDataException("no progress");
            return (progress, Safetensors.Read(file.Payload(0, checked((int)file.Header.PayloadLength)).ToArray()));
        }
        catch (Exception e) when (e is ArtefactException or InvalidDataException or JsonException or OverflowException)
        {
            throw new CheckpointException($"The checkpoint '{path}' is damaged: {e.Message}", "Delete it to start this training anew.", e);
        }
    }
}
