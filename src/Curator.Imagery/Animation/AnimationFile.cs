namespace Curator.Imagery.Animation;

/// <summary>Formats of animations, by the file's extension.</summary>
public enum AnimationFormat
{
    WebP,
    Gif,

    /// <summary>H.264, through ffmpeg.</summary>
    Mp4,

    /// <summary>VP9, through ffmpeg.</summary>
    WebM,
}

/// <summary>Where an animation goes.</summary>
public static class AnimationFile
{
    /// <summary>The format that the extension names; checks that it can be written on this machine, so that nobody waits for frames in vain.</summary>
    /// <exception cref="AnimationException">Another extension, or ffmpeg is not there.</exception>
    public static AnimationFormat FormatOf(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        AnimationFormat format = Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".webp" => AnimationFormat.WebP,
            ".gif" => AnimationFormat.Gif,
            ".mp4" => AnimationFormat.Mp4,
            ".webm" => AnimationFormat.WebM,
            var other => throw new AnimationException($"'{other}' is no format of an animation.", "Name a file that ends in .webp, .gif, .mp4 or .webm."),
        };
        if (format is AnimationFormat.Mp4 or AnimationFormat.WebM && FindFfmpeg() is null)
            throw new AnimationException("MP4 and WebM are written by ffmpeg, which is not on the PATH.", "Install it (apt-get install ffmpeg), or name a file that ends in .webp or .gif.");
        return format;
    }

    internal static string? FindFfmpeg() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Select(folder => Path.Combine(folder, OperatingSystem.IsWindows() ? "ffmpeg.exe" : "ffmpeg")).FirstOrDefault(File.Exists);
}
