using Curator.Core.Shards;
using Curator.Imagery.Animation;

namespace Curator.Imagery.Gibs;

/// <summary>What an animation shows.</summary>
/// <param name="Path">Absolute.</param>
/// <param name="Frames">In the file.</param>
/// <param name="Skipped">Times that no tile could be had of.</param>
/// <param name="MissingTiles">Black parts of frames.</param>
public sealed record AnimationReport(string Path, int Frames, int Width, int Height, int Skipped, int MissingTiles);

/// <summary>A time-lapse of a region: a picture of each time, of the level that frames need. What was fetched is in the store and found again, so an interrupted run goes on quickly.</summary>
public static class GibsAnimation
{
    /// <exception cref="AnimationException">The format is unknown or ffmpeg missing; or no time has a picture.</exception>
    public static async Task<AnimationReport> RunAsync(
        GibsClient client, GibsPlan plan, string path, AnimationOptions options, IProgress<StageProgress>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(options);
        if (plan.Layers is not [var layer]) throw new AnimationException($"{plan.Layers.Count} layers were named, and an animation shows one.", "Name one layer with --animate.");
        using var writer = new AnimationWriter(path, options);
        var (width, height, skipped, missing, done) = (0, 0, 0, 0, 0);
        foreach (var time in layer.Times)
        {
            try
            {
                var picture = await client.FetchPictureAsync(layer.Layer, time, plan.Region, options.FrameSide, cancellationToken);
                (width, height) = (picture.Image.Width, picture.Image.Height);
                missing += picture.MissingTiles;
                writer.Add(picture.Image, options.BurnDate ? time?.Text.Replace('T', ' ').TrimEnd('Z') : null);
            }
            catch (GibsException)
            {
                skipped++;
            }
            client.Store.Release(new TileSet(layer.Layer, time));
            progress?.Report(new StageProgress("animate", ++done, layer.Times.Count, "frames"));
        }
        await writer.FinishAsync(cancellationToken);
        return new AnimationReport(Path.GetFullPath(path), writer.Frames, width, height, skipped, missing);
    }
}
