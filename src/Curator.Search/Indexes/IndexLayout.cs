using System.Text.Json;
using System.Text.Json.Serialization;
using Curator.Search.Kernels;

namespace Curator.Search.Indexes;

/// <summary>
/// Where what lies in an index file's payload. All offsets follow from the few numbers in the metadata, so a file can only be right or refused. Every section
/// starts at a multiple of 64 bytes.
/// </summary>
internal sealed record IndexLayout
{
    public const string Kind = "INDX";
    public const int Version = 2;

    /// <summary>The rotation of every index: queries are rotated once for all partitions.</summary>
    public const int RotationSeed = 20_261_123;

    private const int MaxDimension = 1 << 16;

    /// <summary>Rows of the embeddings when the index was built; later rows are the delta.</summary>
    public required long Rows { get; init; }

    public required int Dimension { get; init; }

    /// <summary>Inverted lists; 0 for an exact index, whose slots are the present rows in order.</summary>
    public required int Lists { get; init; }

    /// <summary>Places for vectors: with lists a multiple of 32, padding included; without, the present rows.</summary>
    public required long Slots { get; init; }

    /// <summary>Step of the 8-bit rows; with lists, in units of the row's slope without its sign.</summary>
    public required float LevelStep { get; init; }

    /// <summary>Greatest length that 8-bit rounding took from any row.</summary>
    public required float LevelError { get; init; }

    public required bool HasTimes { get; init; }

    public required bool HasPlaces { get; init; }

    /// <summary>Fingerprint of the embeddings of the first <see cref="Rows"/> rows.</summary>
    public required string Embeddings { get; init; }

    public required IndexOptions Options { get; init; }

    /// <summary>Centroid panels, four at a time: [padded lists / 16 × dimension × 16] float, rotated.</summary>
    public const long CentroidsOffset = 0;

    [JsonIgnore]
    public int PaddedLists => (Lists + (4 * PanelKernel.Width) - 1) / (4 * PanelKernel.Width) * (4 * PanelKernel.Width);

    /// <summary>[padded lists] float: −|c|²/2.</summary>
    [JsonIgnore]
    public long CentroidOffsetsOffset => Align(CentroidsOffset + ((long)PaddedLists * Dimension * sizeof(float)));

    /// <summary>[lists + 1] int: first block of each list.</summary>
    [JsonIgnore]
    public long ListBlocksOffset => Align(CentroidOffsetsOffset + ((long)PaddedLists * sizeof(float)));

    /// <summary>[slots] uint: row of each slot, <see cref="uint.MaxValue"/> in padding.</summary>
    [JsonIgnore]
    public long SlotRowsOffset => Align(ListBlocksOffset + (Lists == 0 ? 0 : (Lists + 1L) * sizeof(int)));

    /// <summary>[blocks] of <see cref="BitCodes"/>.</summary>
    [JsonIgnore]
    public long BlocksOffset => Align(SlotRowsOffset + (Slots * sizeof(uint)));

    [JsonIgnore]
    public long Blocks => Lists == 0 ? 0 : Slots / BitCodes.BlockVectors;

    /// <summary>[rows] long: UTC ticks, when <see cref="HasTimes"/>.</summary>
    [JsonIgnore]
    public long TimesOffset => Align(BlocksOffset + (Blocks * BitCodes.BlockBytes(Dimension)));

    /// <summary>[rows × 4] float: south, west, north, east, when <see cref="HasPlaces"/>.</summary>
    [JsonIgnore]
    public long PlacesOffset => Align(TimesOffset + (HasTimes ? Rows * sizeof(long) : 0));

    /// <summary>[slots × stride] of <see cref="ByteRows"/>.</summary>
    [JsonIgnore]
    public long ByteRowsOffset => Align(PlacesOffset + (HasPlaces ? Rows * 4 * sizeof(float) : 0));

    [JsonIgnore]
    public long PayloadLength => ByteRowsOffset + (Slots * ByteRows.Stride(Dimension));

    public string ToJson() => JsonSerializer.Serialize(this, IndexLayoutJson.Default.IndexLayout);

    /// <summary>Null when the numbers cannot be those of a payload of this length.</summary>
    public static IndexLayout? Parse(string json, long payloadLength)
    {
        try
        {
            var layout = JsonSerializer.Deserialize(json, IndexLayoutJson.Default.IndexLayout);
            var plausible = layout is not null
                && layout.Rows is >= 0 and < uint.MaxValue
                && layout.Dimension is > 0 and <= MaxDimension
                && layout.Lists is >= 0 and <= 1 << 20
                && layout.Slots >= 0 && layout.Slots <= payloadLength
                && (layout.Lists == 0 || layout.Slots % BitCodes.BlockVectors == 0)
                && float.IsFinite(layout.LevelStep) && layout.LevelStep > 0
                && float.IsFinite(layout.LevelError) && layout.LevelError >= 0
                && layout.Embeddings is not null && layout.Options is not null;
            return plausible && checked(layout!.PayloadLength) == payloadLength ? layout : null;
        }
        catch (Exception error) when (error is JsonException or OverflowException)
        {
            return null;
        }
    }

    /// <summary>The list of each block.</summary>
    /// <param name="listBlocks">[lists + 1], or empty.</param>
    public static int[] ListsOfBlocks(ReadOnlySpan<int> listBlocks)
    {
        if (listBlocks.Length == 0) return [];
        var lists = new int[listBlocks[^1]];
        for (var c = 0; c + 1 < listBlocks.Length; c++) lists.AsSpan(listBlocks[c], listBlocks[c + 1] - listBlocks[c]).Fill(c);
        return lists;
    }

    private static long Align(long offset) => (offset + 63) / 64 * 64;
}

[JsonSerializable(typeof(IndexLayout))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class IndexLayoutJson : JsonSerializerContext;
