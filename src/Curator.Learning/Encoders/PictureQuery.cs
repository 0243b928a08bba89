using Curator.Core;
using Curator.Imagery;
using Curator.Learning.Cache;

namespace Curator.Learning.Encoders;

/// <summary>One picture file as a query. Thread-safe.</summary>
public static class PictureQuery
{
    /// <returns>[D], length one.</returns>
    /// <exception cref="WorkspaceException">The file cannot be read as a picture; says why.</exception>
    public static async Task<float[]> EncodeAsync(IImageEncoder encoder, string picturePath, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        ArgumentException.ThrowIfNullOrEmpty(picturePath);
        return await EncodeAsync(encoder, (loader, pixels) => loader.Load(picturePath, encoder.ImageSize, pixels), $"'{picturePath}'", cancellationToken);
    }

    /// <inheritdoc cref="EncodeAsync(IImageEncoder, string, CancellationToken)"/>
    /// <summary>Pixels as a query.</summary>
    public static Task<float[]> EncodeAsync(IImageEncoder encoder, RgbImage picture, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        ArgumentNullException.ThrowIfNull(picture);
        return EncodeAsync(encoder, (loader, pixels) => loader.Load(picture, encoder.ImageSize, pixels), "The picture", cancellationToken);
    }

    private static async Task<float[]> EncodeAsync(
        IImageEncoder encoder, Func<PictureLoader, byte[], (Core.Images.ImageProblem Problem, string Detail)?> load, string name, CancellationToken cancellationToken)
    {
        var pixels = new byte[encoder.ImageSize * encoder.ImageSize * encoder.Card.Channels];
        var embedding = new float[encoder.Dimension];
        // Decoding and encoding are work for the processor; the caller may be answering others meanwhile.
        var problem = await Task.Run(
            () =>
            {
                if (load(new PictureLoader(encoder.Card.Preprocessing), pixels) is { } found) return found;
                encoder.Encode(pixels, 1, embedding);
                return ((Core.Images.ImageProblem Problem, string Detail)?)null;
            },
            cancellationToken);
        return problem is { } reason
            ? throw new WorkspaceException($"{name} cannot be used as a query: {reason.Detail}.", "Give a JPEG, PNG, WebP, GIF, BMP or TIFF picture that opens in a viewer.")
            : embedding;
    }
}
