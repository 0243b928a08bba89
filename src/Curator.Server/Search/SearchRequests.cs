using System.Diagnostics.CodeAnalysis;
using Curator.Core;
using Curator.Core.Images;
using Curator.Search;
using Curator.Server.Errors;
using Curator.Server.Layers;
using Microsoft.AspNetCore.Http;

namespace Curator.Server.Search;

/// <summary>Checks what was asked before anything is opened, and turns it into the engine's terms. All limits are here.</summary>
internal static class SearchRequests
{
    public const int MostHits = 500;
    private const int MostTerms = 50;
    private const int MostEntries = 100;
    private const int MostConditions = 10;
    private const int LongestText = 200;

    /// <summary>Columns that may be asked about. Paths and hashes of files are not among them: asked often enough, they could be guessed letter by letter.</summary>
    public static IReadOnlyList<string> Columns { get; } =
        ["file", "folder", "width", "height", "channels", "bit_depth", "size_bytes", "mean_luma", "luma_deviation", "nodata_share", "cloud_share", "sharpness"];

    /// <exception cref="RefusedException">Says the first thing that is wrong.</exception>
    public static void Check(SearchRequest request)
    {
        CheckCount(request.Count);
        Require(request.Positives.Count is >= 1 and <= MostTerms, $"positives must hold 1 to {MostTerms} terms, it holds {request.Positives.Count}.");
        Require((request.Negatives?.Count ?? 0) <= MostTerms, $"negatives may hold {MostTerms} terms, it holds {request.Negatives?.Count}.");
        foreach (var term in request.Positives.Concat(request.Negatives ?? [])) CheckTerm(term);
        Require(request.NegativeWeight is >= 0 and <= 1, "negativeWeight must be 0 to 1.");
        Require(request.MaxDistance is >= 0 and <= 2, "maxDistance must be 0 to 2.");
        Require(request.SuppressOverlap is null or (>= 0 and <= 1), "suppressOverlap must be 0 to 1.");
        Require(request.Distinct is null or (>= 0 and <= 2), "distinct must be 0 to 2.");
    }

    public static void CheckCount(int count) => Require(count is >= 1 and <= MostHits, $"count is {count}; it must be 1 to {MostHits}.");

    /// <exception cref="RefusedException">Says the first thing that is wrong.</exception>
    public static SearchFilter? ToFilter(FilterRequest? request)
    {
        if (request is null) return null;
        CheckNames(request.Products, "products");
        CheckNames(request.Resolutions, "resolutions");
        CheckNames(request.Periods, "periods");
        Require((request.Labels?.Count ?? 0) <= MostConditions, $"labels may hold {MostConditions} conditions.");
        Require((request.Columns?.Count ?? 0) <= MostConditions, $"columns may hold {MostConditions} conditions.");
        Require(request.From is null || request.To is null || request.From < request.To, "from must be before to.");
        return new SearchFilter
        {
            Products = request.Products,
            Resolutions = request.Resolutions,
            Periods = request.Periods,
            From = request.From,
            To = request.To,
            Box = request.Box is { } box ? ToBox(box) : null,
            Labels = [.. (request.Labels ?? []).Select(ToCondition)],
            Columns = [.. (request.Columns ?? []).Select(ToCondition)],
        };
    }

    /// <param name="term">Null where the list held a null.</param>
    private static void CheckTerm(QueryTerm? term)
    {
        var given = (term?.Image is null ? 0 : 1) + (term?.Embedding is null ? 0 : 1) + (term?.Url is null ? 0 : 1) + (term?.Part is null ? 0 : 1);
        Require(given == 1, "Each term is one of image, embedding, url and part.");
        if (term!.Embedding is { } embedding)
            Require(embedding.All(float.IsFinite) && embedding.Any(number => number != 0), "An embedding must hold finite numbers that are not all zero.");
        Require(term.Url is null or { Length: <= 2048 }, "A url may have 2048 characters.");
        if (term.Part is { } part) LayerReader.Request(part, LayerReader.LargestSide);
    }

    private static void CheckNames(IReadOnlyList<string>? names, string list)
    {
        if (names is null) return;
        Require(names.Count is >= 1 and <= MostEntries, $"{list} must hold 1 to {MostEntries} names; leave it out for all.");
        foreach (var name in names) Require(name is { Length: <= LongestText }, $"A name in {list} is missing or too long.");
    }

    private static BoundingBox ToBox(Box box)
    {
        Require(box.South is >= -90 and <= 90 && box.North is >= -90 and <= 90 && box.South <= box.North, "box.south and box.north must be -90 to 90, south not above north.");
        Require(box.West is >= -180 and <= 180 && box.East is >= -180 and <= 180, "box.west and box.east must be -180 to 180.");
        return new BoundingBox(box.South, box.West, box.North, box.East);
    }

    private static LabelCondition ToCondition(LabelTerm? term)
    {
        Require(term is not null, "A condition on labels is missing.");
        Require(term.Task.Length <= LongestText && term.Value is null or { Length: <= LongestText }, "A condition on labels is too long.");
        return new LabelCondition(term.Task, term.Value, term.Holds);
    }

    private static ColumnCondition ToCondition(ColumnTerm? term)
    {
        Require(term is not null, "A condition on a column is missing.");
        Require(
            Columns.Contains(term.Column, StringComparer.Ordinal) || MetadataColumn.IsValid(term.Column), $"column must be one of {string.Join(", ", Columns)}, or one that the pictures' lists gave.");
        Require(Enum.IsDefined(term.Test) && term.Value.Length <= LongestText, "A condition on a column is too long.");
        try
        {
            return ColumnCondition.Parse($"{new ColumnCondition(term.Column, term.Test, term.Value)}");
        }
        catch (WorkspaceException e)
        {
            throw new RefusedException(StatusCodes.Status400BadRequest, e.WhatHappened, e.NextStep);
        }
    }

    private static void Require([DoesNotReturnIf(false)] bool holds, string otherwise)
    {
        if (!holds) throw new RefusedException(StatusCodes.Status400BadRequest, otherwise, "Send what /openapi/v1.json describes.");
    }
}
