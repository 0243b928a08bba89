using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Curator.Core.Files;
using Curator.Learning.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace Curator.Learning.Native;

/// <summary>
/// Checks on this very machine that libtorch's convolutions are right, because on some processors they are not and say nothing
/// (docs/design/learning.md, "Wrong convolutions"). When they are wrong, oneDNN is turned off and the check is repeated. The verdict is kept
/// per processor model and library, so the check costs its second once.
/// </summary>
internal static class ConvolutionCanary
{
    private const double Tolerance = 1e-3;
    private const string Right = "right";
    private const string RightWithoutOneDnn = "right with oneDNN off";

    /// <summary>What the check said in this process.</summary>
    public static string Verdict { get; private set; } = "not run";

    /// <summary>Runs the check, or takes its kept verdict.</summary>
    /// <exception cref="Curator.Core.WorkspaceException">Wrong with oneDNN off too: nothing can be trained here.</exception>
    public static void EnsureChecked(string libraryKey)
    {
        var key = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"canary 2|{ProcessorName()}|{libraryKey}")))[..16];
        var path = Path.Combine(TorchRuntime.CacheFolder(), $"canary-{key}.txt");
        var kept = File.Exists(path) ? File.ReadAllText(path).Trim() : "";
        if (kept is Right or RightWithoutOneDnn)
        {
            if (kept == RightWithoutOneDnn) NativeContext.SetOneDnn(false);
            Verdict = kept;
            return;
        }

        var error = WorstError();
        Verdict = Right;
        if (error > Tolerance)
        {
            NativeContext.SetOneDnn(false);
            error = WorstError();
            Verdict = RightWithoutOneDnn;
        }
        if (error > Tolerance)
            throw new Curator.Core.WorkspaceException(
                string.Create(CultureInfo.InvariantCulture, $"libtorch's convolutions are wrong on this processor (relative error {error:0.###}; allowed {Tolerance})."),
                $"Point {TorchRuntime.FolderVariable} at another build of libtorch, or train on another machine.");
        AtomicFile.WriteText(path, Verdict);
    }

    /// <summary>The worst relative error of all shapes of the narrowest networks, and of one whole network.</summary>
    private static double WorstError()
    {
        var worst = 0.0;
        foreach (var architecture in (Architecture[])[Architecture.SmallCnn, Architecture.Resnet18])
            foreach (var (layer, side) in Architectures.Plan(architecture, 16).Convolutions(32))
                worst = Math.Max(worst, ShapeError(layer, side, seed: 1));
        return Math.Max(worst, NetworkError(Architectures.Plan(Architecture.Resnet18, 32)));
    }

    /// <summary>
    /// Largest error of output and both gradients against <see cref="LiteralConvolution"/>, relative to the largest value; infinite for NaN.
    /// </summary>
    public static double ShapeError(Layer layer, int side, int seed)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator((ulong)seed);
        const int batch = 2;
        var outSide = LiteralConvolution.OutputSide(side, layer.Kernel, layer.Stride, layer.Padding);
        var input = randn([batch, layer.In, side, side], generator: generator).requires_grad_(true);
        var weight = randn([layer.Out, layer.In, layer.Kernel, layer.Kernel], generator: generator).requires_grad_(true);
        var gradient = randn([batch, layer.Out, outSide, outSide], generator: generator);
        var output = Convolution.Forward(layer, input, weight);
        output.backward([gradient]);

        float[] x = Copy(input), w = Copy(weight), g = Copy(gradient);
        var forward = LiteralConvolution.Forward(x, w, batch, layer.In, side, layer.Out, layer.Kernel, layer.Stride, layer.Padding);
        var (byInput, byWeight) = LiteralConvolution.Backward(x, w, g, batch, layer.In, side, layer.Out, layer.Kernel, layer.Stride, layer.Padding);
        return Math.Max(Error(Copy(output), forward), Math.Max(Error(Copy(input.grad!), byInput), Error(Copy(weight.grad!), byWeight)));
    }

    /// <summary>Whole network in single against double precision (which oneDNN does not touch): one minus the least cosine of the features.</summary>
    private static double NetworkError(NetworkPlan plan)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var network = new Backbone(plan);
        network.train();
        using var generator = new Generator(7);
        var input = randn([4, 3, 64, 64], generator: generator);
        var single = network.forward(input).to(ScalarType.Float64);
        network.to(ScalarType.Float64);
        var twice = network.forward(input.to(ScalarType.Float64));
        var cosine = nn.functional.cosine_similarity(single, twice, dim: 1).min().item<double>();
        return double.IsNaN(cosine) ? double.PositiveInfinity : 1 - cosine;
    }

    private static double Error(float[] actual, double[] expected)
    {
        double largest = 0, difference = 0;
        for (var i = 0; i < expected.Length; i++)
        {
            if (!float.IsFinite(actual[i])) return double.PositiveInfinity;
            largest = Math.Max(largest, Math.Abs(expected[i]));
            difference = Math.Max(difference, Math.Abs(actual[i] - expected[i]));
        }
        return difference / Math.Max(largest, 1e-12);
    }

    private static float[] Copy(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return tensor.detach().contiguous().data<float>().ToArray();
    }

    /// <summary>Model and abilities of the processor: a verdict holds for these.</summary>
    internal static string ProcessorName()
    {
        const string path = "/proc/cpuinfo";
        if (!File.Exists(path)) return "unknown";
        var lines = File.ReadLines(path).Where(line => line.StartsWith("model", StringComparison.Ordinal) || line.StartsWith("flags", StringComparison.Ordinal));
        return string.Join('|', lines.Take(3));
    }
}
