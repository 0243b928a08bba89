using Curator.Core;
using Curator.Core.Images;
using Curator.Search;
using Curator.Server.Errors;
using Curator.Server.Images;
using Curator.Server.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Curator.Server.Search;

/// <param name="Images">Ids of what is wanted, 1 to 50.</param>
/// <param name="Not">Ids of what is not wanted, at most 50.</param>
/// <param name="Count">Hits wanted at most, 1 to 500.</param>
/// <param name="Encoder"><c>simclr</c> or <c>simclr@2</c>; null for the newest.</param>
internal sealed record SearchRequest(IReadOnlyList<string> Images, IReadOnlyList<string>? Not = null, int Count = 50, string? Encoder = null);

/// <param name="Distance">To the query by the encoder's metric, ascending; smaller is more alike.</param>
internal sealed record Hit(string ImageId, string Picture, float Distance);

/// <summary><c>/api/search</c>: images that look like others.</summary>
internal sealed class SearchRoutes(Workspace workspace, SearchEngine engine, PictureLinks pictures)
{
    private const int MostHits = 500;
    private const int MostImages = 50;
    private const long LargestPictureBytes = 16 << 20;
    private readonly Throttle _uploads = new(limit: 30, TimeSpan.FromMinutes(1), workspace.Clock);

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/search", ByImagesAsync).Needs(Role.Labeler).WithSummary("Images that look like those and unlike these");
        routes.MapPost("/api/search/picture", ByPictureAsync).Needs(Role.Labeler).WithMetadata(new RequestSizeLimitAttribute(LargestPictureBytes))
            .WithSummary("Images that look like the picture sent as the body");
    }

    private async Task<Results<Ok<Hit[]>, ProblemHttpResult>> ByImagesAsync(SearchRequest request, CancellationToken cancellationToken)
    {
        var not = request.Not ?? [];
        if (request.Count is < 1 or > MostHits || request.Images.Count is < 1 or > MostImages || not.Count > MostImages)
            return Problems.Of(
                StatusCodes.Status400BadRequest, $"count must be 1 to {MostHits}, images 1 to {MostImages} ids, not at most {MostImages}.", "Correct the values.");
        var encoder = await engine.OpenAsync(request.Encoder, cancellationToken);
        var embeddings = new List<float[]>();
        foreach (var text in request.Images.Concat(not))
        {
            if (!ImageId.TryParse(text, null, out var id) || await encoder.FindEmbeddingAsync(id, cancellationToken) is not { } embedding)
                return Problems.Of(StatusCodes.Status404NotFound, $"There is no embedded image '{(text.Length > 40 ? text[..40] : text)}'.", "Use ids such as 3-1742, and `curator embed` for images added since.");
            embeddings.Add(embedding);
        }
        var query = new SearchQuery { Positives = embeddings[..request.Images.Count], Negatives = embeddings[request.Images.Count..], Count = request.Count };
        return TypedResults.Ok(await DescribeAsync(await encoder.SearchAsync(query, cancellationToken), cancellationToken));
    }

    private async Task<Results<Ok<Hit[]>, ProblemHttpResult>> ByPictureAsync(
        HttpContext context, CancellationToken cancellationToken, int count = 50, string? encoder = null)
    {
        if (count is < 1 or > MostHits) return Problems.Of(StatusCodes.Status400BadRequest, $"count is {count}; it must be 1 to {MostHits}.", "Ask for fewer.");
        if (!_uploads.TryTake(Visitor.Of(context).Person, 1, out var wait))
        {
            context.Response.Headers.RetryAfter = Problems.Seconds(wait);
            return Problems.Of(StatusCodes.Status429TooManyRequests, "More than 30 pictures a minute.", "Wait a little.");
        }
        var opened = await engine.OpenAsync(encoder, cancellationToken);
        float[] embedding;
        try
        {
            embedding = await opened.EncodeAsync(context.Request.Body, cancellationToken);
        }
        catch (WorkspaceException)
        {
            // Its text names the private file; the person knows which picture was sent.
            return Problems.Of(StatusCodes.Status422UnprocessableEntity, "What was sent is no picture that can be read.", "Send a JPEG, PNG, WebP, GIF, BMP or TIFF picture.");
        }
        return TypedResults.Ok(await DescribeAsync(await opened.SearchAsync(new SearchQuery { Positives = [embedding], Count = count }, cancellationToken), cancellationToken));
    }

    private async Task<Hit[]> DescribeAsync(IReadOnlyList<SearchHit> found, CancellationToken cancellationToken)
    {
        var hits = new Hit[found.Count];
        for (var i = 0; i < hits.Length; i++)
            hits[i] = new Hit(found[i].Image.ToString(), await pictures.OfImageAsync(found[i].Image, cancellationToken), found[i].Distance);
        return hits;
    }
}
