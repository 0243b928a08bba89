using System.Globalization;
using BitMiracle.LibTiff.Classic;

namespace Curator.Imagery.Geography;

/// <summary>Samples of a picture of any number of bands.</summary>
/// <param name="Bits">8, 16, 32 or 64 a sample.</param>
/// <param name="SampleFormat">1 unsigned, 2 signed, 3 floating point.</param>
public readonly record struct RasterForm(int Width, int Height, int Bands, int Bits, int SampleFormat)
{
    public int PixelBytes => Bands * Bits / 8;
}

/// <summary>
/// Writes GeoTIFF (OGC GeoTIFF 1.1): interleaved samples in strips, Deflate, with pixel scale, tie point, the coordinate system's EPSG number and GDAL's no-data tag. Thread-safe.
/// </summary>
public static class GeoTiffWriter
{
    private const TiffTag ModelPixelScale = (TiffTag)33550;
    private const TiffTag ModelTiePoint = (TiffTag)33922;
    private const TiffTag GeoKeyDirectory = (TiffTag)34735;
    private const TiffTag GdalNoData = (TiffTag)42113;

    private const int StripBytes = 64 << 10;

    private static readonly Tiff.TiffExtendProc? s_before;

    // Written out, because a field alone is made when it is first read, which may be too late.
    static GeoTiffWriter() => s_before = Tiff.SetTagExtender(Extend);

    /// <param name="samples"><c>[Height, Width, Bands]</c>, this machine's byte order.</param>
    /// <param name="place">Null for a plain TIFF.</param>
    /// <param name="noData">The number that stands where nothing was seen; null for none.</param>
    public static byte[] Encode(ReadOnlySpan<byte> samples, RasterForm form, GeoReference? place, double? noData)
    {
        if (samples.Length != (long)form.Width * form.Height * form.PixelBytes)
            throw new ArgumentException($"{samples.Length} bytes are not {form.Height}×{form.Width}×{form.Bands} samples of {form.Bits} bits.", nameof(samples));
        using var stream = new MemoryStream();
        using (var tiff = Tiff.ClientOpen("tile", "w", stream, new TiffStream()))
        {
            var stride = form.Width * form.PixelBytes;
            var rows = Math.Clamp(StripBytes / Math.Max(1, stride), 1, form.Height);
            tiff.SetField(TiffTag.IMAGEWIDTH, form.Width);
            tiff.SetField(TiffTag.IMAGELENGTH, form.Height);
            tiff.SetField(TiffTag.SAMPLESPERPIXEL, form.Bands);
            tiff.SetField(TiffTag.BITSPERSAMPLE, form.Bits);
            tiff.SetField(TiffTag.SAMPLEFORMAT, (SampleFormat)form.SampleFormat);
            tiff.SetField(TiffTag.PLANARCONFIG, PlanarConfig.CONTIG);
            tiff.SetField(TiffTag.PHOTOMETRIC, form.Bands is 3 or 4 ? Photometric.RGB : Photometric.MINISBLACK);
            if (form.Bands is not (1 or 3)) tiff.SetField(TiffTag.EXTRASAMPLES, form.Bands - (form.Bands == 4 ? 3 : 1), new short[form.Bands - (form.Bands == 4 ? 3 : 1)]);
            tiff.SetField(TiffTag.COMPRESSION, Compression.ADOBE_DEFLATE);
            tiff.SetField(TiffTag.ROWSPERSTRIP, rows);
            if (place is not null) SetPlace(tiff, place, form);
            if (noData is { } number) tiff.SetField(GdalNoData, number.ToString("R", CultureInfo.InvariantCulture));
            var strip = 0;
            for (var top = 0; top < form.Height; top += rows)
            {
                var piece = samples.Slice(top * stride, Math.Min(rows, form.Height - top) * stride).ToArray();
                if (tiff.WriteEncodedStrip(strip++, piece, piece.Length) < 0) throw new IOException("The TIFF's data could not be packed.");
            }
        }

        return stream.ToArray();
    }

    private static void SetPlace(Tiff tiff, GeoReference place, RasterForm form)
    {
        const short ModelType = 1024, RasterType = 1025, GeographicType = 2048, ProjectedType = 3072, PixelIsArea = 1, Projected = 1, Geographic = 2;
        tiff.SetField(ModelPixelScale, 3, new[] { place.PixelX, -place.PixelY, 0 });
        tiff.SetField(ModelTiePoint, 6, new[] { 0, 0, 0, place.OriginX, place.OriginY, 0 });
        var geographic = place.IsGeographic(form.Width, form.Height);
        var epsg = place.Epsg ?? (geographic ? 4326 : 0);
        var keys = new List<short> { 1, 1, 0, 2, ModelType, 0, 1, geographic ? Geographic : Projected, RasterType, 0, 1, PixelIsArea };
        if (epsg is > 0 and < 32_767)
        {
            keys.AddRange([geographic ? GeographicType : ProjectedType, 0, 1, (short)epsg]);
            keys[3] = 3;
        }

        tiff.SetField(GeoKeyDirectory, keys.Count, keys.ToArray());
    }

    private static void Extend(Tiff tiff)
    {
        const short Any = -1; // TIFF_VARIABLE
        TiffFieldInfo[] fields =
        [
            new(ModelPixelScale, Any, Any, TiffType.DOUBLE, FieldBit.Custom, true, true, "ModelPixelScale"),
            new(ModelTiePoint, Any, Any, TiffType.DOUBLE, FieldBit.Custom, true, true, "ModelTiePoint"),
            new(GeoKeyDirectory, Any, Any, TiffType.SHORT, FieldBit.Custom, true, true, "GeoKeyDirectory"),
            new(GdalNoData, Any, Any, TiffType.ASCII, FieldBit.Custom, true, false, "GdalNoData"),
        ];
        tiff.MergeFieldInfo(fields, fields.Length);
        s_before?.Invoke(tiff);
    }
}
