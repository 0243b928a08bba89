using static TorchSharp.torch;

namespace Curator.Learning.Views;

/// <summary>
/// Makes views of a whole batch with a handful of tensor operations: one resampling for crop, rotation and flips, one colour matrix an
/// image, one banded product a side for the blur.
/// </summary>
internal static class BatchViews
{
    private static readonly float[] Luma = [0.299f, 0.587f, 0.114f];

    /// <param name="images">[B, 3, S, S] float32, 0 to 1.</param>
    /// <returns>[B, 3, S, S], 0 to 1; the caller disposes.</returns>
    public static Tensor Apply(Tensor images, ViewParameters parameters)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var (batch, side) = (images.shape[0], images.shape[2]);
        var device = images.device;
        var affine = tensor(parameters.Affine, [batch, 2, 3], device: device);
        var grid = nn.functional.affine_grid(affine, [batch, 3, side, side], align_corners: false); // [B, S, S, 2]
        var view = nn.functional.grid_sample(
            images, grid, mode: GridSampleMode.Bilinear, padding_mode: GridSamplePaddingMode.Reflection, align_corners: false); // [B, 3, S, S]

        var flat = view.reshape(batch, 3, side * side); // [B, 3, S·S]
        var meanLuma = (flat.mean([2]) * tensor(Luma, device: device)).sum(1, keepdim: true); // [B, 1]
        var offset = (tensor(parameters.ContrastOffset, [batch, 1], device: device) * meanLuma).unsqueeze(2); // [B, 1, 1]
        var matrix = tensor(parameters.Colour, [batch, 3, 3], device: device);
        var coloured = (matrix.bmm(flat) + offset).clamp_(0, 1).reshape(batch, 3, side, side); // [B, 3, S, S]
        return Blur(coloured, parameters.BlurDeviation).MoveToOuterDisposeScope();
    }

    /// <summary>[B, S, S, 3] bytes → [B, 3, S, S] float32, 0 to 1; the caller disposes.</summary>
    public static Tensor FromBytes(byte[] pixels, int batch, int side, Device device)
    {
        using var scope = NewDisposeScope();
        var bytes = tensor(pixels, [batch, side, side, 3], dtype: ScalarType.Byte, device: device);
        return (bytes.permute(0, 3, 1, 2).contiguous().to(ScalarType.Float32) / 255f).MoveToOuterDisposeScope();
    }

    private static Tensor Blur(Tensor images, float[] deviations)
    {
        var chosen = Enumerable.Range(0, deviations.Length).Where(i => deviations[i] > 0).Select(i => (long)i).ToArray();
        if (chosen.Length == 0) return images;
        var side = (int)images.shape[2];
        var device = images.device;
        var index = tensor(chosen, device: device);
        var kernels = tensor(Kernels(chosen.Select(i => deviations[i]).ToArray(), side), [chosen.Length, 1, side, side], device: device);
        var blurred = kernels.matmul(images.index_select(0, index)).matmul(kernels.transpose(2, 3)); // [b, 3, S, S]
        return images.index_copy_(0, index, blurred);
    }

    /// <summary>One [S, S] matrix a deviation: row i holds the Gaussian about pixel i, cut at the picture's edge and summing to one.</summary>
    private static float[] Kernels(float[] deviations, int side)
    {
        var kernels = new float[deviations.Length * side * side];
        for (var k = 0; k < deviations.Length; k++)
        {
            var scale = -0.5f / (deviations[k] * deviations[k]);
            var reach = (int)MathF.Ceiling(3 * deviations[k]);
            for (var i = 0; i < side; i++)
            {
                var row = kernels.AsSpan(((k * side) + i) * side, side);
                var sum = 0f;
                for (var j = Math.Max(0, i - reach); j <= Math.Min(side - 1, i + reach); j++) sum += row[j] = MathF.Exp(scale * (i - j) * (i - j));
                for (var j = Math.Max(0, i - reach); j <= Math.Min(side - 1, i + reach); j++) row[j] /= sum;
            }
        }
        return kernels;
    }
}
