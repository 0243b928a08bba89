using System.Runtime.Intrinsics.X86;
using Curator.Search.Indexes;
using Curator.Search.Kernels;

namespace Curator.Benchmarks.Search;

/// <summary>The 512-bit paths beside the 256-bit ones on the same data, in the processor's cache and beyond it: nanoseconds a vector, in turn, best of several rounds.</summary>
internal static unsafe class KernelSuite
{
    public static void Run(Arguments arguments)
    {
        using var log = new RunLog("search-kernels", arguments);
        if (!Avx512BW.IsSupported)
        {
            log.Add(("kernel", "this processor has no AVX-512"));
            return;
        }

        foreach (var dimension in arguments.GetList("dimension", 128, 512))
            foreach (var vectors in arguments.GetList("kernel-vectors", 8192, 262_144))
                Measure(arguments, log, dimension, vectors);
    }

    private static void Measure(Arguments arguments, RunLog log, int dimension, int vectors)
    {
        var random = new Random(1);
        var blockBytes = BitCodes.BlockBytes(dimension);
        var blocks = GC.AllocateArray<byte>(vectors / BitCodes.BlockVectors * blockBytes + 64, pinned: true);
        random.NextBytes(blocks);
        var rows = GC.AllocateArray<byte>(vectors * ByteRows.Stride(dimension) + 64, pinned: true);
        random.NextBytes(rows);
        var panels = GC.AllocateArray<float>(vectors * dimension, pinned: true);
        for (var i = 0; i < panels.Length; i++) panels[i] = random.NextSingle() - 0.5f;
        var query = new PreparedQuery(Enumerable.Range(0, dimension).Select(_ => 1 / MathF.Sqrt(dimension)).ToArray(), new Rotation(dimension, IndexLayout.RotationSeed));
        // Constants and slopes that let nothing into the reservoir, so that the scan itself is measured.
        fixed (byte* b = blocks)
            for (var block = 0; block < vectors / BitCodes.BlockVectors; block++)
            {
                var factors = (float*)(b + ((long)block * blockBytes) + (BitCodes.Groups(dimension) * 16));
                for (var v = 0; v < 2 * BitCodes.BlockVectors; v++) factors[v] = 1;
            }

        var nearest = new NearestReservoir(1);
        nearest.Add(-1e6f, 0);
        fixed (byte* b = blocks, tables = query.Tables, r = rows)
        fixed (short* levels = query.Levels)
        fixed (float* p = panels, q = query.Rotated)
        {
            byte* codes = b, bytes = r;
            short* wanted = levels;
            float* panel = p, rotated = q;
            var scan = new BitScan.Query((nint)tables, query.TableStep, query.TableBias, query.Tables.Length / 16);
            var count = vectors / BitCodes.BlockVectors;
            var stride = ByteRows.Stride(dimension);
            var sink = 0;
            (string Name, Action Wide, Action Narrow)[] kernels =
            [
                ("1-bit scan", () => BitScan.Run512(codes, count, scan, 0, nearest, 0, default), () => BitScan.Run256(codes, count, scan, 0, nearest, 0, default)),
                ("8-bit rows", () => Sum(512), () => Sum(256)),
                ("centroids", () => Panels(512), () => Panels(256)),
            ];
            foreach (var (name, wide, narrow) in kernels)
            {
                double best512 = double.PositiveInfinity, best256 = best512;
                for (var round = 0; round < arguments.Get("rounds", 15); round++)
                {
                    best512 = Math.Min(best512, Time(wide));
                    best256 = Math.Min(best256, Time(narrow));
                }

                log.Add(("kernel", $"{name}, {dimension} numbers"), ("vectors", vectors), ("ns 512-bit", best512 / vectors * 1e9), ("ns 256-bit", best256 / vectors * 1e9), ("ratio", best256 / best512));
            }

            GC.KeepAlive(sink);

            void Sum(int width)
            {
                for (var i = 0; i < vectors; i++)
                    sink += width == 512 ? ByteRows.Dot512((sbyte*)bytes + ((long)i * stride), wanted, stride) : ByteRows.Dot256((sbyte*)bytes + ((long)i * stride), wanted, stride);
            }

            void Panels(int width)
            {
                var result = stackalloc float[PanelKernel.Width];
                for (var i = 0; i + PanelKernel.Width <= vectors; i += PanelKernel.Width)
                {
                    if (width == 512) PanelKernel.Dot512(panel + ((long)i * dimension), rotated, 1, dimension, result);
                    else PanelKernel.Dot256(panel + ((long)i * dimension), rotated, 1, dimension, result);
                }
            }
        }
    }

    /// <summary>Repeated until it takes long enough to be timed.</summary>
    private static double Time(Action work)
    {
        var repeats = 0;
        var start = ThreadClock.Seconds;
        double seconds;
        do
        {
            work();
            repeats++;
            seconds = ThreadClock.Seconds - start;
        }
        while (seconds < 0.01);
        return seconds / repeats;
    }
}
