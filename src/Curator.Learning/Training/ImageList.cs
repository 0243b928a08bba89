using System.Security.Cryptography;
using System.Text;
using Curator.Core;
using Curator.Core.Files;
using Curator.Core.Images;

namespace Curator.Learning.Training;

/// <summary>A list of images that a training learns from, as a file that is named by its content: <c>.work/lists/SHA256.txt</c>, an id a line.</summary>
internal static class ImageList
{
    /// <returns>Name of the list.</returns>
    public static string Write(Workspace workspace, IReadOnlyList<ImageId> images)
    {
        var text = string.Join('\n', images.Order());
        var name = Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(text)));
        var path = PathOf(workspace, name);
        if (!File.Exists(path)) AtomicFile.WriteText(path, text);
        return name;
    }

    /// <exception cref="WorkspaceException">The file is gone or not what its name says.</exception>
    public static ILookup<int, long> Read(Workspace workspace, string name)
    {
        var path = PathOf(workspace, name);
        var text = File.Exists(path) ? File.ReadAllText(path) : "";
        if (Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(text))) != name)
            throw new WorkspaceException($"The list of images '{path}' is missing or was changed.", "Start the training again with 'curator train'.");
        return text.Split('\n').Select(line => ImageId.Parse(line)).ToLookup(id => id.Partition, id => id.Row);
    }

    private static string PathOf(Workspace workspace, string name) => Path.Combine(workspace.WorkDirectory("lists"), name + ".txt");
}
