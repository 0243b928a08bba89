using Curator.Server.Errors;
using Curator.Server.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Curator.Server.Data;

/// <summary><c>/api/data</c>: what the project holds, how healthy it is, how its encoders were trained, what runs.</summary>
internal sealed class DataRoutes(DataReader reader, HealthReader health)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        var data = routes.MapGroup("/api/data").Needs(Role.Reviewer).WithTags("Data");
        data.MapGet("", reader.DescribeAsync).WithSummary("Partitions, marks, refused files, stages and their shards, what runs, disk use");
        data.MapGet("encoders", reader.EncodersAsync).WithSummary("Encoders with what their cards say, newest first");
        data.MapGet("encoders/{encoder}/curve", CurveAsync).WithSummary("Loss of the training, step by step").ProducesProblem(StatusCodes.Status404NotFound);
        data.MapGet("partitions/{number:int}/health", HealthAsync).WithSummary("What is odd about the pictures of a partition").ProducesProblem(StatusCodes.Status404NotFound);
    }

    private async Task<Results<Ok<TrainingCurve>, ProblemHttpResult>> CurveAsync(string encoder, CancellationToken cancellationToken) =>
        await reader.CurveAsync(encoder, cancellationToken) is { } curve
            ? TypedResults.Ok(curve)
            : Problems.Of(StatusCodes.Status404NotFound, "There is no such encoder.", "GET /api/data/encoders lists those there are.");

    private async Task<Results<Ok<PartitionHealth>, ProblemHttpResult>> HealthAsync(int number, CancellationToken cancellationToken) =>
        await health.ReadAsync(number, cancellationToken) is { } found
            ? TypedResults.Ok(found)
            : Problems.Of(StatusCodes.Status404NotFound, $"There is no partition {number}.", "GET /api/data lists those there are.");
}
