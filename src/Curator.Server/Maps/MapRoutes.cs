using System.Globalization;
using System.IO.Pipelines;
using Curator.Core;
using Curator.Core.Catalogs;
using Curator.Core.Images;
using Curator.Search.Maps;
using Curator.Server.Errors;
using Curator.Server.Images;
using Curator.Server.Search;
using Curator.Server.Security;
using Curator.Server.Tasks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace Curator.Server.Maps;

/// <summary><c>/api/maps</c>: all pictures as points, their clusters, what they can be coloured by, and who is near or far.</summary>
internal sealed class MapRoutes(Workspace workspace, SearchEngine engine, PictureLinks pictures, AuditLog audit)
{
    private const string Octets = "application/octet-stream";
    private const int MostNear = 100;
    private const int MostClusters = 200;
    private const int MostHidden = 20_000;
    private const int MostNamed = 20;

    private readonly MapShelf _shelf = new(workspace);
    private readonly MapColumns _columns = new(workspace);

    public void Map(IEndpointRouteBuilder routes)
    {
        var maps = routes.MapGroup("/api/maps").Needs(Role.Reviewer).WithTags("Maps");
        maps.MapGet("", ListAsync).WithSummary("The maps that were made");
        var map = maps.MapGroup("{encoder}/{method}");
        map.MapGet("points", Points).WithSummary("Places and clusters of all points, in a compact form (docs/design/map.md)")
            .Produces(StatusCodes.Status200OK, contentType: Octets).ProducesProblem(StatusCodes.Status404NotFound);
        map.MapGet("clusters", ClustersAsync).WithSummary("Clusters and groups, the largest first, with pictures that show what they are").ProducesProblem(StatusCodes.Status404NotFound);
        map.MapGet("columns/{by}", ColumnAsync).WithSummary("Product, date or state of all points, in a compact form")
            .Produces(StatusCodes.Status200OK, contentType: Octets).ProducesProblem(StatusCodes.Status404NotFound);
        map.MapGet("tasks/{task}/{by}", TaskColumnAsync).WithSummary("Labels or scores of a task for all points, in a compact form")
            .Produces(StatusCodes.Status200OK, contentType: Octets).ProducesProblem(StatusCodes.Status404NotFound);
        map.MapGet("near", NearAsync).WithSummary("Nearest, farthest or random pictures of a picture's cluster, its group, or all")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound);
        routes.MapPost("/api/images/hidden", HideAsync).Needs(Role.Owner).WithTags("Maps").WithSummary("Leaves pictures out of searches and rounds from now on, or takes that back")
            .ProducesProblem(StatusCodes.Status400BadRequest);
    }

    private async Task<Ok<IReadOnlyList<MapSummary>>> ListAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<MapSummary> maps = [.. (await _shelf.AllAsync(cancellationToken)).Select(shelved =>
        {
            var info = shelved.Map.Info;
            return new MapSummary(
                info.Encoder, shelved.Method, shelved.Version, shelved.Map.Count, info.Clusters, info.Groups, info.Step, info.Steps, info.Quality?.Trustworthiness, info.Quality?.NeighboursKept);
        })];
        return TypedResults.Ok(maps);
    }

    private IResult Points(string encoder, string method, HttpContext context)
    {
        var shelved = _shelf.Get(encoder, method);
        return Stream(context, shelved.Version, writer => MapBytes.WritePoints(shelved.Map, writer));
    }

    private async Task<IResult> ColumnAsync(string encoder, string method, string by, HttpContext context, CancellationToken cancellationToken)
    {
        var shelved = _shelf.Get(encoder, method);
        var column = by switch
        {
            "product" => await _columns.ProductAsync(shelved.Map, cancellationToken),
            "date" => await _columns.DateAsync(shelved, cancellationToken),
            "state" => await _columns.StateAsync(shelved.Map, cancellationToken),
            _ => throw new RefusedException(StatusCodes.Status404NotFound, "There is no such column.", "Columns are product, date and state."),
        };
        return Stream(context, null, writer => MapBytes.WriteValues(column.Legend, column.Values, writer));
    }

    private async Task<IResult> TaskColumnAsync(string encoder, string method, string task, string by, HttpContext context, CancellationToken cancellationToken)
    {
        var shelved = _shelf.Get(encoder, method);
        if (by is not ("labels" or "scores") || await workspace.Labels.FindTaskAsync(task, cancellationToken) is null)
            throw new RefusedException(StatusCodes.Status404NotFound, "There is no such task or column.", "Columns of a task are labels and scores; GET /api/tasks lists the tasks.");
        var column = by == "labels" ? await _columns.LabelsAsync(shelved.Map, task, cancellationToken) : await _columns.ScoresAsync(shelved.Map, task, cancellationToken);
        return Stream(context, null, writer => MapBytes.WriteValues(column.Legend, column.Values, writer));
    }

    private async Task<Ok<MapClusters>> ClustersAsync(string encoder, string method, CancellationToken cancellationToken)
    {
        var map = _shelf.Get(encoder, method).Map;
        return TypedResults.Ok(new MapClusters(
            await DescribeAsync(map.Clusters, map.Info.Clusters, map.RepresentativesOfCluster), await DescribeAsync(map.Groups, map.Info.Groups, map.RepresentativesOfGroup)));

        async Task<IReadOnlyList<MapCluster>> DescribeAsync(int[] numbers, int count, Func<int, IReadOnlyList<int>> representatives)
        {
            var sizes = new int[count];
            foreach (var number in numbers)
                if (number >= 0)
                    sizes[number]++;
            var clusters = new List<MapCluster>();
            foreach (var number in Enumerable.Range(0, count).OrderByDescending(n => sizes[n]).Take(MostClusters))
            {
                var shown = new List<MapPicture>();
                foreach (var point in representatives(number)) shown.Add(new MapPicture(map.Image(point).ToString(), await pictures.OfImageAsync(map.Image(point), cancellationToken)));
                clusters.Add(new MapCluster(number, sizes[number], shown));
            }

            return clusters;
        }
    }

    private async Task<Ok<IReadOnlyList<MapNeighbour>>> NearAsync(
        string encoder, string method, string image, CancellationToken cancellationToken, string within = "cluster", string order = "nearest", int count = 16, int seed = 0)
    {
        var map = _shelf.Get(encoder, method).Map;
        if (count is < 1 or > MostNear) throw new RefusedException(StatusCodes.Status400BadRequest, $"count is {count}; it must be 1 to {MostNear}.", "Ask for fewer.");
        if (!ImageId.TryParse(image, null, out var id) || map.PointOf(id) is not (>= 0 and var point))
            throw new RefusedException(StatusCodes.Status404NotFound, "There is no such picture on the map.", "Use ids such as 3-1742; `curator map` places pictures embedded since.");
        Func<int, bool> counts = within switch
        {
            "all" => _ => true,
            "cluster" => other => map.Clusters[other] == map.Clusters[point],
            "group" => other => map.Groups[other] == map.Groups[point],
            _ => throw new RefusedException(StatusCodes.Status400BadRequest, "within must be cluster, group or all.", "Leave it out for cluster."),
        };
        if (!Enum.TryParse<MapOrder>(order, ignoreCase: true, out var by) || !Enum.IsDefined(by))
            throw new RefusedException(StatusCodes.Status400BadRequest, "order must be nearest, farthest or random.", "Leave it out for nearest.");
        var opened = await engine.OpenAsync(encoder, cancellationToken);
        var found = new List<MapNeighbour>();
        foreach (var (other, distance) in await opened.FindOnMapAsync(map, point, counts, by, count, seed, cancellationToken))
            found.Add(new MapNeighbour(map.Image(other).ToString(), await pictures.OfImageAsync(map.Image(other), cancellationToken), distance));
        return TypedResults.Ok<IReadOnlyList<MapNeighbour>>(found);
    }

    private async Task<Ok<HideAnswer>> HideAsync(HideRequest request, HttpContext context, CancellationToken cancellationToken)
    {
        if (request.Images.Count is < 1 or > MostHidden)
            throw new RefusedException(StatusCodes.Status400BadRequest, $"images must hold 1 to {MostHidden:N0} ids, it holds {request.Images.Count:N0}.", "Send them in parts.");
        var rows = (await workspace.Catalog.GetPartitionsAsync(cancellationToken)).ToDictionary(partition => partition.Number, partition => partition.Rows);
        var wanted = new HashSet<ImageId>();
        foreach (var text in request.Images)
            if (ImageId.TryParse(text, null, out var id) && id.Row < rows.GetValueOrDefault(id.Partition))
                wanted.Add(id);
            else
                throw new RefusedException(StatusCodes.Status400BadRequest, $"There is no image '{(text.Length > 40 ? text[..40] : text)}'.", "Use ids such as 3-1742.");
        // A picture that is gone, changed or a duplicate stays what it is: hiding says less.
        var changed = new List<ImageId>();
        foreach (var partition in wanted.GroupBy(id => id.Partition))
        {
            var states = await workspace.Catalog.GetImageStatesAsync(partition.Key, cancellationToken);
            changed.AddRange(partition.Where(id => states.TryGetValue(id.Row, out var state) ? !request.Hidden && state == ImageState.Hidden : request.Hidden));
        }

        await workspace.Catalog.SetImageStateAsync(changed, request.Hidden ? ImageState.Hidden : null, cancellationToken);
        if (changed.Count > 0)
        {
            var visitor = Visitor.Of(context);
            await audit.WriteAsync(
                request.Hidden ? AuditEvent.PicturesHidden : AuditEvent.PicturesShown, visitor.Person, visitor.Link.Id, context.Connection.RemoteIpAddress?.ToString(), Described(changed), cancellationToken);
        }

        return TypedResults.Ok(new HideAnswer(changed.Count));
    }

    /// <summary>How many, and the first of them: a line of the log stays short.</summary>
    private static string Described(List<ImageId> images) =>
        $"{images.Count.ToString(CultureInfo.InvariantCulture)}: {string.Join(' ', images.Take(MostNamed))}{(images.Count > MostNamed ? " …" : "")}";

    /// <param name="version">A page that has this version is told so; null for what changes at any time.</param>
    private static IResult Stream(HttpContext context, string? version, Action<PipeWriter> write)
    {
        context.Response.Headers.CacheControl = "private, no-cache";
        if (version is not null)
        {
            var tag = new EntityTagHeaderValue($"\"{version}\"");
            context.Response.GetTypedHeaders().ETag = tag;
            if (context.Request.GetTypedHeaders().IfNoneMatch.Any(known => known.Compare(tag, useStrongComparison: false))) return TypedResults.StatusCode(StatusCodes.Status304NotModified);
        }

        return TypedResults.Stream(
            async stream =>
            {
                var writer = PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true));
                write(writer);
                await writer.CompleteAsync();
            }, Octets);
    }
}
