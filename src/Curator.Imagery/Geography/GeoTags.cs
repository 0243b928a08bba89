using System.Globalization;
using Curator.Imagery.Decoding;

namespace Curator.Imagery.Geography;

/// <summary>What a GeoTIFF says of its place (OGC GeoTIFF 1.1) and of missing samples (GDAL's tag 42113).</summary>
/// <param name="Place">Null when the tags say none that is read: rotated grids, ground control points.</param>
/// <param name="NoData">The number that stands where nothing was seen; null when not said.</param>
internal readonly record struct GeoTags(GeoReference? Place, double? NoData)
{
    private const int GeographicType = 2048;
    private const int ProjectedType = 3072;
    private const int RasterType = 1025;
    private const int UserDefined = 32_767;

    /// <summary>Reads the first directory; what is damaged is as if it were not there.</summary>
    public static GeoTags Read(ReadOnlySpan<byte> file)
    {
        if (!TiffHeader.IsTiff(file)) return default;
        var reader = new TiffHeader.Reader(file);
        if (!reader.TryFirstDirectory(out var at, out var entries) || entries is <= 0 or > 4096) return default;
        double[] scale = [], tie = [], matrix = [], keys = [];
        double? noData = null;
        for (var i = 0L; i < entries; i++, at += reader.EntryBytes)
        {
            if (!reader.TryEntry(at, out var entry)) break;
            switch (entry.Tag)
            {
                case 33550: scale = reader.Numbers(entry, 3); break;
                case 33922: tie = reader.Numbers(entry, 6); break;
                case 34264: matrix = reader.Numbers(entry, 16); break;
                case 34735: keys = reader.Numbers(entry, 1024); break;
                case 42113 when double.TryParse(reader.Text(entry, 64), NumberStyles.Float, CultureInfo.InvariantCulture, out var value): noData = value; break;
            }
        }

        return new GeoTags(PlaceOf(scale, tie, matrix, keys), noData);
    }

    private static GeoReference? PlaceOf(double[] scale, double[] tie, double[] matrix, double[] keys)
    {
        int? epsg = null;
        var isPoint = false;
        for (var i = 4; i + 3 < keys.Length; i += 4)
        {
            if (keys[i + 1] != 0) continue;
            if (keys[i] is GeographicType or ProjectedType && keys[i + 3] is > 0 and < UserDefined) epsg = (int)keys[i + 3];
            if (keys[i] == RasterType) isPoint = keys[i + 3] == 2;
        }

        (double X, double Y, double Across, double Down) grid;
        if (scale.Length >= 2 && tie.Length == 6) grid = (tie[3] - tie[0] * scale[0], tie[4] + tie[1] * scale[1], scale[0], -scale[1]);
        else if (matrix.Length == 16 && matrix[1] == 0 && matrix[4] == 0) grid = (matrix[3], matrix[7], matrix[0], matrix[5]);
        else return null;
        if (!(double.IsFinite(grid.X + grid.Y) && grid.Across > 0 && grid.Down < 0)) return null;
        // A point is the middle of its pixel; we speak of corners.
        return isPoint
            ? new GeoReference(grid.X - grid.Across / 2, grid.Y - grid.Down / 2, grid.Across, grid.Down, epsg)
            : new GeoReference(grid.X, grid.Y, grid.Across, grid.Down, epsg);
    }
}
