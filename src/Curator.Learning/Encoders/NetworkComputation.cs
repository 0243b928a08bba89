using System.Globalization;
using Curator.Core;
using Curator.Learning.Native;
using Curator.Learning.Networks;

namespace Curator.Learning.Encoders;

/// <summary>
/// Where and in what numbers a network of ours computes when libtorch runs it. Where there is none of these (null), ONNX Runtime runs it in single precision on the processor. Immutable.
/// </summary>
/// <param name="Device">cpu, cuda or cuda:N.</param>
/// <param name="BFloat16">Else single precision.</param>
internal sealed record NetworkComputation(string Device, bool BFloat16)
{
    /// <summary>What a setting may say.</summary>
    public const string DevicePattern = "cpu|cuda(:[0-9]{1,2})?";

    private const string Processor = "cpu";

    /// <summary>As a part of files: rows of different arithmetic, and of processor and GPU, do not mix. Which GPU it was does not count.</summary>
    public string Name => string.Create(CultureInfo.InvariantCulture, $"{(BFloat16 ? "bf16" : "fp32")}-{(IsCuda ? "cuda" : Processor)}");

    private bool IsCuda => Device != Processor;

    /// <summary>
    /// Pictures in one run of the network, a power of two: fixed on each kind of device, because other batches may round otherwise and bytes must not depend on who computes. On the processor 128 pictures of
    /// 64 pixels are the quickest (docs/design/learning.md, "Embedding"); large pictures are fewer, so that memory is bounded.
    /// </summary>
    public int BatchSize(int imageSize)
    {
        var (batch, pixels) = IsCuda ? (256, 256L * 128 * 128) : (128, 128L * 64 * 64);
        while (batch > 8 && (long)batch * imageSize * imageSize > pixels) batch /= 2;
        return batch;
    }

    /// <summary>Whether oneDNN's fused convolutions do it.</summary>
    public bool IsFused => BFloat16 && !IsCuda;

    public Arithmetic Arithmetic => BFloat16 ? Arithmetic.BFloat16 : Arithmetic.Single;

    /// <summary>What the settings ask for; null for single precision on the processor, which ONNX Runtime computes.</summary>
    public static NetworkComputation? Of(string device, EmbedArithmetic arithmetic)
    {
        var wished = new NetworkComputation(device, arithmetic == EmbedArithmetic.Bf16 || (arithmetic == EmbedArithmetic.Auto && device != Processor));
        return wished is { IsCuda: false, BFloat16: false } ? null : wished;
    }

    /// <summary>What it means for an encoder; null for one without a network, which is the same everywhere.</summary>
    /// <exception cref="WorkspaceException">Only ONNX Runtime can run the encoder's network.</exception>
    public NetworkComputation? For(EncoderCard card)
    {
        if (card.Kind is EncoderKind.Statistics or EncoderKind.Imported) return null;
        if (card.HasOwnNetwork) return this;
        throw new WorkspaceException(
            $"The network of {card.Id} was not trained here: it runs in single precision on the processor only, and {Name} was asked for.",
            "Leave --device and --arithmetic out, or name an encoder that 'curator train' made with --encoder.");
    }

    /// <summary>The device, after a check that it computes the network rightly in this arithmetic.</summary>
    /// <exception cref="WorkspaceException">No such device, no bfloat16 instructions, or wrong convolutions.</exception>
    public ComputeDevice Resolve(NetworkPlan plan, int imageSize)
    {
        var device = ComputeDevice.Resolve(Device);
        Refuse(plan, device.Name, IsCuda || (Native.Processor.HasBFloat16 && NativeContext.OneDnnEnabled), () => PlanCanary.WorstError(plan, imageSize, device, Arithmetic));
        NativeContext.UseTensor32(device, allowed: false);
        return device;
    }

    /// <summary>The decision of <see cref="Resolve"/> apart from this machine.</summary>
    /// <param name="hasBFloat16">Whether the device has instructions for products in bfloat16 and kernels that use them.</param>
    /// <param name="error">The worst relative error of the network's convolutions there.</param>
    internal void Refuse(NetworkPlan plan, string device, bool hasBFloat16, Func<double> error)
    {
        const string single = "Use --device cpu --arithmetic fp32, which ONNX Runtime computes.";
        if (BFloat16 && !hasBFloat16)
            throw new WorkspaceException("This processor has no instructions for bfloat16 (AVX-512 BF16 or AMX), or oneDNN is wrong on it ('curator doctor'): single precision would be quicker.", single);
        if (error() is var worst && worst > PlanCanary.Tolerance(Arithmetic))
            throw new WorkspaceException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Convolutions of {plan.Architecture}, width {plan.Width}, are wrong on {device} in {Arithmetic}: relative error {worst:0.###}, allowed {PlanCanary.Tolerance(Arithmetic)}."),
                $"{single} Or try another libtorch ({TorchRuntime.FolderVariable}).");
    }
}
