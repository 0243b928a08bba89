using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Curator.Core.Images;
using Curator.Imagery.Decoding;

namespace Curator.Imagery.Isolated;

/// <summary>
/// The child's side of <see cref="DecoderHost"/>: pictures come in over standard input, pixels go out over standard output, until the input ends. Little-endian.
/// Asked: length (int32), most pixels (int64), longest side wanted (int32, 0 for as it is), the file. Answered: 0, width, height, channels, bit depth (int32 each), the pixels; or 1, the
/// problem (int32), the length of a text (int32), the text in UTF-8.
/// </summary>
public static partial class DecoderWorker
{
    internal const int RequestBytes = 16;
    internal const int AnswerBytes = 17;

    private const int ResourceData = 2; // RLIMIT_DATA on Linux: private memory that can be written, mapped or not.

    /// <summary>Serves until the input ends.</summary>
    /// <param name="memoryBytes">The system refuses the process more private memory than this; 0 for no limit. Linux only.</param>
    public static void Run(Stream input, Stream output, long memoryBytes)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(output);
        if (memoryBytes > 0 && OperatingSystem.IsLinux()) _ = SetLimit(ResourceData, [(ulong)memoryBytes, (ulong)memoryBytes]);
        var decoder = new ImageDecoder();
        Span<byte> head = stackalloc byte[RequestBytes];
        while (input.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) == head.Length)
        {
            var file = new byte[BinaryPrimitives.ReadInt32LittleEndian(head)];
            input.ReadExactly(file);
            var options = new DecodeOptions { LimitPixels = BinaryPrimitives.ReadInt64LittleEndian(head[4..]) };
            Answer(output, Decode(decoder, file, options), BinaryPrimitives.ReadInt32LittleEndian(head[12..]));
            output.Flush();
        }
    }

    private static DecodeResult Decode(ImageDecoder decoder, byte[] file, DecodeOptions options)
    {
        try
        {
            return decoder.Decode(file, options);
        }
        catch (Exception e)
        {
            // A bug of ours must not end the child: the asker gets a reason.
            return DecodeResult.Refused(ImageProblem.Corrupt, SourceFile.OneLine($"{e.GetType().Name}: {e.Message}"));
        }
    }

    private static void Answer(Stream output, DecodeResult result, int side)
    {
        Span<byte> head = stackalloc byte[AnswerBytes];
        head.Clear();
        if (!result.Succeeded)
        {
            var detail = Encoding.UTF8.GetBytes(result.Detail);
            head[0] = 1;
            BinaryPrimitives.WriteInt32LittleEndian(head[1..], (int)result.Problem.Value);
            BinaryPrimitives.WriteInt32LittleEndian(head[5..], detail.Length);
            output.Write(head);
            output.Write(detail);
            return;
        }

        var image = result.Image;
        var (width, height, pixels) = (image.Width, image.Height, image.Pixels);
        if (side > 0 && Math.Max(width, height) > side)
        {
            var longest = Math.Max(width, height);
            var (smallWidth, smallHeight) = (Math.Max(1, (int)Math.Round((double)width * side / longest)), Math.Max(1, (int)Math.Round((double)height * side / longest)));
            var small = new byte[3 * smallWidth * smallHeight];
            new Resizing.Resizer().Resize(pixels.Span, width, height, small, smallWidth, smallHeight);
            (width, height, pixels) = (smallWidth, smallHeight, small);
        }

        BinaryPrimitives.WriteInt32LittleEndian(head[1..], width);
        BinaryPrimitives.WriteInt32LittleEndian(head[5..], height);
        BinaryPrimitives.WriteInt32LittleEndian(head[9..], image.Channels);
        BinaryPrimitives.WriteInt32LittleEndian(head[13..], image.BitDepth);
        output.Write(head);
        output.Write(pixels.Span);
    }

    [LibraryImport("libc", EntryPoint = "setrlimit", SetLastError = true)]
    private static partial int SetLimit(int resource, ulong[] limit);
}
