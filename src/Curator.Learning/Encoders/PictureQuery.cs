using Curator.Core;
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
        var pixels = new byte[encoder.ImageSize * encoder.ImageSize * 3];
        var embedding = new float[encoder.Dimension];
        // Decoding and encoding are work for the processor; the caller may be answering others meanwhile.
        var problem = await Task.Run(
            () =>
            {
                if (new PictureLoader(encoder.Card.Preprocessing).Load(picturePath, encoder.ImageSize, pixels) is { } found) return found;
                encoder.Encode(pixels, 1, embedding);
                return ((Core.Images.ImageProblem Problem, string Detail)?)null;
            },
            cancellationToken);
        return problem is { } reason
            ? throw new WorkspaceException($"'{picturePath}' cannot be used as a query: {reason.Detail}.", "Give a JPEG, PNG, WebP, GIF, BMP or TIFF picture that opens in a viewer.")
            : embedding;
    }
}
