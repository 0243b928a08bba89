using System.Buffers.Binary;
using Curator.Core.Images;

namespace Curator.Imagery.Decoding;

/// <summary>Finds the frame header of a JPEG (ITU-T T.81, annex B) by walking its marker segments.</summary>
internal static class JpegHeader
{
    public static ImageProblem? TryRead(ReadOnlySpan<byte> file, out ImageHeader header, out string detail)
    {
        header = default;
        detail = "the file ends before its frame header";
        var at = 2;
        while (at + 4 <= file.Length)
        {
            if (file[at] != 0xFF)
            {
                detail = $"byte {at} should begin a marker";
                return ImageProblem.Corrupt;
            }
            var marker = file[at + 1];
            if (marker == 0xFF) // Fill byte.
            {
                at++;
                continue;
            }
            if (marker is 0x01 or (>= 0xD0 and <= 0xD7)) // No segment follows.
            {
                at += 2;
                continue;
            }
            if (marker is 0xD9 or 0xDA)
            {
                detail = "the picture begins before its frame header";
                return ImageProblem.Corrupt;
            }
            var length = BinaryPrimitives.ReadUInt16BigEndian(file[(at + 2)..]);
            if (length < 2)
            {
                detail = $"the segment at byte {at} has length {length}";
                return ImageProblem.Corrupt;
            }
            if (marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC))
                return ReadFrame(file[(at + 4)..], marker, ref header, ref detail);
            at += 2 + length;
        }
        return ImageProblem.Truncated;
    }

    private static ImageProblem? ReadFrame(ReadOnlySpan<byte> frame, byte marker, ref ImageHeader header, ref string detail)
    {
        if (frame.Length < 6) return ImageProblem.Truncated;
        var precision = frame[0];
        int height = BinaryPrimitives.ReadUInt16BigEndian(frame[1..]);
        int width = BinaryPrimitives.ReadUInt16BigEndian(frame[3..]);
        int components = frame[5];
        if (marker is not (0xC0 or 0xC1 or 0xC2) || precision != 8)
        {
            detail = $"JPEG process {marker - 0xC0} with {precision} bits; baseline and progressive with 8 bits are read";
            return ImageProblem.Unsupported;
        }
        if (components is not (1 or 3 or 4))
        {
            detail = $"the frame has {components} components; 1, 3 or 4 exist";
            return ImageProblem.Corrupt;
        }
        if (height == 0)
        {
            detail = "the height comes after the picture (DNL)";
            return ImageProblem.Unsupported;
        }
        header = new ImageHeader(ImageFormat.Jpeg, width, height, components, precision);
        return null;
    }
}
