using Curator.Core.Images;

namespace Curator.Learning.Evaluation;

/// <summary>The class that a picture's folder says, as with ImageFolder data.</summary>
internal static class ClassFolder
{
    /// <summary>The first folder below the added root; empty at the root.</summary>
    public static string Of(ImageRecord record) => record.Folder.Split('/')[0];
}
