using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Curator.Core.Images;

namespace Curator.Imagery.Containers;

/// <summary>What a list or container says of a picture, on its way to the picture's row. JSON in a shard's list of files.</summary>
/// <param name="Box">South, west, north, east in degrees; null when not said.</param>
/// <param name="Texts">Free columns of text.</param>
/// <param name="Numbers">Free columns of numbers.</param>
internal sealed record SourceFacts(DateTimeOffset? TakenAt, double[]? Box, SortedDictionary<string, string>? Texts, SortedDictionary<string, double>? Numbers)
{
    private static readonly JsonSerializerOptions s_json = new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    public static SourceFacts None { get; } = new(null, null, null, null);

    /// <summary>Where the picture is of; null when the box is none on Earth.</summary>
    [JsonIgnore]
    public BoundingBox? Footprint =>
        Box is [var south, var west, var north, var east] && south >= -90 && north <= 90 && south <= north && Math.Abs(west) <= 180 && Math.Abs(east) <= 180
            ? new BoundingBox(south, west, north, east)
            : null;

    [JsonIgnore]
    public ImageMetadata Metadata
    {
        get
        {
            if (Texts is null && Numbers is null) return ImageMetadata.Empty;
            var values = new Dictionary<string, MetadataValue>(StringComparer.Ordinal);
            if (Texts is not null)
                foreach (var (name, text) in Texts) values[name] = MetadataValue.Of(text);
            if (Numbers is not null)
                foreach (var (name, number) in Numbers) values.TryAdd(name, MetadataValue.Of(number));
            return ImageMetadata.Of(values);
        }
    }

    public override string ToString() => this == None ? "" : JsonSerializer.Serialize(this, s_json);

    public static SourceFacts Parse(string text) => text.Length == 0 ? None : JsonSerializer.Deserialize<SourceFacts>(text, s_json) ?? None;

    /// <summary>A day, or a moment with or without an offset (UTC then); null for anything else.</summary>
    public static DateTimeOffset? Moment(string text)
    {
        const DateTimeStyles utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        string[] forms = ["yyyy-MM-dd", "yyyyMMdd", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd HH:mm:ssK", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd HH:mm"];
        return DateTimeOffset.TryParseExact(text.Trim(), forms, CultureInfo.InvariantCulture, utc, out var moment) ? moment : null;
    }
}
