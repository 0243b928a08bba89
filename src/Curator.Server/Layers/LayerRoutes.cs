using Curator.Imagery.Thumbnails;
using Curator.Server.Errors;
using Curator.Server.Search;
using Curator.Server.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Curator.Server.Layers;

/// <summary><c>/api/layers</c>: what layers of the imagery server show.</summary>
internal sealed class LayerRoutes(LayerReader layers, TimeProvider clock)
{
    private const int PicturesAMinute = 60;
    private const int Quality = 85;
    private readonly Throttle _pictures = new(PicturesAMinute, TimeSpan.FromMinutes(1), clock);
    private readonly Thumbnailer _encoder = new();

    public void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/api/layers/picture", PictureAsync).Needs(Role.Labeler).OpenToExtensions().WithTags("Layers")
            .WithSummary("Part of a layer of the imagery server as a picture, to choose from what to search by")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status429TooManyRequests)
            .ProducesProblem(StatusCodes.Status502BadGateway).ProducesProblem(StatusCodes.Status504GatewayTimeout);

    private async Task<Ok<LayerPicture>> PictureAsync(LayerPictureRequest request, HttpContext context, CancellationToken cancellationToken)
    {
        LayerReader.Request(request.Part, request.Size);
        if (!_pictures.TryTake(Visitor.Of(context).Person, 1, out var wait))
        {
            context.Response.Headers.RetryAfter = Problems.Seconds(wait);
            throw new RefusedException(StatusCodes.Status429TooManyRequests, $"More than {PicturesAMinute} pictures of layers a minute.", "Wait a little.");
        }
        var picture = await layers.FetchAsync(request.Part, request.Size, cancellationToken);
        var (image, shows) = (picture.Image, picture.Footprint);
        return TypedResults.Ok(new LayerPicture(
            request.Part.Layer, picture.Time?.Text, new Box(shows.South, shows.West, shows.North, shows.East), picture.Resolution, image.Width, image.Height, picture.NoDataShare, picture.MissingTiles,
            picture.Tiles, $"data:image/webp;base64,{Convert.ToBase64String(_encoder.WebP(image, request.Size, Quality))}"));
    }
}
