namespace Curator.Core.Images;

/// <summary>One row of a partition's manifest (<c>images.parquet</c>): what is known of one image that could be decoded.</summary>
public sealed record ImageRecord
{
    /// <summary>
    /// Absolute path of the source file, as found; <c>PATH#OFFSET+LENGTH/NAME</c> for a picture inside a container (<see cref="SourceAddress"/>). Source files are read, never
    /// changed, moved or renamed.
    /// </summary>
    public required string Uri { get; init; }

    /// <summary>SHA-256 of the file's bytes, 64 lower-case hexadecimal digits.</summary>
    public required string Sha256 { get; init; }

    public required long SizeBytes { get; init; }

    /// <summary>Last write of the source file when it was added, nanoseconds since 1970-01-01 UTC; with the size it tells cheaply that a file changed.</summary>
    public required long ModifiedNanoseconds { get; init; }

    /// <summary>Pixels, after the EXIF orientation was applied.</summary>
    public required int Width { get; init; }

    /// <inheritdoc cref="Width"/>
    public required int Height { get; init; }

    /// <summary>As stored in the file: 1 grey, 3 RGB, 4 RGBA or CMYK.</summary>
    public required int Channels { get; init; }

    /// <summary>Bits per channel as stored in the file: 1 to 32.</summary>
    public required int BitDepth { get; init; }

    /// <summary>Directory of the file relative to the added root, with '/', empty at the root. With ImageFolder data it is the class.</summary>
    public required string Folder { get; init; }

    /// <summary>64-bit DCT perceptual hash.</summary>
    public required ulong PerceptualHash { get; init; }

    /// <summary>Mean luma, 0 to 255.</summary>
    public required float MeanLuma { get; init; }

    /// <summary>Standard deviation of the luma, 0 to 127.5; near zero for featureless pictures.</summary>
    public required float LumaDeviation { get; init; }

    /// <summary>Share of exactly black pixels, 0 to 1: the cheap estimate of no-data.</summary>
    public required float NoDataShare { get; init; }

    /// <summary>When the picture was taken, UTC, where the file name or the source tells.</summary>
    public DateTimeOffset? TakenAt { get; init; }

    /// <summary>Where, where the file name or the source tells.</summary>
    public BoundingBox? Footprint { get; init; }

    /// <summary>Estimated share of pixels under clouds, of those that were seen, 0 to 1; null where it was not measured.</summary>
    public float? CloudShare { get; init; }

    /// <summary>Mean size of the luma's second difference over that of its first, 0 to 2: small in blurred pictures; null where it was not measured or the picture has no edges.</summary>
    public float? Sharpness { get; init; }

    /// <summary>How its pixels are made of the file's samples.</summary>
    public Rendering Rendering { get; init; } = Rendering.Plain;

    /// <summary>The pixels that were never seen and are filled; null when there are none or <see cref="Rendering.Fill"/> is null.</summary>
    public GapMask? Gaps { get; init; }

    /// <summary>What the source says besides: the free columns.</summary>
    public ImageMetadata Metadata { get; init; } = ImageMetadata.Empty;
}
