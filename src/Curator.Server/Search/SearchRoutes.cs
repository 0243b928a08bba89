using Curator.Core;
using Curator.Core.Images;
using Curator.Search;
using Curator.Server.Errors;
using Curator.Server.Layers;
using Curator.Server.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Curator.Server.Search;

/// <summary><c>/api/search</c>: images that look like others.</summary>
internal sealed class SearchRoutes(Workspace workspace, SearchEngine engine, HitReader reader, ArchiveView archive, PictureFetcher fetcher, LayerReader layers)
{
    private const int MostSampled = 200;
    private const int PicturesAMinute = 30;
    private const long LargestPictureBytes = 16 << 20;
    private readonly Throttle _pictures = new(PicturesAMinute, TimeSpan.FromMinutes(1), workspace.Clock);

    public void Map(IEndpointRouteBuilder routes)
    {
        var search = routes.MapGroup("/api/search").Needs(Role.Labeler).OpenToExtensions().WithTags("Search");
        search.MapPost("", SearchAsync)
            .WithSummary("Images that look like the positives and unlike the negatives, among those that the filter admits")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity).ProducesProblem(StatusCodes.Status429TooManyRequests)
            .ProducesProblem(StatusCodes.Status502BadGateway).ProducesProblem(StatusCodes.Status504GatewayTimeout);
        search.MapPost("picture", SearchByPictureAsync)
            .WithMetadata(new RequestSizeLimitAttribute(LargestPictureBytes))
            .WithSummary("Images that look like the picture sent as the body, of at most 16 MiB; its embedding serves further searches")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity).ProducesProblem(StatusCodes.Status429TooManyRequests);
        search.MapGet("choices", archive.ChoicesAsync).WithSummary("What a search can be narrowed to");
        search.MapGet("sample", SampleAsync).WithSummary("Pictures to begin with, drawn evenly over the archive")
            .ProducesProblem(StatusCodes.Status400BadRequest);
    }

    private async Task<Ok<SearchAnswer>> SearchAsync(SearchRequest request, HttpContext context, CancellationToken cancellationToken)
    {
        SearchRequests.Check(request);
        var filter = SearchRequests.ToFilter(request.Filter);
        foreach (var condition in filter?.Labels ?? []) CheckReach(context, condition.Task);
        var encoder = await engine.OpenAsync(request.Encoder, cancellationToken);
        var query = new SearchQuery
        {
            Positives = await EmbedAsync(encoder, request.Positives, context, cancellationToken),
            Negatives = await EmbedAsync(encoder, request.Negatives ?? [], context, cancellationToken),
            NegativeWeight = request.NegativeWeight,
            Count = request.Count,
            Filter = filter,
            MaxDistance = request.MaxDistance,
            SuppressOverlap = request.SuppressOverlap,
            Distinct = request.Distinct,
        };
        // So that a page that goes on from a fetched picture need not have it fetched again.
        var fetched = request.Positives is [{ Url: not null } or { Part: not null }] ? query.Positives[0] : null;
        return TypedResults.Ok(new SearchAnswer(encoder.Id, await FindAsync(encoder, query, cancellationToken), fetched));
    }

    private async Task<Ok<SearchAnswer>> SearchByPictureAsync(
        Stream picture, HttpContext context, CancellationToken cancellationToken, int count = 50, string? encoder = null)
    {
        SearchRequests.CheckCount(count);
        TakePicture(context);
        var opened = await engine.OpenAsync(encoder, cancellationToken);
        var embedding = await EncodeAsync(opened, picture, cancellationToken);
        var query = new SearchQuery { Positives = [embedding], Count = count };
        return TypedResults.Ok(new SearchAnswer(opened.Id, await FindAsync(opened, query, cancellationToken), embedding));
    }

    private async Task<Ok<IReadOnlyList<SampledImage>>> SampleAsync(CancellationToken cancellationToken, int count = 48, int seed = 0)
    {
        if (count is < 1 or > MostSampled)
            throw new RefusedException(StatusCodes.Status400BadRequest, $"count is {count}; it must be 1 to {MostSampled}.", "Ask for fewer.");
        return TypedResults.Ok(await archive.SampleAsync(count, seed, cancellationToken));
    }

    private async Task<IReadOnlyList<Hit>> FindAsync(SearchEngine.Opened encoder, SearchQuery query, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.ReadAsync(await encoder.SearchAsync(query, cancellationToken), cancellationToken);
        }
        catch (ArgumentException)
        {
            throw new RefusedException(StatusCodes.Status400BadRequest, "Positives and negatives cancel each other out.", "Take one away, or lower negativeWeight.");
        }
    }

    /// <returns>[dimension] each, in the order of the terms.</returns>
    private async Task<IReadOnlyList<float[]>> EmbedAsync(SearchEngine.Opened encoder, IReadOnlyList<QueryTerm> terms, HttpContext context, CancellationToken cancellationToken)
    {
        var embeddings = new List<float[]>(terms.Count);
        foreach (var term in terms)
        {
            if (term.Image is { } text)
                embeddings.Add(await StoredAsync(encoder, text, cancellationToken));
            else if (term.Embedding is { } embedding)
                embeddings.Add(embedding.Length == encoder.Dimension
                    ? embedding
                    : throw new RefusedException(
                        StatusCodes.Status400BadRequest, $"An embedding has {embedding.Length} numbers; those by {encoder.Id} have {encoder.Dimension}.", "Name the encoder that made it."));
            else
            {
                TakePicture(context);
                using var bytes = new MemoryStream(
                    term.Part is { } part ? await layers.FetchQueryAsync(part, cancellationToken) : await fetcher.FetchAsync(term.Url!, cancellationToken), writable: false);
                embeddings.Add(await EncodeAsync(encoder, bytes, cancellationToken));
            }
        }
        return embeddings;
    }

    private static async Task<float[]> StoredAsync(SearchEngine.Opened encoder, string text, CancellationToken cancellationToken) =>
        ImageId.TryParse(text, null, out var id) && await encoder.FindEmbeddingAsync(id, cancellationToken) is { } embedding
            ? embedding
            : throw new RefusedException(
                StatusCodes.Status404NotFound, $"There is no embedded image '{(text.Length > 40 ? text[..40] : text)}'.",
                "Use ids such as 3-1742, and `curator embed` for images added since.");

    private static async Task<float[]> EncodeAsync(SearchEngine.Opened encoder, Stream picture, CancellationToken cancellationToken)
    {
        try
        {
            return await encoder.EncodeAsync(picture, cancellationToken);
        }
        catch (WorkspaceException)
        {
            // Its text names the private file; the person knows which picture was sent.
            throw new RefusedException(
                StatusCodes.Status422UnprocessableEntity, "What was sent is no picture that can be read.", "Send a JPEG, PNG, WebP, GIF, BMP or TIFF picture.");
        }
    }

    private void TakePicture(HttpContext context)
    {
        if (_pictures.TryTake(Visitor.Of(context).Person, 1, out var wait)) return;
        context.Response.Headers.RetryAfter = Problems.Seconds(wait);
        throw new RefusedException(StatusCodes.Status429TooManyRequests, $"More than {PicturesAMinute} pictures a minute.", "Wait a little.");
    }

    /// <summary>What a task's answers are is told to those only whose link reaches it.</summary>
    private static void CheckReach(HttpContext context, string task)
    {
        var link = Visitor.Of(context).Link;
        if (!link.Reaches(task)) throw new RefusedException(StatusCodes.Status403Forbidden, $"Your link is for the task '{link.Task}' only.", "Ask the owner for another link.");
    }
}
