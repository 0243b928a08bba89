using System.Globalization;

namespace Curator.Core.Images;

/// <summary>One value of a free column: a number, a text, or nothing.</summary>
public readonly record struct MetadataValue
{
    private MetadataValue(string? text, double? number) => (Text, Number) = (text, number);

    public string? Text { get; }

    /// <summary>Finite; null for texts.</summary>
    public double? Number { get; }

    public bool IsMissing => Text is null && Number is null;

    /// <summary>Empty text is nothing.</summary>
    public static MetadataValue Of(string? text) => new(string.IsNullOrEmpty(text) ? null : text, null);

    /// <summary>Infinity and NaN are nothing.</summary>
    public static MetadataValue Of(double number) => new(null, double.IsFinite(number) ? number : null);

    /// <summary>As text: numbers with a decimal point, in the shortest form that reads back the same.</summary>
    public override string ToString() => Text ?? Number?.ToString("R", CultureInfo.InvariantCulture) ?? "";
}

/// <summary>What the free columns of a manifest say of one picture. Immutable; equal when the same columns have the same values, whatever else is empty.</summary>
public sealed class ImageMetadata : IEquatable<ImageMetadata>
{
    private readonly MetadataValue[] _values;

    /// <param name="columns">By name, ordinal; shared by the rows of a manifest.</param>
    /// <param name="values">One a column.</param>
    internal ImageMetadata(IReadOnlyList<MetadataColumn> columns, MetadataValue[] values) => (Columns, _values) = (columns, values);

    public static ImageMetadata Empty { get; } = new([], []);

    /// <summary>The columns that may have a value, by name.</summary>
    public IReadOnlyList<MetadataColumn> Columns { get; }

    /// <summary>The value of a column; nothing where there is no such column.</summary>
    public MetadataValue this[string name]
    {
        get
        {
            for (var i = 0; i < _values.Length; i++)
                if (Columns[i].Name == name)
                    return _values[i];
            return default;
        }
    }

    /// <summary>Names and values that are there, by name.</summary>
    public IEnumerable<(string Name, MetadataValue Value)> Present
    {
        get
        {
            for (var i = 0; i < _values.Length; i++)
                if (!_values[i].IsMissing)
                    yield return (Columns[i].Name, _values[i]);
        }
    }

    /// <param name="values">Names that are valid columns, each once; a value's kind is its column's.</param>
    /// <exception cref="ArgumentException">A name is no column's, or is there twice.</exception>
    public static ImageMetadata Of(IEnumerable<KeyValuePair<string, MetadataValue>> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        var sorted = new SortedDictionary<string, MetadataValue>(StringComparer.Ordinal);
        foreach (var (name, value) in values)
        {
            if (!MetadataColumn.IsValid(name)) throw new ArgumentException($"'{name}' is no name of a free column.", nameof(values));
            if (!sorted.TryAdd(name, value)) throw new ArgumentException($"'{name}' is there twice.", nameof(values));
        }

        if (sorted.Count == 0) return Empty;
        return new ImageMetadata([.. sorted.Select(pair => new MetadataColumn(pair.Key, pair.Value.Number is null ? MetadataKind.Text : MetadataKind.Number))], [.. sorted.Values]);
    }

    public bool Equals(ImageMetadata? other) => other is not null && Present.SequenceEqual(other.Present);

    public override bool Equals(object? obj) => Equals(obj as ImageMetadata);

    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (var (name, value) in Present)
        {
            hash.Add(name, StringComparer.Ordinal);
            hash.Add(value);
        }

        return hash.ToHashCode();
    }
}
