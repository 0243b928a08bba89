namespace Curator.Imagery.Decoding;

/// <summary>How a picture is stored, decided by its first bytes and never by its name.</summary>
public enum ImageFormat
{
    Jpeg,
    Png,
    WebP,
    Gif,
    Bmp,
    Tiff,
}
