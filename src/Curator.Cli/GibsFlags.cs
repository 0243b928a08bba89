using Curator.Imagery.Gibs;

namespace Curator.Cli;

/// <summary>Settings of the imagery server that only matter where tiles are fetched.</summary>
internal static class GibsFlags
{
    public static IReadOnlyList<string> ForFetching { get; } =
        [nameof(GibsOptions.Connections), nameof(GibsOptions.Bandwidth), nameof(GibsOptions.Tries), nameof(GibsOptions.Confirm), nameof(GibsOptions.Pause)];
}
