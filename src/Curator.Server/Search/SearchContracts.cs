using System.ComponentModel;
using Curator.Search;
using Curator.Server.Layers;

namespace Curator.Server.Search;

/// <summary>What to look for, or to keep away from: exactly one of the four is given.</summary>
/// <param name="Image">Id of an embedded image of the project, for example 3-1742.</param>
/// <param name="Embedding">By the encoder that is searched, for example from the answer to a picture that was sent.</param>
/// <param name="Url">Address of a picture, where the server was told which hosts it may fetch from.</param>
/// <param name="Part">Fetched from the imagery server, cut, filled and embedded.</param>
internal sealed record QueryTerm(
    [property: Description("Id of an embedded image of the project, for example 3-1742.")] string? Image = null,
    [property: Description("A vector by the encoder that is searched, for example from the answer to a picture that was sent.")] float[]? Embedding = null,
    [property: Description("Address of a picture; only where the server was started with --fetch-hosts.")] string? Url = null,
    [property: Description("Part of a layer of the imagery server; its gaps are filled before it is embedded.")] LayerPart? Part = null);

/// <param name="Positives">1 to 50.</param>
/// <param name="Negatives">At most 50.</param>
/// <param name="Count">Hits wanted at most, 1 to 500.</param>
/// <param name="Encoder"><c>simclr</c> or <c>simclr@2</c>; null for the newest that has embeddings.</param>
/// <param name="NegativeWeight">How strongly negatives push away, 0 to 1.</param>
/// <param name="MaxDistance">Hits farther than this are left out, 0 to 2.</param>
/// <param name="SuppressOverlap">Keeps one hit of those whose footprints share more than this part, 0 to 1.</param>
/// <param name="Distinct">Keeps one hit of those whose embeddings are within this distance of each other, 0 to 2.</param>
internal sealed record SearchRequest(
    [property: Description("1 to 50.")] IReadOnlyList<QueryTerm> Positives,
    [property: Description("At most 50.")] IReadOnlyList<QueryTerm>? Negatives = null,
    [property: Description("Hits wanted at most, 1 to 500.")] int Count = 50,
    [property: Description("Name or name@version; without it the newest.")] string? Encoder = null,
    [property: Description("How strongly negatives push away, 0 to 1.")] float NegativeWeight = 0.5f,
    [property: Description("Hits farther than this are left out: 1 − cos, 0 to 2.")] float MaxDistance = 2,
    [property: Description("Keeps one hit of those whose footprints share more than this part, 0 to 1.")] double? SuppressOverlap = null,
    [property: Description("Keeps one hit of those whose embeddings are within this distance of each other, 0 to 2.")] float? Distinct = null,
    FilterRequest? Filter = null);

/// <summary>Which images count; all conditions must hold. At most 100 entries a list.</summary>
/// <param name="From">Earliest time taken, inclusive.</param>
/// <param name="To">Latest time taken, exclusive.</param>
/// <param name="Box">Footprints that share a point with it.</param>
internal sealed record FilterRequest(
    IReadOnlyList<string>? Products = null,
    IReadOnlyList<string>? Resolutions = null,
    IReadOnlyList<string>? Periods = null,
    [property: Description("Earliest time taken, inclusive.")] DateTimeOffset? From = null,
    [property: Description("Latest time taken, exclusive.")] DateTimeOffset? To = null,
    [property: Description("Footprints that share a point with it.")] Box? Box = null,
    IReadOnlyList<LabelTerm>? Labels = null,
    IReadOnlyList<ColumnTerm>? Columns = null);

/// <summary>A condition on the present answers of a task.</summary>
/// <param name="Value">A class of the task, or <c>unsure</c>; null for any answer.</param>
/// <param name="Holds">False: images without such an answer.</param>
internal sealed record LabelTerm(
    string Task,
    [property: Description("A class of the task, or unsure; without it any answer.")] string? Value = null,
    [property: Description("False for images without such an answer.")] bool Holds = true);

/// <summary>A condition on a column of the manifest.</summary>
/// <param name="Column">One of <see cref="SearchRequests.Columns"/>, or a free column of the manifests.</param>
internal sealed record ColumnTerm(
    [property: Description("file, folder, width, height, channels, bit_depth, size_bytes, mean_luma, luma_deviation, nodata_share, cloud_share, sharpness, or a column that the pictures' lists gave.")] string Column,
    ColumnTest Test,
    string Value);

/// <summary>In degrees, EPSG:4326; west is greater than east where it crosses the antimeridian.</summary>
internal sealed record Box(double South, double West, double North, double East);

/// <summary>An image found.</summary>
/// <param name="Distance">1 − cos to the query, 0 to 2, ascending; smaller is more alike.</param>
/// <param name="Picture">Address of its picture, to which <c>&amp;size=</c> may be added.</param>
/// <param name="TakenAt">Where the source told; UTC.</param>
/// <param name="Box">Where the source told.</param>
internal sealed record Hit(
    string ImageId,
    [property: Description("1 − cos to the query, 0 to 2, ascending.")] float Distance,
    [property: Description("Address of its picture, to which &size= may be added.")] string Picture,
    DateTimeOffset? TakenAt,
    Box? Box,
    string Product,
    string Resolution,
    string Period);

/// <param name="Encoder">The one that was searched; later searches with <paramref name="Embedding"/> name it.</param>
/// <param name="Embedding">Of the picture that was sent, or that was fetched as the only positive; null for other searches.</param>
internal sealed record SearchAnswer(
    string Encoder,
    IReadOnlyList<Hit> Hits,
    [property: Description("Of the picture that was sent, or fetched as the only positive, to be used as a term of later searches; null for other searches.")] float[]? Embedding = null);

/// <summary>What a search can be narrowed to.</summary>
/// <param name="Encoders">That have embeddings, newest first.</param>
/// <param name="Dated">Whether pictures that were looked at carry a date.</param>
/// <param name="Placed">Whether pictures that were looked at carry a footprint.</param>
/// <param name="FetchHosts">Hosts from which pictures can be fetched by address.</param>
internal sealed record SearchChoices(
    long Images,
    IReadOnlyList<string> Products,
    IReadOnlyList<string> Resolutions,
    IReadOnlyList<string> Periods,
    IReadOnlyList<string> Encoders,
    [property: Description("Whether pictures that were looked at carry a date.")] bool Dated,
    [property: Description("Whether pictures that were looked at carry a footprint.")] bool Placed,
    [property: Description("Hosts from which pictures can be fetched by address.")] IReadOnlyList<string> FetchHosts);

/// <summary>A picture to begin with.</summary>
internal sealed record SampledImage(string ImageId, string Picture);
