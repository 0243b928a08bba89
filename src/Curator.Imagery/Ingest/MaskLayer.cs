using Curator.Core.Images;
using Curator.Imagery.Decoding;

namespace Curator.Imagery.Ingest;

/// <summary>Masks of no-data that lie beside the pictures: a folder with a picture of the same relative name, any format, bright where nothing was seen. One per thread.</summary>
internal sealed class MaskLayer(string? folder, string root)
{
    private const byte Bright = 128;

    private readonly ImageDecoder _decoder = new();

    /// <summary>Reads the picture's mask, stretched to its size by nearest pixels; false when there is none.</summary>
    /// <param name="mask"><c>[height, width]</c>; 1 where nothing was seen.</param>
    public bool TryRead(string uri, int width, int height, Span<byte> mask)
    {
        if (folder is null || SourceAddress.Parse(uri).IsInside) return false;
        var relative = Path.GetRelativePath(root, uri);
        if (relative.StartsWith("..", StringComparison.Ordinal)) relative = Path.GetFileName(uri);
        var beside = Path.Combine(folder, relative);
        string[] names = [beside, .. ((string[])[".png", ".tif", ".gif", ".webp", ".bmp", ".jpg"]).Select(ending => Path.ChangeExtension(beside, ending))];
        if (Array.Find(names, File.Exists) is not { } found) return false;
        var result = _decoder.DecodeFile(found, DecodeOptions.Default);
        if (!result.Succeeded) return false;
        var image = result.Image;
        var rgb = image.Pixels.Span;
        for (var y = 0; y < height; y++)
        {
            var row = (int)((long)y * image.Height / height) * image.Width;
            for (var x = 0; x < width; x++)
            {
                var at = 3 * (row + (int)((long)x * image.Width / width));
                mask[y * width + x] = Math.Max(rgb[at], Math.Max(rgb[at + 1], rgb[at + 2])) >= Bright ? (byte)1 : (byte)0;
            }
        }

        return true;
    }
}
