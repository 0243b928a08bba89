using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Curator.Core.Images;

/// <summary>
/// The identity of an image for ever: the number of its partition and its row in that partition's manifest. Rows are only
/// ever appended, so row <c>r</c> of every embedding, score and index file of the partition belongs to the image with row <c>r</c>.
/// </summary>
/// <param name="Partition">Number given by the catalog when the partition was made, from 1.</param>
/// <param name="Row">Row in the partition's manifest, from 0.</param>
public readonly record struct ImageId(int Partition, long Row) : IComparable<ImageId>, IParsable<ImageId>
{
    /// <summary>The form used in JSON, URLs and files: <c>partition-row</c>, for example <c>3-1742</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Partition}-{Row}");

    public int CompareTo(ImageId other) =>
        Partition != other.Partition ? Partition.CompareTo(other.Partition) : Row.CompareTo(other.Row);

    public static bool operator <(ImageId left, ImageId right) => left.CompareTo(right) < 0;

    public static bool operator >(ImageId left, ImageId right) => left.CompareTo(right) > 0;

    public static bool operator <=(ImageId left, ImageId right) => left.CompareTo(right) <= 0;

    public static bool operator >=(ImageId left, ImageId right) => left.CompareTo(right) >= 0;

    public static ImageId Parse(string s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out var id) ? id : throw new FormatException($"'{s}' is not an image id such as 3-1742.");

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out ImageId result)
    {
        result = default;
        var dash = s?.IndexOf('-', StringComparison.Ordinal) ?? -1;
        if (dash <= 0
            || !int.TryParse(s.AsSpan(0, dash), NumberStyles.None, CultureInfo.InvariantCulture, out var partition)
            || !long.TryParse(s.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var row))
            return false;
        result = new ImageId(partition, row);
        return true;
    }
}
