using System.Buffers;
using System.Globalization;
using Curator.Core;
using Curator.Core.Tables;

namespace Curator.Imagery.Containers;

/// <summary>A line of a list.</summary>
/// <param name="Path">Absolute path, or an address inside a container, or a web address, which reading refuses.</param>
/// <param name="Product">Of the partition; null when the list does not say.</param>
/// <param name="Resolution"><inheritdoc cref="ListedPicture" path="/param[@name='Product']"/></param>
internal readonly record struct ListedPicture(string Path, string? Product, string? Resolution, SourceFacts Facts);

/// <summary>
/// A CSV or Parquet file with a heading that lists pictures: a column of paths (relative ones from the list's folder), date, product, resolution, lat and lon or south, west, north and east
/// where it has them; every other column becomes a free column, of numbers when all its values are. Read twice; never held.
/// </summary>
internal sealed class PictureList
{
    private static readonly string[] s_paths = ["path", "uri", "file", "image", "filename", "image_path", "filepath", "url"];

    private static readonly SearchValues<char> s_scheme = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+.-");

    private readonly string _path;
    private readonly string[] _headings;
    private readonly int _pathColumn;
    private readonly int _product;
    private readonly int _resolution;
    private readonly bool[] _isText;

    private PictureList(string path)
    {
        _path = path;
        using var records = Records().GetEnumerator();
        _headings = records.MoveNext() ? [.. records.Current] : [];
        _pathColumn = Find(s_paths);
        if (_pathColumn < 0)
            throw new WorkspaceException(
                $"'{path}' has no column of paths; it has {(_headings.Length == 0 ? "none" : string.Join(", ", _headings))}.", "Give a heading line with a column 'path', for example path,date,product,resolution,lat,lon.");
        (_product, _resolution) = (Find(["product", "layer"]), Find(["resolution"]));
        _isText = new bool[_headings.Length];
        var partitions = new HashSet<(string?, string?)>();
        string? address = null;
        var isHere = false;
        while (records.MoveNext())
        {
            var record = records.Current;
            for (var i = 0; i < _isText.Length && i < record.Count; i++)
                _isText[i] |= record[i].Trim() is { Length: > 0 } text && !(double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number));
            partitions.Add((At(record, _product), At(record, _resolution)));
            if (At(record, _pathColumn) is not { } given) continue;
            if (IsWebAddress(given)) address ??= given;
            else isHere = true;
            if (partitions.Count > 1000) throw new WorkspaceException($"'{path}' names more than 1,000 pairs of product and resolution.", "Rename those columns if they are no partitions, for example to 'sensor' and 'gsd'.");
        }

        // A few are refused one by one, as any file that is not there.
        if (address is not null && !isHere)
            throw new WorkspaceException(
                $"'{path}' lists web addresses only, the first of them {address}; they are not fetched.",
                "Download them (for example 'wget --input-file ADDRESSES.txt --directory-prefix PICTURES'), replace the addresses in the list by the names of the files, and run 'curator add' again.");
        Partitions = [.. partitions.OrderBy(pair => pair.Item1, StringComparer.Ordinal).ThenBy(pair => pair.Item2, StringComparer.Ordinal)];
    }

    /// <summary>Whether a text is an address of something that lies elsewhere, whatever its scheme; those of files are not.</summary>
    public static bool IsWebAddress(string text)
    {
        var end = text.IndexOf("://", StringComparison.Ordinal);
        return end > 1 && text.AsSpan(0, end).IndexOfAnyExcept(s_scheme) < 0 && !text.StartsWith("file:", StringComparison.OrdinalIgnoreCase);
    }

    public static bool IsList(string path) => Path.GetExtension(path).ToLowerInvariant() is ".csv" or ".parquet";

    /// <exception cref="WorkspaceException">Not a list.</exception>
    public static PictureList Open(string path) => new(path);

    /// <summary>The pairs of product and resolution that it names, null where it does not.</summary>
    public IReadOnlyList<(string? Product, string? Resolution)> Partitions { get; }

    public IEnumerable<ListedPicture> Read()
    {
        var folder = Path.GetDirectoryName(_path)!;
        var passOver = new HashSet<int> { _pathColumn, _product, _resolution };
        foreach (var record in Records().Skip(1))
        {
            if (At(record, _pathColumn) is not { } given) continue;
            var path = IsWebAddress(given) ? given : given.StartsWith("file://", StringComparison.Ordinal) && Uri.TryCreate(given, UriKind.Absolute, out var address) ? address.LocalPath : Path.GetFullPath(given, folder);
            yield return new ListedPicture(path, At(record, _product), At(record, _resolution), FactColumns.Read(_headings, record, (i, _) => !_isText[i], passOver));
        }
    }

    private IEnumerable<IReadOnlyList<string>> Records()
    {
        if (Path.GetExtension(_path).Equals(".parquet", StringComparison.OrdinalIgnoreCase))
        {
            foreach (var record in ParquetRecords.Read(_path)) yield return record;
            yield break;
        }

        using var text = new StreamReader(_path);
        foreach (var record in CsvTable.Read(text)) yield return record;
    }

    private int Find(string[] names) => Array.FindIndex(_headings, heading => names.Contains(heading.Trim().ToLowerInvariant()));

    private static string? At(IReadOnlyList<string> record, int column) => column >= 0 && column < record.Count && record[column].Trim() is { Length: > 0 } text ? text : null;
}
