using Curator.Core.Images;
using Curator.Imagery;
using Curator.Imagery.Gaps;
using Curator.Imagery.Gibs;
using Curator.Imagery.Thumbnails;
using Curator.Server.Errors;
using Microsoft.AspNetCore.Http;

namespace Curator.Server.Layers;

/// <summary>
/// Pictures of layers for visitors. Only from the imagery server of the settings: a visitor names layer, time and place, never an address, and redirects are not followed. Bounded in pixels, in time and
/// in how many are fetched at once. Thread-safe.
/// </summary>
/// <param name="options">Section <c>gibs</c> of the settings.</param>
/// <param name="patience">How long one picture may take; 45 seconds unless given.</param>
internal sealed class LayerReader(GibsOptions options, TimeProvider clock, TimeSpan? patience = null) : IDisposable
{
    public const int SmallestSide = 64;
    public const int LargestSide = 1024;

    /// <summary>Pixels along the longer side of what is searched by: more than encoders look at.</summary>
    private const int QuerySide = 512;

    private const int LongestLayer = 200;
    private const int MostAtATime = 4;

    /// <summary>A person waits: what has not come after this will hardly come.</summary>
    private const int MostTries = 3;

    /// <summary>Above this share of pixels in gaps there is nothing to go by.</summary>
    private const double MostMissing = 0.9;

    private readonly TimeSpan _patience = patience ?? TimeSpan.FromSeconds(45);
    private readonly SemaphoreSlim _turns = new(MostAtATime);
    private readonly Thumbnailer _encoder = new();

    // Not opened before somebody asks: most projects never do.
    private readonly Lazy<GibsClient> _client = new(() => new GibsClient(options with { Tries = Math.Min(options.Tries, MostTries) }, clock));

    /// <summary>A picture of the part, as the layer shows it.</summary>
    /// <exception cref="RefusedException">The part makes no sense (400); layer, date or place is not there (404); the imagery server failed (502) or took too long (504).</exception>
    public async Task<GibsPicture> FetchAsync(LayerPart part, int size, CancellationToken cancellationToken)
    {
        var request = Request(part, size);
        using var late = new CancellationTokenSource(_patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
        try
        {
            await _turns.WaitAsync(either.Token);
            try
            {
                return await _client.Value.FetchPictureAsync(request, either.Token);
            }
            finally
            {
                _turns.Release();
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new RefusedException(
                StatusCodes.Status504GatewayTimeout, $"The imagery server took longer than {_patience.TotalSeconds:0} seconds.", "Try again: what has come by now is kept. A smaller box needs less.");
        }
        catch (GibsException e) when (e.ServerFailed)
        {
            // What it answered instead stays here.
            throw new RefusedException(
                StatusCodes.Status502BadGateway, $"The imagery server {HostName()} gave no picture of {request.Layer} there.", "Try again in a while, or another date; `curator layers` tells whether the server answers.");
        }
        catch (GibsException e)
        {
            throw new RefusedException(StatusCodes.Status404NotFound, e.WhatHappened, e.NextStep);
        }
    }

    /// <summary>The picture to search by as a PNG: its gaps are filled, so that their shape is not what is found.</summary>
    /// <exception cref="RefusedException">As for <see cref="FetchAsync"/>; or hardly anything but gaps is there (422).</exception>
    public async Task<byte[]> FetchQueryAsync(LayerPart part, CancellationToken cancellationToken)
    {
        var picture = await FetchAsync(part, QuerySide, cancellationToken);
        var (width, height) = (picture.Image.Width, picture.Image.Height);
        var rgb = picture.Image.Rgb.ToArray();
        var mask = new byte[width * height];
        var missing = new GapDetector().Detect(rgb, width, height, mask);
        if (missing > MostMissing * mask.Length)
            throw new RefusedException(
                StatusCodes.Status422UnprocessableEntity, $"{part.Layer}{(picture.Time is { } time ? $" of {time}" : "")} shows hardly anything there: {(double)missing / mask.Length:P0} is a gap.",
                "Choose another date, or a box beside the gap.");
        GapFill.Apply(GapFillMethod.Smooth, rgb, width, height, mask, seed: 0);
        return _encoder.Png(new RgbImage(width, height, rgb), QuerySide);
    }

    public void Dispose()
    {
        if (_client.IsValueCreated) _client.Value.Dispose();
        _turns.Dispose();
    }

    /// <summary>Checks everything before anything is fetched.</summary>
    /// <exception cref="RefusedException">Says the first thing that is wrong.</exception>
    public static GibsPictureRequest Request(LayerPart part, int size)
    {
        Require(part.Layer is { Length: > 0 and <= LongestLayer }, "layer is missing or too long.");
        Require(size is >= SmallestSide and <= LargestSide, $"size is {size}; it must be {SmallestSide} to {LargestSide}.");
        Require(Enum.IsDefined(part.Projection), "projection must be geographic, arctic or antarctic.");
        GibsTime? time = null;
        if (part.Time is { } text)
        {
            Require(GibsTime.TryParse(text, out var read), "time must be a day such as 2020-09-27, or 2020-09-27T10:20:00Z.");
            time = read;
        }
        var polar = part.Projection != GibsProjection.Geographic;
        Require(part.Metres is null || polar, "metres are for the polar projections; give box.");
        Require(part.Box is null != part.Metres is null, "One of box and metres is given.");
        var (box, metres) = (default(BoundingBox), (GibsMetres?)null);
        if (part.Box is { } degrees)
        {
            Require(degrees is { South: >= -90, North: <= 90 } && degrees.South < degrees.North, "box.south must be below box.north, both -90 to 90.");
            Require(degrees is { West: >= -180 and <= 180, East: >= -180 and <= 180 } && degrees.West != degrees.East, "box.west and box.east must be -180 to 180, and not the same.");
            box = new BoundingBox(degrees.South, degrees.West, degrees.North, degrees.East);
        }
        else if (part.Metres is { } rectangle)
        {
            // Twice the largest grid: maps show the space around it too.
            const double farthest = 2e7;
            Require(
                new[] { rectangle.Left, rectangle.Bottom, rectangle.Right, rectangle.Top }.All(metre => Math.Abs(metre) <= farthest) && rectangle.Left < rectangle.Right && rectangle.Bottom < rectangle.Top,
                "metres.left must be below metres.right, and metres.bottom below metres.top.");
            metres = new GibsMetres(rectangle.Left, rectangle.Bottom, rectangle.Right, rectangle.Top);
        }
        return new GibsPictureRequest(part.Layer, box) { Time = time, Projection = part.Projection, MaxSide = size, Metres = metres };
    }

    private string HostName() => Uri.TryCreate(options.Address, UriKind.Absolute, out var address) ? address.Host : "of the settings";

    private static void Require(bool holds, string otherwise)
    {
        if (!holds) throw new RefusedException(StatusCodes.Status400BadRequest, otherwise, "Send what /openapi/v1.json describes.");
    }
}
