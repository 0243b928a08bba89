using Curator.Learning.Native;
using static TorchSharp.torch;

namespace Curator.Learning.Views;

/// <summary>
/// Makes views of a whole batch with a handful of tensor operations on the device where the pictures are: one resampling for crop, rotation and flips, one colour
/// matrix an image, one banded product a side for the blur.
/// </summary>
internal static class BatchViews
{
    // Affine map, colour matrix, share of the mean luma.
    private const int Packed = 6 + 9 + 1;

    /// <param name="images">[B, 3, S, S] float32, 0 to 1.</param>
    /// <returns>[B, 3, S, S], 0 to 1; the caller disposes.</returns>
    public static Tensor Apply(Tensor images, ViewParameters parameters, ComputeDevice device)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var (batch, side) = (images.shape[0], images.shape[2]);
        // One transfer for all numbers: each costs a GPU more than the numbers themselves.
        var packed = device.Upload(Pack(parameters), batch, Packed); // [B, 16]
        var affine = packed.slice(1, 0, 6, 1).reshape(batch, 2, 3);
        var matrix = packed.slice(1, 6, 15, 1).reshape(batch, 3, 3);
        var lumaShare = packed.slice(1, 15, 16, 1); // [B, 1]

        var grid = nn.functional.affine_grid(affine, [batch, 3, side, side], align_corners: false); // [B, S, S, 2]
        var view = nn.functional.grid_sample(
            images, grid, mode: GridSampleMode.Bilinear, padding_mode: GridSamplePaddingMode.Reflection, align_corners: false); // [B, 3, S, S]

        var flat = view.reshape(batch, 3, side * side); // [B, 3, S·S]
        var means = flat.mean([2]); // [B, 3]
        var meanLuma = (means.slice(1, 0, 1, 1) * 0.299f) + (means.slice(1, 1, 2, 1) * 0.587f) + (means.slice(1, 2, 3, 1) * 0.114f); // [B, 1]
        var coloured = matrix.bmm(flat).add_((lumaShare * meanLuma).unsqueeze(2)).clamp_(0, 1).reshape(batch, 3, side, side); // [B, 3, S, S]
        return Blur(coloured, parameters.BlurDeviation, device).MoveToOuterDisposeScope();
    }

    /// <summary>[B, S, S, 3] bytes → [B, 3, S, S] float32 on the device, 0 to 1; the caller disposes.</summary>
    public static Tensor FromBytes(byte[] pixels, int batch, int side, ComputeDevice device)
    {
        using var scope = NewDisposeScope();
        var bytes = device.Upload(pixels, batch, side, side, 3);
        return bytes.permute(0, 3, 1, 2).contiguous().to(ScalarType.Float32).div_(255f).MoveToOuterDisposeScope();
    }

    private static float[] Pack(ViewParameters parameters)
    {
        var packed = new float[parameters.Count * Packed];
        for (var i = 0; i < parameters.Count; i++)
        {
            var row = packed.AsSpan(i * Packed, Packed);
            parameters.Affine.AsSpan(i * 6, 6).CopyTo(row);
            parameters.Colour.AsSpan(i * 9, 9).CopyTo(row[6..]);
            row[15] = parameters.ContrastOffset[i];
        }
        return packed;
    }

    private static Tensor Blur(Tensor images, float[] deviations, ComputeDevice device)
    {
        var chosen = Enumerable.Range(0, deviations.Length).Where(i => deviations[i] > 0).Select(i => (long)i).ToArray();
        if (chosen.Length == 0) return images;
        var index = device.Upload(chosen, chosen.Length);
        var kernels = Kernels(device.Upload([.. chosen.Select(i => deviations[i])], chosen.Length, 1, 1), (int)images.shape[2]).unsqueeze(1); // [b, 1, S, S]
        var blurred = kernels.matmul(images.index_select(0, index)).matmul(kernels.transpose(2, 3)); // [b, 3, S, S]
        return images.index_copy_(0, index, blurred);
    }

    /// <summary>
    /// One [S, S] matrix a deviation: row i holds the Gaussian about pixel i, cut at three deviations and at the picture's edge, summing to one.
    /// </summary>
    /// <param name="deviations">[b, 1, 1], above 0.</param>
    private static Tensor Kernels(Tensor deviations, int side)
    {
        var places = arange(side, dtype: ScalarType.Float32, device: deviations.device);
        var distance = (places.unsqueeze(1) - places.unsqueeze(0)).abs_().unsqueeze(0); // [1, S, S]
        var bell = (distance / deviations).pow_(2).mul_(-0.5f).exp_();
        bell = bell.mul_(distance.le((deviations * 3).ceil_()).to(ScalarType.Float32)); // [b, S, S]
        return bell / bell.sum(2, keepdim: true);
    }
}
