using Curator.Core.Labels;
using Curator.Server.Errors;
using Curator.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using QRCoder;

namespace Curator.Server.Security;

/// <param name="Hours">How long it stays valid, 1 to 8,760.</param>
/// <param name="Task">The only task it reaches, or null for all.</param>
/// <param name="MaxUses">How many sessions it may open, or null without limit.</param>
internal sealed record NewLink(Role Role, int Hours, string? Task = null, int? MaxUses = null);

/// <param name="Address">The whole link with its token; shown this once, as only its hash is kept.</param>
/// <param name="QrCode">The link as an SVG path of unit squares, and the side of its square.</param>
internal sealed record CreatedLink(LinkInfo Link, string Address, QrPath QrCode);

internal sealed record QrPath(int Side, string Path);

internal sealed record LinkInfo(string Id, Role Role, string? Task, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, int? MaxUses, int Uses, bool Revoked);

/// <summary><c>/api/links</c>: an owner makes, lists and revokes links.</summary>
internal sealed class LinkRoutes(SharedLinks links, LabelStore labels, AuditLog audit, Func<Uri> address)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/links").Needs(Role.Owner);
        group.MapGet("", List).WithSummary("Links that have not expired");
        group.MapPost("", CreateAsync).WithSummary("Make a link to hand out");
        group.MapDelete("{id}", RevokeAsync).WithSummary("End a link and its sessions");
    }

    private Ok<LinkInfo[]> List() => TypedResults.Ok(links.All.Select(Describe).ToArray());

    private async Task<Results<Created<CreatedLink>, ProblemHttpResult>> CreateAsync(NewLink request, HttpContext context, CancellationToken cancellationToken)
    {
        if (request.Hours is < 1 or > 8760 || request.MaxUses < 1 || !Enum.IsDefined(request.Role))
            return Problems.Of(StatusCodes.Status400BadRequest, "hours must be 1 to 8760, maxUses at least 1, role one of the four.", "Correct the values.");
        if (request.Task is { } task) await labels.GetTaskAsync(task, cancellationToken);
        var (link, token) = await links.CreateAsync(request.Role, request.Task, TimeSpan.FromHours(request.Hours), request.MaxUses, cancellationToken);
        await audit.WriteAsync(AuditEvent.LinkMade, Visitor.Of(context).Person, link.Id, AuditAddress(context), $"{link.Role} {link.Task}".Trim(), cancellationToken);
        var whole = PageLink.Of(address(), link.Task, token);
        return TypedResults.Created($"/api/links/{link.Id}", new CreatedLink(Describe(link), whole, Draw(whole)));
    }

    private async Task<Results<NoContent, ProblemHttpResult>> RevokeAsync(string id, HttpContext context, CancellationToken cancellationToken)
    {
        if (!await links.RevokeAsync(id, cancellationToken)) return Problems.Of(StatusCodes.Status404NotFound, $"There is no link '{id}'.", "GET /api/links lists them.");
        await audit.WriteAsync(AuditEvent.LinkRevoked, Visitor.Of(context).Person, id, AuditAddress(context), null, cancellationToken);
        return TypedResults.NoContent();
    }

    private static string? AuditAddress(HttpContext context) => context.Connection.RemoteIpAddress?.ToString();

    private static LinkInfo Describe(SharedLink link) =>
        new(link.Id, link.Role, link.Task, link.CreatedAt, link.ExpiresAt, link.MaxUses, link.Uses, link.Revoked);

    private static QrPath Draw(string text)
    {
        using var generator = new QRCodeGenerator();
        using var code = generator.CreateQrCode(text, QRCodeGenerator.ECCLevel.M);
        var rows = code.ModuleMatrix;
        var path = new System.Text.StringBuilder();
        for (var y = 0; y < rows.Count; y++)
            for (var x = 0; x < rows.Count; x++)
                if (rows[y][x])
                    path.Append(System.Globalization.CultureInfo.InvariantCulture, $"M{x} {y}h1v1h-1z");
        return new QrPath(rows.Count, path.ToString());
    }
}
