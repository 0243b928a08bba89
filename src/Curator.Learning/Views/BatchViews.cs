using Curator.Learning.Native;
using static TorchSharp.torch;

namespace Curator.Learning.Views;

/// <summary>
/// Makes views of a whole batch with a handful of tensor operations on the device where the pictures are: one resampling for crop, rotation and flips, one colour
/// matrix an image, one banded product a side for the blur.
/// </summary>
internal static class BatchViews
{
    /// <param name="images">[B, C, S, S] float32, 0 to 1.</param>
    /// <param name="viewSide">V, side of the views; 0 for that of the pictures.</param>
    /// <returns>[B, C, V, V], 0 to 1; the caller disposes.</returns>
    public static Tensor Apply(Tensor images, ViewParameters parameters, ComputeDevice device, int viewSide = 0)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var (batch, channels, side) = (images.shape[0], images.shape[1], viewSide > 0 ? viewSide : images.shape[2]);
        if (channels != parameters.Channels) throw new ArgumentException($"The pictures have {channels} channels, the parameters are for {parameters.Channels}.", nameof(parameters));
        // One transfer for all numbers: each costs a GPU more than the numbers themselves.
        var packed = device.Upload(Pack(parameters), batch, PackedLength(parameters)); // [B, 6 + C·C + 1 + C]
        var affine = packed.slice(1, 0, 6, 1).reshape(batch, 2, 3);
        var matrix = packed.slice(1, 6, 6 + (channels * channels), 1).reshape(batch, channels, channels);
        var lumaShare = packed.slice(1, 6 + (channels * channels), 7 + (channels * channels), 1); // [B, 1]

        var grid = nn.functional.affine_grid(affine, [batch, channels, side, side], align_corners: false); // [B, S, S, 2]
        var view = nn.functional.grid_sample(
            images, grid, mode: GridSampleMode.Bilinear, padding_mode: GridSamplePaddingMode.Reflection, align_corners: false); // [B, C, V, V]

        var flat = view.reshape(batch, channels, side * side); // [B, C, V·V]
        var means = flat.mean([2]); // [B, C]
        // Of colours the luma counts, of other channels their mean.
        var meanLuma = channels == 3
            ? (means.slice(1, 0, 1, 1) * Number.Of(0.299f)).Plus(means.slice(1, 1, 2, 1) * Number.Of(0.587f)).Plus(means.slice(1, 2, 3, 1) * Number.Of(0.114f))
            : means.mean([1], keepdim: true); // [B, 1]
        var coloured = matrix.bmm(flat).Increase((lumaShare * meanLuma).unsqueeze(2)).clamp_(Number.Of(0), Number.Of(1)).reshape(batch, channels, side, side); // [B, C, V, V]
        if (parameters.DropsChannels) coloured.mul_(packed.slice(1, 7 + (channels * channels), PackedLength(parameters), 1).reshape(batch, channels, 1, 1));
        return Blur(coloured, parameters.BlurDeviation, device).MoveToOuterDisposeScope();
    }

    /// <summary>[B, S, S, C] bytes → [B, C, S, S] float32 on the device, 0 to 1; the caller disposes.</summary>
    public static Tensor FromBytes(byte[] pixels, int batch, int side, ComputeDevice device, int channels = 3)
    {
        using var scope = NewDisposeScope();
        var bytes = device.Upload(pixels, batch, side, side, channels);
        return bytes.permute(0, 3, 1, 2).contiguous().to(ScalarType.Float32).div_(Number.Of(255)).MoveToOuterDisposeScope();
    }

    /// <summary>Affine map, colour matrix, share of the mean luma, channels that are kept.</summary>
    private static int PackedLength(ViewParameters parameters) => 6 + (parameters.Channels * parameters.Channels) + 1 + parameters.Channels;

    private static float[] Pack(ViewParameters parameters)
    {
        var length = PackedLength(parameters);
        var matrix = parameters.Channels * parameters.Channels;
        var packed = new float[parameters.Count * length];
        for (var i = 0; i < parameters.Count; i++)
        {
            var row = packed.AsSpan(i * length, length);
            parameters.Affine.AsSpan(i * 6, 6).CopyTo(row);
            parameters.Colour.AsSpan(i * matrix, matrix).CopyTo(row[6..]);
            row[6 + matrix] = parameters.ContrastOffset[i];
            parameters.Kept.AsSpan(i * parameters.Channels, parameters.Channels).CopyTo(row[(7 + matrix)..]);
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
        var places = arange(Number.Of(0), Number.Of(side), Number.Of(1), dtype: ScalarType.Float32, device: deviations.device);
        var distance = (places.unsqueeze(1) - places.unsqueeze(0)).abs_().unsqueeze(0); // [1, S, S]
        var scaled = distance / deviations;
        var bell = (scaled * scaled).mul_(Number.Of(-0.5)).exp_();
        bell = bell.mul_(distance.le((deviations * Number.Of(3)).ceil_()).to(ScalarType.Float32)); // [b, S, S]
        return bell / bell.sum(2, keepdim: true);
    }
}
