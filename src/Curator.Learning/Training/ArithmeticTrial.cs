using System.Runtime.InteropServices;
using Curator.Learning.Native;
using Curator.Learning.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace Curator.Learning.Training;

/// <summary>
/// Tries bfloat16 on a batch of the training's full size, because kernels that are right on a few pictures may refuse many, and which arithmetic is quicker depends on processor and library.
/// </summary>
internal static class ArithmeticTrial
{
    /// <summary>Pictures that single precision is timed on, as a part of the batch: it is slower, and its kernels do not refuse.</summary>
    private const int Part = 4;

    /// <param name="views">Pictures of a batch, all views counted.</param>
    /// <param name="timed">False: bfloat16 whenever it works, so that the choice repeats.</param>
    public static Arithmetic Choose(NetworkPlan plan, int views, int side, ComputeDevice device, TimeProvider clock, bool timed)
    {
        try
        {
            var halved = SecondsAPicture(plan, views, side, device, clock, bfloat16: true);
            if (!timed) return Arithmetic.BFloat16;
            return halved <= SecondsAPicture(plan, Math.Max(4, views / Part), side, device, clock, bfloat16: false) ? Arithmetic.BFloat16 : Arithmetic.Single;
        }
        catch (ExternalException)
        {
            // libtorch's own error: the kernel cannot do it here.
            return Arithmetic.Single;
        }
    }

    /// <summary>Forward and backward of the backbone, the second time.</summary>
    private static double SecondsAPicture(NetworkPlan plan, int pictures, int side, ComputeDevice device, TimeProvider clock, bool bfloat16)
    {
        using var scope = NewDisposeScope();
        using var backbone = new Backbone(plan);
        backbone.train();
        if (bfloat16) backbone.UseChannelsLast();
        if (device.IsCuda) backbone.to(device.Device);
        var input = zeros([pictures, plan.Channels, side, side], device: device.Device);
        if (bfloat16) input = ChannelsLast.Of(input);
        long start = 0;
        for (var turn = 0; turn < 2; turn++)
        {
            using var inner = NewDisposeScope();
            device.Synchronize();
            start = clock.GetTimestamp();
            Replicas.Forward(backbone, input, device, bfloat16).sum().backward();
        }
        device.Synchronize();
        return clock.GetElapsedTime(start).TotalSeconds / pictures;
    }
}
