using BitMiracle.LibTiff.Classic;

namespace Curator.Imagery.Tests.Support;

/// <summary>TIFFs of many bands for tests, written by the library that GDAL's own descends from.</summary>
internal static class GeoTiffs
{
    /// <param name="sample">Value of (band, x, y).</param>
    public static byte[] Make(int width, int height, int bands, int bits, int format, Func<int, int, int, double> sample, bool planar = false, int tile = 0, Compression compression = Compression.LZW)
    {
        var stream = new MemoryStream();
        using (var tiff = Tiff.ClientOpen("made", "w", stream, new TiffStream()))
        {
            tiff.SetField(TiffTag.IMAGEWIDTH, width);
            tiff.SetField(TiffTag.IMAGELENGTH, height);
            tiff.SetField(TiffTag.SAMPLESPERPIXEL, bands);
            tiff.SetField(TiffTag.BITSPERSAMPLE, bits);
            tiff.SetField(TiffTag.SAMPLEFORMAT, (SampleFormat)format);
            tiff.SetField(TiffTag.PHOTOMETRIC, bands >= 3 ? Photometric.RGB : Photometric.MINISBLACK);
            tiff.SetField(TiffTag.PLANARCONFIG, planar ? PlanarConfig.SEPARATE : PlanarConfig.CONTIG);
            tiff.SetField(TiffTag.COMPRESSION, compression);
            if (tile > 0)
            {
                tiff.SetField(TiffTag.TILEWIDTH, tile);
                tiff.SetField(TiffTag.TILELENGTH, tile);
            }
            else
            {
                tiff.SetField(TiffTag.ROWSPERSTRIP, 7);
            }

            var (across, down) = tile > 0 ? (tile, tile) : (width, 7);
            var piece = 0;
            foreach (var plane in planar ? Enumerable.Range(0, bands) : [-1])
                for (var top = 0; top < height; top += down)
                    for (var left = 0; left < width; left += across)
                    {
                        var rows = tile > 0 ? tile : Math.Min(down, height - top);
                        using var bytes = new MemoryStream();
                        using var writer = new BinaryWriter(bytes);
                        for (var y = top; y < top + rows; y++)
                            for (var x = left; x < left + across; x++)
                                foreach (var band in plane < 0 ? Enumerable.Range(0, bands) : [plane])
                                    Write(writer, x < width && y < height ? sample(band, x, y) : 0);
                        var content = bytes.ToArray();
                        if (tile > 0) tiff.WriteEncodedTile(piece++, content, content.Length);
                        else tiff.WriteEncodedStrip(piece++, content, content.Length);
                    }
        }

        return stream.ToArray();

        void Write(BinaryWriter writer, double value)
        {
            switch (bits, format)
            {
                case (8, _): writer.Write((byte)value); break;
                case (16, 2): writer.Write((short)value); break;
                case (16, _): writer.Write((ushort)value); break;
                case (32, 3): writer.Write((float)value); break;
                case (32, _): writer.Write((int)value); break;
                default: writer.Write(value); break;
            }
        }
    }
}
