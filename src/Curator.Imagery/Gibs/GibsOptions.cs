using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Curator.Imagery.Gibs;

/// <summary>Where imagery comes from, and how gently it is fetched. The defaults keep the etiquette of NASA GIBS.</summary>
public sealed record GibsOptions
{
    [Description("The imagery server: NASA GIBS, or another with the same layout.")]
    public string Address { get; init; } = "https://gibs.earthdata.nasa.gov";

    [Description("Where fetched tiles are kept, shared by all projects; ~/.cache/curator/gibs when not given.")]
    public string? Cache { get; init; }

    [Range(1, 500)]
    [Description("Most connections at a time; it begins with eight and adapts.")]
    public int Connections { get; init; } = 64;

    [Range(0.01, 100_000)]
    [Description("Most megabits a second, over a while.")]
    public double Bandwidth { get; init; } = 50;

    [Range(1, 100)]
    [Description("How often a tile is asked for before it counts as failed.")]
    public int Tries { get; init; } = 6;

    [Range(0, 20)]
    [Description("How often an answer that says there is nothing is asked for again before it is believed.")]
    public int Confirm { get; init; } = 2;

    [Description("How long an answer may make no progress.")]
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);

    [Description("Pause before the second try; it doubles each time, up to a minute.")]
    public TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(0.5);

    [Description("Mail address told to the server, so that its people can reach you.")]
    public string? Contact { get; init; }

    /// <summary>The folder of <see cref="Cache"/>, absolute.</summary>
    internal string CacheFolder()
    {
        if (Cache is { Length: > 0 }) return Path.GetFullPath(Cache);
        var root = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        if (string.IsNullOrEmpty(root)) root = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        return Path.Combine(root, "curator", "gibs");
    }

    /// <exception cref="GibsException">It is no address.</exception>
    internal Uri BaseAddress() =>
        Uri.TryCreate(Address.TrimEnd('/') + "/", UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            ? address
            : throw new GibsException($"'{Address}' is no address of a server.", "Write --address https://gibs.earthdata.nasa.gov, which is the default.");
}
