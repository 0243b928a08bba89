using System.Diagnostics;
using System.Globalization;
using Curator.Imagery.Decoding;
using Curator.Imagery.Hashing;
using Curator.Imagery.Resizing;
using SkiaSharp;

/// <summary>Where the time of a picture goes: each step with all those before it.</summary>
internal static unsafe class Parts
{
    public static void Run(string[] files, int passes)
    {
        var contents = files.Select(File.ReadAllBytes).ToArray();
        var (decoder, resizer, hash) = (new ImageDecoder(), new Resizer(), new PerceptualHash());
        var (buffer, target, small) = (new byte[1 << 22], new byte[224 * 224 * 3], new byte[32 * 32 * 3]);
        var shrunk = new DecodeOptions { ShortestSide = PerceptualHash.DecodedSide };
        long sum = 0;
        var steps = new List<(string Name, Action<int> Do)>
        {
            ("Skia alone, whole", i => sum += Skia(contents[i], buffer, 8)),
            ("Skia alone, half", i => sum += Skia(contents[i], buffer, 4)),
            ("Skia alone, quarter", i => sum += Skia(contents[i], buffer, 2)),
            ("Skia alone, eighth", i => sum += Skia(contents[i], buffer, 1)),
            ("decoder, from memory", i => sum += decoder.Decode(contents[i], DecodeOptions.Default).Image!.Pixels.Span[0]),
            ("decoder, from files", i => sum += decoder.DecodeFile(files[i], DecodeOptions.Default).Image!.Pixels.Span[0]),
            ("decoder, to 224", i =>
            {
                var image = decoder.DecodeFile(files[i], DecodeOptions.Default).Image!;
                resizer.Resize(image.Pixels.Span, image.Width, image.Height, target, 224, 224);
            }),
            ("decoder, to 32", i =>
            {
                var image = decoder.DecodeFile(files[i], DecodeOptions.Default).Image!;
                resizer.Resize(image.Pixels.Span, image.Width, image.Height, small, 32, 32);
            }),
            ("decoder, small", i => sum += decoder.DecodeFile(files[i], shrunk).Image!.Pixels.Span[0]),
            ("decoder, small, hash", i =>
            {
                var image = decoder.DecodeFile(files[i], shrunk).Image!;
                sum += (long)hash.Of(image.Pixels.Span, image.Width, image.Height);
            }),
            ("decoder, hash", i =>
            {
                var image = decoder.DecodeFile(files[i], DecodeOptions.Default).Image!;
                sum += (long)hash.Of(image.Pixels.Span, image.Width, image.Height);
            }),
        };
        foreach (var (_, act) in steps) Pass(act, 4);
        var best = new double[steps.Count];
        for (var turn = 0; turn < 5; turn++)
            for (var s = 0; s < steps.Count; s++)
            {
                var before = Environment.CpuUsage.TotalTime;
                Pass(steps[s].Do, passes);
                best[s] = Math.Max(best[s], files.Length * passes / (Environment.CpuUsage.TotalTime - before).TotalSeconds);
            }
        for (var s = 0; s < steps.Count; s++) Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{steps[s].Name,-24} {best[s],7:0} a second, {1e6 / best[s],6:0} us"));
        Trace.WriteLine(sum);

        void Pass(Action<int> act, int times)
        {
            for (var t = 0; t < times; t++)
                for (var i = 0; i < files.Length; i++)
                    act(i);
        }
    }

    /// <summary>How many pictures' hashes change by how many bits when they are decoded to no less than a shortest side.</summary>
    public static void Bits(string[] files)
    {
        var (decoder, hash, fine) = (new ImageDecoder(), new PerceptualHash(), new FineHash());
        var (whole, small) = (new ulong[FineHash.Words], new ulong[FineHash.Words]);
        foreach (var side in (int[])[PerceptualHash.DecodedSide, 64, 32])
        {
            var counts = new SortedDictionary<int, int>();
            var fines = new List<int>();
            foreach (var file in files.Where(file => Path.GetExtension(file) is ".jpg" or ".jpeg"))
            {
                var image = decoder.DecodeFile(file, DecodeOptions.Default).Image!;
                var (width, coarse) = (image.Width, hash.Of(image.Pixels.Span, image.Width, image.Height));
                fine.Of(image.Pixels.Span, image.Width, image.Height, whole);
                image = decoder.DecodeFile(file, new DecodeOptions { ShortestSide = side }).Image!;
                if (image.Width == width) continue;
                var bits = PerceptualHash.Distance(coarse, hash.Of(image.Pixels.Span, image.Width, image.Height));
                counts[bits] = counts.GetValueOrDefault(bits) + 1;
                fine.Of(image.Pixels.Span, image.Width, image.Height, small);
                fines.Add(FineHash.Distance(whole, small));
            }

            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"at least {side}: {fines.Count} pictures; of 64 bits change {string.Join(", ", counts.Select(pair => $"{pair.Key} in {pair.Value}"))}; of 256 {(fines.Count == 0 ? 0 : fines.Average()):0.00}, at most {(fines.Count == 0 ? 0 : fines.Max())}"));
        }
    }

    private static int Skia(byte[] file, byte[] buffer, int eighths)
    {
        fixed (byte* bytes = file, pixels = buffer)
        {
            using var data = SKData.Create((nint)bytes, file.Length);
            using var codec = SKCodec.Create(new SKMemoryStream(data));
            var size = codec.GetScaledDimensions(eighths / 8f);
            var info = new SKImageInfo(size.Width, size.Height, SKColorType.Rgba8888, SKAlphaType.Opaque);
            if (codec.GetPixels(info, (nint)pixels, info.RowBytes, SKCodecOptions.Default) != SKCodecResult.Success) throw new InvalidOperationException();
            return pixels[0];
        }
    }
}
