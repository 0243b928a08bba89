using Curator.Core.Images;
using Curator.Imagery;
using Curator.Imagery.Decoding;

namespace Curator.Cli.Demo;

/// <summary>
/// NASA's Blue Marble Next Generation with topography and bathymetry, as the npm package three-globe carries it: the whole Earth in
/// EPSG:4326, 4096×2048 pixels, north up, one pixel 0.0879° (9.8 km at the equator).
/// </summary>
internal sealed class BlueMarble
{
    public const string Package = "three-globe";
    public const int Width = 4_096;
    public const int Height = 2_048;
    private const string RelativePath = "three-globe/example/img/earth-blue-marble.jpg";

    /// <summary>What the picture covers.</summary>
    public static readonly BoundingBox Box = new(-90, -180, 90, 180);

    /// <summary>
    /// The series shows each month of 2004; the package does not say which month this is. Snow down to 60° north and the snow-free, unlit strip
    /// along Siberia's Arctic coast speak for November or December. Tiles carry this nominal date.
    /// </summary>
    public static readonly DateOnly Date = new(2004, 12, 1);

    /// <summary>Terms, for reports.</summary>
    public const string Terms =
        "Picture: NASA Earth Observatory, Blue Marble: Next Generation with topography and bathymetry (R. Stöckli, E. Vermote, N. Saleous, " +
        "R. Simmon, D. Herring), from MODIS on Terra, 2004. NASA imagery is free to use, with credit and without implying endorsement. It comes in the npm package " +
        "three-globe 2.45.2 (MIT).";

    private BlueMarble(string path) => FilePath = path;

    /// <summary>Absolute.</summary>
    public string FilePath { get; }

    /// <param name="packages">The <c>node_modules</c> folder.</param>
    /// <exception cref="DemoDataException">The picture is not there.</exception>
    public static BlueMarble Find(string packages)
    {
        var path = Path.GetFullPath(Path.Combine(packages, RelativePath));
        return File.Exists(path) ? new BlueMarble(path) : throw new DemoDataException($"The Blue Marble picture is missing: {path} does not exist.");
    }

    /// <summary>Decodes the whole picture: 25 MB.</summary>
    /// <exception cref="DemoDataException">It cannot be decoded or has another size.</exception>
    public RgbImage Decode()
    {
        var result = new ImageDecoder().DecodeFile(FilePath, DecodeOptions.Default);
        if (!result.Succeeded) throw new DemoDataException($"The Blue Marble picture {FilePath} cannot be read: {result.Detail}.");
        var image = result.Image;
        if (image.Width != Width || image.Height != Height)
            throw new DemoDataException($"The Blue Marble picture {FilePath} has {image.Width}×{image.Height} pixels instead of {Width}×{Height}.");
        // The decoder is not used again, so its buffer is ours.
        return new RgbImage(image.Width, image.Height, image.Pixels);
    }
}
