using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Curator.Core.Embeddings;

/// <summary>The metadata of an <c>EMBD</c> artefact: <c>{"rows":n,"dimension":d,"precision":"f16"}</c>, and <c>"computation":"bf16-cpu"</c> where there is one.</summary>
/// <param name="Computation"><see cref="EmbeddingFile.Computation"/>.</param>
internal readonly partial record struct EmbeddingLayout(long Rows, int Dimension, EmbeddingPrecision Precision, string Computation)
{
    public const string Kind = "EMBD";
    public const int Version = 1;

    /// <summary>Largest dimension; a longer row is a damaged or foreign header.</summary>
    public const int MaxDimension = 1 << 20;

    public int BytesPerNumber => Precision == EmbeddingPrecision.Half ? 2 : 4;

    public long BytesPerRow => (long)Dimension * BytesPerNumber;

    public string ToJson() => string.Create(
        CultureInfo.InvariantCulture, $$"""{"rows":{{Rows}},"dimension":{{Dimension}},"precision":"{{(Precision == EmbeddingPrecision.Half ? "f16" : "f32")}}"{{(Computation.Length > 0 ? $",\"computation\":\"{Computation}\"" : "")}}}""");

    /// <summary>Whether a text may stand for a computation: small letters, digits and dashes, at most 64; or nothing.</summary>
    public static bool IsComputation(string text) => ComputationPattern().IsMatch(text);

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
                },
                root.TryGetProperty("computation", out var computation) ? computation.GetString() ?? "" : "");
            var fits = layout.Rows >= 0 && layout.Dimension is > 0 and <= MaxDimension && Enum.IsDefined(layout.Precision) && IsComputation(layout.Computation)
                && (Int128)layout.Rows * layout.BytesPerRow == payloadLength;
            return fits ? layout : null;
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or FormatException or InvalidOperationException)
        {
            return null;
        }
    }

    [GeneratedRegex("^[a-z0-9-]{0,64}\\z", RegexOptions.CultureInvariant)]
    private static partial Regex ComputationPattern();
}
