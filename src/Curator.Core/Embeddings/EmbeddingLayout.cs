using System.Globalization;
using System.Text.Json;

namespace Curator.Core.Embeddings;

/// <summary>The metadata of an <c>EMBD</c> artefact: <c>{"rows":n,"dimension":d,"precision":"f16"}</c>.</summary>
internal readonly record struct EmbeddingLayout(long Rows, int Dimension, EmbeddingPrecision Precision)
{
    public const string Kind = "EMBD";
    public const int Version = 1;

    /// <summary>Largest dimension; a longer row is a damaged or foreign header.</summary>
    public const int MaxDimension = 1 << 20;

    public int BytesPerNumber => Precision == EmbeddingPrecision.Half ? 2 : 4;

    public long BytesPerRow => (long)Dimension * BytesPerNumber;

    public string ToJson() => string.Create(
        CultureInfo.InvariantCulture, $$"""{"rows":{{Rows}},"dimension":{{Dimension}},"precision":"{{(Precision == EmbeddingPrecision.Half ? "f16" : "f32")}}"}""");

    /// <summary>Null when the text is no layout, or not that of a payload of <paramref name="payloadLength"/> bytes.</summary>
    public static EmbeddingLayout? Parse(string json, long payloadLength)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            var layout = new EmbeddingLayout(
                root.GetProperty("rows").GetInt64(),
                root.GetProperty("dimension").GetInt32(),
                root.GetProperty("precision").GetString() switch
                {
                    "f16" => EmbeddingPrecision.Half,
                    "f32" => EmbeddingPrecision.Single,
                    _ => (EmbeddingPrecision)(-1),
                });
            var fits = layout.Rows >= 0 && layout.Dimension is > 0 and <= MaxDimension && Enum.IsDefined(layout.Precision)
                && (Int128)layout.Rows * layout.BytesPerRow == payloadLength;
            return fits ? layout : null;
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or FormatException or InvalidOperationException)
        {
            return null;
        }
    }
}
