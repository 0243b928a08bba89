using Curator.Core;
using Curator.Core.Files;
using Curator.Core.Images;
using Curator.Learning.Cache;
using Curator.Learning.Native;
using Curator.Learning.Views;

namespace Curator.Learning.Training;

/// <summary><c>curator train --preview</c>: the sheet of views, without training. Thread-safe.</summary>
public static class TrainPreview
{
    private const int Pictures = 6;

    /// <exception cref="WorkspaceException">No images, settings that do not go together, or no libtorch on this machine.</exception>
    public static async Task WriteAsync(Workspace workspace, TrainOptions options, string path, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        var partitions = (await workspace.Catalog.GetPartitionsAsync(cancellationToken)).Where(partition => partition.Rows > 0).ToArray();
        if (partitions.Length == 0) throw new WorkspaceException("There are no images to show.", "Add some with 'curator add FOLDER'.");
        var records = new List<ImageRecord>();
        var stride = Math.Max(1, partitions.Sum(partition => partition.Rows) / Pictures);
        foreach (var partition in partitions)
        {
            using var manifest = workspace.OpenManifest(partition);
            for (var row = stride / 2; row < partition.Rows; row += stride) records.Add(manifest[row]);
        }
        await Task.Run(
            () =>
            {
                TorchRuntime.EnsureLoaded();
                var pictureBytes = options.ImageSize * options.ImageSize * options.Channels;
                var pixels = new List<byte>();
                var loader = new PictureLoader(options.Preprocessing);
                var picture = new byte[pictureBytes];
                foreach (var record in records)
                    if (loader.Load(record, options.ImageSize, picture) is null)
                        pixels.AddRange(picture);
                if (pixels.Count == 0) throw new WorkspaceException($"None of {records.Count} pictures can be read.", "Run 'curator status --check'.");
                var sheet = ViewSheet.Render(new MemoryPixels([.. pixels], options.ImageSize, options.Channels), options);
                AtomicFile.Write(path, stream => stream.Write(sheet));
            },
            cancellationToken);
    }
}
