using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Curator.Core.Catalogs;
using Curator.Core.Embeddings;
using Curator.Learning.Encoders;

namespace Curator.Learning.Embedding;

/// <summary>Settings of <c>curator embed</c>, section <c>embed</c>.</summary>
public sealed record EmbedOptions
{
    [Description("Encoder: a name (newest version) or name@version. The default is the newest encoder, or 'statistics' where there is none.")]
    public string? Encoder { get; init; }

    [Description("How a number is stored: half (2 bytes) or single (4 bytes).")]
    public EmbeddingPrecision Precision { get; init; } = EmbeddingPrecision.Half;

    [Description("Where the networks that 'curator train' made compute: cpu, cuda or cuda:N.")]
    [RegularExpression(NetworkComputation.DevicePattern, ErrorMessage = "The device is cpu, cuda or cuda:N.")]
    public string Device { get; init; } = "cpu";

    [Description("Numbers that these networks compute in: fp32, bf16 (quicker where the processor has instructions for it), or auto: fp32 on the processor, bf16 on a GPU. Changed, everything is embedded anew. The training-free encoder has no network and takes no notice.")]
    public EmbedArithmetic Arithmetic { get; init; } = EmbedArithmetic.Auto;

    [Range(0, 1024)]
    [Description("Threads a shard; 0 for one a core, all shards of a process together. The result does not depend on it.")]
    public int Threads { get; init; }
}

/// <summary>What an embedding run did.</summary>
/// <param name="Rows">Rows of all partitions' files now.</param>
/// <param name="Embedded">Rows computed in this run.</param>
/// <param name="Reused">Rows that were there already.</param>
/// <param name="Absent">Rows of zeros among those computed: their files are gone or cannot be read any more.</param>
public sealed record EmbedReport(EncoderRow Encoder, long Rows, long Embedded, long Reused, long Absent, TimeSpan Duration)
{
    /// <summary>Of this run; 0 when nothing was to do.</summary>
    public double ImagesPerSecond => Embedded == 0 ? 0 : Embedded / Math.Max(Duration.TotalSeconds, 1e-9);
}
