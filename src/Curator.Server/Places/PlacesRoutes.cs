using System.ComponentModel;
using Curator.Core;
using Curator.Core.Labels;
using Curator.Server.Errors;
using Curator.Server.Search;
using Curator.Server.Security;
using Curator.Server.Tasks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Curator.Server.Places;

/// <summary>Where the images lie: <c>/api/places</c> without labels, <c>/api/tasks/{task}/places</c> with those of a task.</summary>
internal sealed class PlacesRoutes(Workspace workspace, PlaceStore store, string background)
{
    private const int MostAcross = 128;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/places/about", AboutAsync).Needs(Role.Reviewer).WithTags("Places").WithSummary("How many images have a footprint, where and when; what may lie under them");
        routes.MapGet("/api/places", (CancellationToken cancellationToken, double south = -90, double west = -180, double north = 90, double east = 180, int across = 32, DateOnly? from = null, DateOnly? to = null) =>
            FindAsync(null, new PlaceQuery(south, west, north, east, across, from, to, PlaceFilter.All), cancellationToken))
            .Needs(Role.Reviewer).WithTags("Places").WithSummary("Footprints of a view, one by one or in groups").ProducesProblem(StatusCodes.Status400BadRequest);
        routes.MapGet("/api/tasks/{task}/places", OfTaskAsync)
            .Needs(Role.Reviewer).WithTags("Places").WithSummary("The same with the labels of a task").ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound);
    }

    private async Task<Ok<PlacesAbout>> AboutAsync(CancellationToken cancellationToken)
    {
        var partitions = await store.ReadAsync(null, cancellationToken);
        long images = 0, dated = 0;
        int first = int.MaxValue, last = int.MinValue;
        double south = 90, west = 180, north = -90, east = -180;
        foreach (var (columns, marked, _) in partitions)
        {
            for (var i = 0; i < columns.Count; i++)
            {
                if (marked.Count > 0 && marked.ContainsKey(columns.Rows[i])) continue;
                images++;
                (south, north) = (Math.Min(south, columns.South[i]), Math.Max(north, columns.North[i]));
                var crosses = columns.East[i] < columns.West[i];
                (west, east) = (Math.Min(west, crosses ? -180 : columns.West[i]), Math.Max(east, crosses ? 180 : columns.East[i]));
                if (columns.Days[i] == PlaceColumns.NoDay) continue;
                dated++;
                (first, last) = (Math.Min(first, columns.Days[i]), Math.Max(last, columns.Days[i]));
            }
        }
        return TypedResults.Ok(new PlacesAbout(
            images, dated, dated == 0 ? null : DateOnly.FromDayNumber(first), dated == 0 ? null : DateOnly.FromDayNumber(last),
            images == 0 ? null : new Box(Math.Round(south, 5), Math.Round(west, 5), Math.Round(north, 5), Math.Round(east, 5)), Backgrounds.Of(background)));
    }

    private async Task<Results<Ok<PlacesAnswer>, ProblemHttpResult>> OfTaskAsync(
        string task, CancellationToken cancellationToken, double south = -90, double west = -180, double north = 90, double east = 180, int across = 32, DateOnly? from = null, DateOnly? to = null,
        [Description("all, found, answered or open.")] string show = "all")
    {
        if (await workspace.Labels.FindTaskAsync(task, cancellationToken) is not { } found) return TaskLookup.NotFound(task);
        return Enum.TryParse<PlaceFilter>(show, ignoreCase: true, out var filter) && Enum.IsDefined(filter) && !char.IsAsciiDigit(show[0])
            ? await FindAsync(found, new PlaceQuery(south, west, north, east, across, from, to, filter), cancellationToken)
            : Problems.Of(StatusCodes.Status400BadRequest, "show must be all, found, answered or open.", "Correct the value.");
    }

    private async Task<Results<Ok<PlacesAnswer>, ProblemHttpResult>> FindAsync(LabelingTask? task, PlaceQuery query, CancellationToken cancellationToken)
    {
        if (FaultOf(query) is { } fault) return Problems.Of(StatusCodes.Status400BadRequest, fault, "Correct the values.");
        var partitions = await store.ReadAsync(task, cancellationToken);
        return TypedResults.Ok(PlaceView.Of(partitions, task?.Classes ?? [], query));
    }

    private static string? FaultOf(PlaceQuery query)
    {
        if (!(query.South is >= -90 and <= 90 && query.North is >= -90 and <= 90 && query.South < query.North)) return "South and north must be -90 to 90, south below north.";
        if (!(query.West is >= -180 and <= 180 && query.East is >= -180 and <= 180 && query.West != query.East)) return "West and east must be -180 to 180 and differ.";
        if (query.Across is < 1 or > MostAcross) return $"across is {query.Across}; it must be 1 to {MostAcross}.";
        return query.From > query.To ? "The first day lies after the last." : null;
    }
}
