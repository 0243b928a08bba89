using System.Globalization;
using Curator.Core;
using Curator.Learning.Native;
using Curator.Learning.Networks;

namespace Curator.Learning.Training;

/// <summary>Decides what a training computes in, and refuses what this machine computes wrongly.</summary>
internal static class ArithmeticChoice
{
    /// <exception cref="WorkspaceException">Wrong convolutions in the wished arithmetic, or in every one.</exception>
    public static Arithmetic Of(TrainingPrecision precision, NetworkPlan plan, int imageSize, ComputeDevice device)
    {
        var wished = precision switch
        {
            TrainingPrecision.Bf16 => Arithmetic.BFloat16,
            TrainingPrecision.Auto => NativeContext.HasAutocast && (device.IsCuda || Processor.HasBFloat16) ? Arithmetic.BFloat16 : Arithmetic.Single,
            TrainingPrecision.Tf32 => device.IsCuda ? Arithmetic.Tensor32 : Arithmetic.Single,
            _ => Arithmetic.Single,
        };
        NativeContext.UseTensor32(device, wished == Arithmetic.Tensor32);
        if (PlanCanary.IsRight(plan, imageSize, device, wished)) return wished;
        if (precision == TrainingPrecision.Auto && wished != Arithmetic.Single && PlanCanary.IsRight(plan, imageSize, device, Arithmetic.Single)) return Arithmetic.Single;
        if (!device.IsCuda && wished == Arithmetic.Single && NativeContext.OneDnnEnabled)
        {
            // Slow and right.
            NativeContext.SetOneDnn(false);
            if (PlanCanary.IsRight(plan, imageSize, device, wished)) return wished;
        }
        throw new WorkspaceException(
            string.Create(
                CultureInfo.InvariantCulture,
                $"Convolutions of {plan.Architecture}, width {plan.Width}, are wrong on {device.Name} in {wished}: relative error {PlanCanary.WorstError(plan, imageSize, device, wished):0.###}, allowed {PlanCanary.Tolerance(wished)}."),
            $"Use --precision {(wished == Arithmetic.Single ? "bf16" : "fp32")}, --device cpu, or another libtorch ({TorchRuntime.FolderVariable}).");
    }
}
