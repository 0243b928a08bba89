using System.Globalization;
using Curator.Core.Images;

namespace Curator.Learning.Training;

/// <summary>Pictures of one place at different dates: what stays the same between them is what matters. Immutable.</summary>
internal sealed class PlacePairs
{
    private readonly int[]?[] _others;

    private PlacePairs(int[]?[] others) => _others = others;

    /// <summary>Pictures with at least one partner.</summary>
    public int Count => _others.Count(others => others is not null);

    /// <summary>Other pictures of the same place at another time; empty where there are none.</summary>
    public ReadOnlySpan<int> Of(int image) => _others[image];

    /// <summary>Groups pictures whose footprints are equal to a ten-thousandth of a degree.</summary>
    /// <returns>Null when no place was seen twice.</returns>
    public static PlacePairs? Of(IReadOnlyList<ImageRecord> images)
    {
        var others = new int[]?[images.Count];
        var any = false;
        foreach (var place in Enumerable.Range(0, images.Count).Where(i => images[i].Footprint is not null && images[i].TakenAt is not null).GroupBy(i => Key(images[i].Footprint!.Value)))
        {
            var members = place.ToArray();
            foreach (var image in members)
            {
                int[] later = [.. members.Where(other => images[other].TakenAt != images[image].TakenAt)];
                if (later.Length == 0) continue;
                others[image] = later;
                any = true;
            }
        }
        return any ? new PlacePairs(others) : null;
    }

    private static string Key(BoundingBox box) => string.Create(CultureInfo.InvariantCulture, $"{box.South:0.0000} {box.West:0.0000} {box.North:0.0000} {box.East:0.0000}");
}
