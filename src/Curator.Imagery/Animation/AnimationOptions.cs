using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Curator.Imagery.Animation;

/// <summary>How a time-lapse looks.</summary>
public sealed record AnimationOptions
{
    [Range(0.1, 60)]
    [Description("Frames a second of --animate.")]
    public double Fps { get; init; } = 5;

    [Range(16, 4096)]
    [Description("Longer side of the frames, pixels.")]
    public int FrameSide { get; init; } = 720;

    [Description("Write the date into the frames.")]
    public bool BurnDate { get; init; }
}
