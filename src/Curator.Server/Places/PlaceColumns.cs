using System.Globalization;
using Curator.Core;
using Curator.Core.Images;
using Curator.Server.Search;

namespace Curator.Server.Places;

/// <summary>
/// Footprints of one partition in columns, so that a million of them are looked through in milliseconds: 40 bytes an image. Immutable.
/// </summary>
internal sealed class PlaceColumns
{
    public const int NoDay = int.MinValue;

    private PlaceColumns(Partition partition) => Partition = partition;

    public Partition Partition { get; }

    /// <summary>Rows of the manifest, ascending.</summary>
    public List<int> Rows { get; } = [];

    public List<float> South { get; } = [];

    public List<float> West { get; } = [];

    public List<float> North { get; } = [];

    /// <summary>Less than west across the antimeridian.</summary>
    public List<float> East { get; } = [];

    /// <summary>Days since 0001-01-01, or <see cref="NoDay"/>.</summary>
    public List<int> Days { get; } = [];

    /// <summary>First 64 bits of the content's hash, for links to pictures.</summary>
    public List<ulong> Versions { get; } = [];

    public int Count => Rows.Count;

    public static PlaceColumns Read(Workspace workspace, Partition partition, CancellationToken cancellationToken)
    {
        var columns = new PlaceColumns(partition);
        if (partition.Rows == 0) return columns;
        using var manifest = workspace.OpenManifest(partition);
        var row = -1;
        foreach (var record in manifest.Read(0, partition.Rows))
        {
            if ((++row & 4095) == 0) cancellationToken.ThrowIfCancellationRequested();
            if (record.Footprint is not { } box) continue;
            columns.Rows.Add(row);
            columns.South.Add((float)box.South);
            columns.West.Add((float)box.West);
            columns.North.Add((float)box.North);
            columns.East.Add((float)box.East);
            columns.Days.Add(record.TakenAt is { } taken ? DateOnly.FromDateTime(taken.UtcDateTime).DayNumber : NoDay);
            columns.Versions.Add(ulong.Parse(record.Sha256.AsSpan(0, 16), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
        }
        return columns;
    }

    public ImageId IdOf(int i) => new(Partition.Number, Rows[i]);

    public string PictureOf(int i) => string.Create(CultureInfo.InvariantCulture, $"/api/images/{IdOf(i)}/picture?v={Versions[i]:x16}");

    public Box BoxOf(int i) => new(Rounded(South[i]), Rounded(West[i]), Rounded(North[i]), Rounded(East[i]));

    /// <summary>Degrees, 0 to 360.</summary>
    public float Width(int i) => East[i] < West[i] ? East[i] + 360 - West[i] : East[i] - West[i];

    /// <summary>Single precision holds seven digits; more would be noise.</summary>
    private static double Rounded(float degrees) => Math.Round((double)degrees, 5);
}

/// <summary>What each footprint of one partition is called in a task.</summary>
/// <param name="Classes">0 without a class, else its number + 1; negative when the model says so.</param>
internal sealed record PlaceLabels(sbyte[] Classes);
