using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using Curator.Core.Files;
using Curator.Learning.Networks;
using static TorchSharp.torch;

namespace Curator.Learning.Native;

/// <summary>Numbers that a training computes with.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Arithmetic>))]
internal enum Arithmetic
{
    /// <summary>32 bit, planes of channels.</summary>
    Single,

    /// <summary>32 bit stored, products of 19 bits on a GPU's matrix units.</summary>
    Tensor32,

    /// <summary>bfloat16 products, channels last.</summary>
    BFloat16,
}

/// <summary>
/// Checks every convolution shape of the very network that is to be trained, forward and both gradients, on the device and in the arithmetic of the
/// training, against double precision on the processor (which oneDNN does not touch). Whole training runs rest on it, so it is not a sample. The verdict is kept
/// under the user's cache folder. Thread-safe.
/// </summary>
internal static class PlanCanary
{
    private const int Batch = 4;
    private static readonly ConcurrentDictionary<string, double> Errors = new();

    /// <summary>Largest error that the arithmetic allows, relative to the largest value: wrong kernels are off by a tenth and more.</summary>
    public static double Tolerance(Arithmetic arithmetic) => arithmetic switch
    {
        Arithmetic.Single => 1e-3,
        Arithmetic.Tensor32 => 5e-3,
        _ => 2.5e-2,
    };

    /// <summary>Whether all shapes are right within the tolerance.</summary>
    public static bool IsRight(NetworkPlan plan, int imageSize, ComputeDevice device, Arithmetic arithmetic) =>
        WorstError(plan, imageSize, device, arithmetic) <= Tolerance(arithmetic);

    /// <summary>The worst error of all shapes; kept.</summary>
    public static double WorstError(NetworkPlan plan, int imageSize, ComputeDevice device, Arithmetic arithmetic)
    {
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"plan canary 3|{TorchRuntime.LibraryIdentity}|{ConvolutionCanary.ProcessorName()}|{NativeContext.OneDnnEnabled}|{device.Name}|{DriverName(device)}|{arithmetic}|{plan.Architecture}|{plan.Width}|{plan.Channels}|{plan.Features}|{imageSize}");
        return Errors.GetOrAdd(text, _ =>
        {
            var path = Path.Combine(TorchRuntime.CacheFolder(), $"canary-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16]}.txt");
            if (File.Exists(path) && double.TryParse(File.ReadAllText(path), NumberStyles.Float, CultureInfo.InvariantCulture, out var kept)) return kept;
            var worst = 0.0;
            foreach (var (layer, side) in plan.Convolutions(imageSize)) worst = Math.Max(worst, ShapeError(layer, side, device, arithmetic));
            AtomicFile.WriteText(path, worst.ToString("R", CultureInfo.InvariantCulture));
            return worst;
        });
    }

    /// <summary>Largest error of output and gradients, relative to the largest value of each; infinite for NaN.</summary>
    public static double ShapeError(Layer layer, int side, ComputeDevice device, Arithmetic arithmetic)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(((ulong)layer.In * 1_000) + (ulong)layer.Out);
        var outSide = LiteralConvolution.OutputSide(side, layer.Kernel, layer.Stride, layer.Padding);
        var input = randn([Batch, layer.In, side, side], generator: generator);
        var weight = randn([layer.Out, layer.In, layer.Kernel, layer.Kernel], generator: generator);
        var gradient = randn([Batch, layer.Out, outSide, outSide], generator: generator);
        var expected = Compute(layer, input.to(ScalarType.Float64), weight.to(ScalarType.Float64), gradient.to(ScalarType.Float64), default);

        Tensor Place(Tensor values)
        {
            var there = values.to(device.Device);
            return arithmetic == Arithmetic.BFloat16 ? ChannelsLast.Of(there) : there;
        }
        var actual = Compute(layer, Place(input), Place(weight), Place(gradient), arithmetic == Arithmetic.BFloat16 ? device : null);
        // Nothing is learned before the pictures, so the first convolution's gradient by its input is never computed.
        return Enumerable.Range(0, layer.Input == 0 ? 2 : 3).Max(i => Error(actual[i], expected[i]));
    }

    /// <returns>Output, gradient by weight, gradient by input.</returns>
    private static Tensor[] Compute(Layer layer, Tensor input, Tensor weight, Tensor gradient, ComputeDevice? halved)
    {
        var x = input.detach().requires_grad_(layer.Input != 0);
        var w = weight.detach().requires_grad_(true);
        Tensor output;
        using (halved is null ? default : NativeContext.BeginBFloat16(halved))
            output = input.dtype == ScalarType.Float64
                ? nn.functional.conv2d(x, w, strides: [layer.Stride, layer.Stride], padding: [layer.Padding, layer.Padding])
                : Convolution.Forward(layer, x, w);
        output.backward([gradient.to(output.dtype)]);
        return layer.Input == 0 ? [output, w.grad!] : [output, w.grad!, x.grad!];
    }

    private static double Error(Tensor actual, Tensor expected)
    {
        using var scope = NewDisposeScope();
        var difference = (actual.detach().to(CPU).to(ScalarType.Float64) - expected.detach()).abs().max().item<double>();
        var error = difference / Math.Max(expected.detach().abs().max().item<double>(), 1e-12);
        return double.IsFinite(error) ? error : double.PositiveInfinity;
    }

    private static string DriverName(ComputeDevice device)
    {
        const string path = "/proc/driver/nvidia/version";
        return device.IsCuda && File.Exists(path) ? File.ReadLines(path).FirstOrDefault("") : "";
    }
}
