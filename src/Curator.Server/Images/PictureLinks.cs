using System.Security.Cryptography;
using System.Text;
using Curator.Core;
using Curator.Core.Images;
using Curator.Core.Labels;

namespace Curator.Server.Images;

/// <summary>
/// Addresses of pictures. Each carries a version made from the content, so a browser may keep the answer for ever: another project on the
/// same address, or a replaced example, has other links.
/// </summary>
internal sealed class PictureLinks(Workspace workspace)
{
    public async Task<string> OfImageAsync(ImageId image, CancellationToken cancellationToken)
    {
        try
        {
            var record = await workspace.GetImageAsync(image, cancellationToken);
            return $"/api/images/{image}/picture?v={record.Sha256[..16]}";
        }
        catch (CuratorException)
        {
            return $"/api/images/{image}/picture?v="; // the picture's own route says what is wrong; the rest of the batch goes on
        }
    }

    public static string? OfExample(LabelingTask task)
    {
        if (task.Example is not { } path) return null;
        var file = new FileInfo(path);
        var stamp = file.Exists ? file.LastWriteTimeUtc.Ticks : 0;
        var version = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{path}\n{stamp}")))[..16];
        return $"/api/tasks/{Uri.EscapeDataString(task.Name)}/example?v={version}";
    }
}
