using Curator.Core;
using Curator.Core.Images;

namespace Curator.Imagery.Decoding;

/// <summary>One picture that a person or a page asked for by itself cannot be shown. Batches never throw it: they count problems.</summary>
public sealed class ImageDecodeException(string path, ImageProblem problem, string detail)
    : CuratorException(
        $"The picture {path} cannot be read ({problem}): {detail}",
        "Look at the file, replace it, and run 'curator add' again; 'curator doctor' lists every file like it.")
{
    public ImageProblem Problem => problem;

    public string Path => path;
}
