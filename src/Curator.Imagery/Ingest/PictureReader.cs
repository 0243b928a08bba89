using System.Security.Cryptography;
using Curator.Core.Images;
using Curator.Imagery.Containers;
using Curator.Imagery.Decoding;
using Curator.Imagery.Gaps;
using Curator.Imagery.Geography;
using Curator.Imagery.Hashing;
using Curator.Imagery.Health;
using Curator.Imagery.Resizing;
using Curator.Imagery.Scenes;

namespace Curator.Imagery.Ingest;

/// <summary>Makes rows of files, each read once. One per thread.</summary>
internal sealed class PictureReader(string root, IngestShard work)
{
    private readonly DecodeOptions _options = new() { LimitPixels = work.LimitPixels };
    private readonly IngestRendering _rendering = new(work.Bands, work.Stretch);
    private readonly MaskLayer _masks = new(work.Mask, root);
    private readonly string? _fill = work.Fill == IngestFill.None ? null : work.Fill.ToString().ToLowerInvariant();
    private readonly GapDetector _gaps = new();
    private readonly SourceFile _source = new();
    private readonly ImageDecoder _decoder = new();
    private readonly PerceptualHash _hash = new(new Resizer());
    private byte[] _mask = [];

    public ImageRecord? Read(SourceEntry entry, out RejectedFile? refusal)
    {
        refusal = null;
        var path = entry.Path;
        var problem = _source.Read(path, _options.LimitFileBytes, out var detail);
        DecodedImage? image = null;
        var rendering = Rendering.Plain;
        if (problem is null)
        {
            rendering = _rendering.For(_source.Bytes);
            var result = _decoder.Decode(_source.Bytes, rendering.IsPlain ? _options : _options with { Rendering = rendering });
            (image, problem, detail) = (result.Image, result.Problem, result.Detail);
        }

        if (image is null)
        {
            refusal = new RejectedFile(path, problem!.Value, detail, _source.SizeBytes, _source.ModifiedNanoseconds);
            return null;
        }

        var pixels = image.Pixels.Span;
        var facts = PictureFacts.Of(pixels);
        var quality = PictureQuality.Of(pixels, image.Width, image.Height);
        var said = SourceFacts.Parse(entry.Facts);
        var named = TileName.TryParseMoment(path, out var takenAt, out var box);
        var (gaps, noData) = Gaps(path, image);
        return new ImageRecord
        {
            Uri = path,
            Sha256 = Convert.ToHexStringLower(SHA256.HashData(_source.Bytes)),
            SizeBytes = _source.Length,
            ModifiedNanoseconds = _source.ModifiedNanoseconds,
            Width = image.Width,
            Height = image.Height,
            Channels = image.Channels,
            BitDepth = image.BitDepth,
            Folder = FolderOf(path),
            PerceptualHash = _hash.Of(pixels, image.Width, image.Height),
            MeanLuma = facts.MeanLuma,
            LumaDeviation = facts.LumaDeviation,
            NoDataShare = noData ?? facts.NoDataShare,
            CloudShare = quality.CloudShare,
            Sharpness = quality.Sharpness,
            TakenAt = said.TakenAt ?? takenAt,
            Footprint = said.Footprint ?? (named ? box : image.Format == ImageFormat.Tiff ? GeoTags.Read(_source.Bytes).Place?.Footprint(image.Width, image.Height) : null),
            Rendering = gaps is null ? rendering : rendering with { Fill = _fill },
            Gaps = gaps,
            Metadata = said.Metadata,
        };
    }

    /// <summary>The mask to be kept and its share; none when nothing is to be filled.</summary>
    private (GapMask? Mask, float? Share) Gaps(string path, DecodedImage image)
    {
        if (_fill is null) return (null, null);
        var pixels = image.Width * image.Height;
        if (_mask.Length < pixels) _mask = new byte[pixels];
        var mask = _mask.AsSpan(0, pixels);
        var missing = _masks.TryRead(path, image.Width, image.Height, mask) ? mask.Count((byte)1) : _gaps.Detect(image.Pixels.Span, image.Width, image.Height, mask);
        return missing == 0 ? (null, null) : (GapMask.Of(mask, image.Width, image.Height), (float)((double)missing / pixels));
    }

    private string FolderOf(string path)
    {
        if (path == root) return "";
        if (SourceAddress.Parse(path) is { IsInside: true } inside)
        {
            var name = path[(path.IndexOf('/', inside.Path.Length) + 1)..];
            return name.LastIndexOf('/') is > 0 and var slash ? name[..slash] : "";
        }

        var folder = Path.GetRelativePath(root, Path.GetDirectoryName(path)!);
        if (folder.StartsWith("..", StringComparison.Ordinal)) return Path.GetFileName(Path.GetDirectoryName(path)!); // Named by a list that lies elsewhere.
        return folder == "." ? "" : folder.Replace(Path.DirectorySeparatorChar, '/');
    }
}
