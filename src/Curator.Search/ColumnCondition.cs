using System.Globalization;
using Curator.Core;
using Curator.Core.Images;
using Curator.Core.Manifests;
using Curator.Core.Settings;

namespace Curator.Search;

/// <summary>How a column's value is compared.</summary>
public enum ColumnTest
{
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,

    /// <summary>The text is part of the column's, ignoring case.</summary>
    Contains,
}

/// <summary>
/// A condition on a column of the manifest (<c>images.parquet</c>), for example <c>nodata_share&lt;0.2</c>. Numbers compare as numbers; texts compare exactly for equality, by
/// ordinal for order. Where a picture has no value, no condition holds, <c>!=</c> neither.
/// </summary>
/// <param name="Column">One of <see cref="Names"/>, or a free column that people's lists gave (<see cref="ManifestReader.FreeColumns"/>).</param>
/// <param name="Value">As written by the person; a number for columns of numbers, with a decimal point.</param>
public sealed record ColumnCondition(string Column, ColumnTest Test, string Value)
{
    private static readonly (string Sign, ColumnTest Test)[] s_signs =
        [("!=", ColumnTest.NotEqual), ("<=", ColumnTest.LessOrEqual), (">=", ColumnTest.GreaterOrEqual), ("=", ColumnTest.Equal), ("<", ColumnTest.Less), (">", ColumnTest.Greater), ("~", ColumnTest.Contains)];

    private static readonly SortedDictionary<string, Func<ImageRecord, double>> s_numbers = new(StringComparer.Ordinal)
    {
        ["size_bytes"] = record => record.SizeBytes,
        ["width"] = record => record.Width,
        ["height"] = record => record.Height,
        ["channels"] = record => record.Channels,
        ["bit_depth"] = record => record.BitDepth,
        ["mean_luma"] = record => record.MeanLuma,
        ["luma_deviation"] = record => record.LumaDeviation,
        ["nodata_share"] = record => record.NoDataShare,
        ["cloud_share"] = record => record.CloudShare ?? double.NaN,
        ["sharpness"] = record => record.Sharpness ?? double.NaN,
    };

    private static readonly SortedDictionary<string, Func<ImageRecord, string>> s_texts = new(StringComparer.Ordinal)
    {
        ["uri"] = record => record.Uri,
        ["file"] = record => record.Uri[(record.Uri.LastIndexOf('/') + 1)..],
        ["folder"] = record => record.Folder,
        ["sha256"] = record => record.Sha256,
    };

    /// <summary>Columns of every manifest that can be asked about; <c>file</c> is the last part of <c>uri</c>.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. s_texts.Keys, .. s_numbers.Keys];

    /// <summary>Reads <c>COLUMN SIGN VALUE</c> with a sign of = != &lt; &lt;= &gt; &gt;= ~ (contains).</summary>
    /// <exception cref="WorkspaceException">Not of this form, no name of a column, or no number where one is needed. Whether a free column is there, <see cref="Check"/> tells.</exception>
    public static ColumnCondition Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var at = text.AsSpan().IndexOfAny("!<>=~");
        foreach (var (sign, test) in s_signs)
        {
            if (at <= 0 || !text.AsSpan(at).StartsWith(sign)) continue;
            var condition = new ColumnCondition(text[..at].Trim(), test, text[(at + sign.Length)..].Trim());
            condition.Compile();
            return condition;
        }

        throw new WorkspaceException($"'{text}' is no condition on a column.", "Write COLUMN, a sign (= != < <= > >= ~) and a value, for example nodata_share<0.2 or folder~river.");
    }

    public override string ToString() => Column + s_signs.First(sign => sign.Test == Test).Sign + Value;

    /// <summary>Whether it is about a column that not every manifest has.</summary>
    internal bool IsFree => !s_numbers.ContainsKey(Column) && !s_texts.ContainsKey(Column);

    /// <summary>Refuses a condition on a free column that none of the manifests searched has, or that no value of it could meet.</summary>
    /// <param name="free">The free columns of all of them.</param>
    /// <exception cref="WorkspaceException">Names the nearest column.</exception>
    internal void Check(IReadOnlyCollection<MetadataColumn> free)
    {
        if (!IsFree) return;
        var found = free.FirstOrDefault(column => column.Name == Column);
        if (found is null)
        {
            string[] all = [.. Names, .. free.Select(column => column.Name).Distinct().Order(StringComparer.Ordinal)];
            var near = NearMiss.Find(Column, all);
            throw new WorkspaceException($"There is no column '{Column}'.", $"{(near is null ? "" : $"Did you mean '{near}'? ")}Columns are {string.Join(", ", all)}.");
        }

        if (free.All(column => column.Name != Column || column.Kind == MetadataKind.Number) && (Test == ColumnTest.Contains || !TryNumber(out _))) throw NeedsNumber();
    }

    /// <exception cref="WorkspaceException">No name of a column, or no number where one is needed.</exception>
    internal Func<ImageRecord, bool> Compile()
    {
        var isNumber = TryNumber(out var limit);
        if (s_numbers.TryGetValue(Column, out var number))
        {
            if (Test == ColumnTest.Contains || !isNumber) throw NeedsNumber();
            return record => number(record) is var value && !double.IsNaN(value) && Holds(value.CompareTo(limit));
        }

        if (s_texts.TryGetValue(Column, out var text))
            return Test == ColumnTest.Contains
                ? record => text(record).Contains(Value, StringComparison.OrdinalIgnoreCase)
                : record => Holds(string.CompareOrdinal(text(record), Value));
        if (!MetadataColumn.IsValid(Column)) throw new WorkspaceException($"'{Column}' is no name of a column.", $"Columns are {string.Join(", ", Names)}, and those that your lists gave.");
        return record =>
        {
            var value = record.Metadata[Column];
            if (value.IsMissing) return false;
            if (Test == ColumnTest.Contains) return value.ToString().Contains(Value, StringComparison.OrdinalIgnoreCase);
            return value.Number is { } found
                ? isNumber && Holds(found.CompareTo(limit))
                : Holds(string.CompareOrdinal(value.Text, Value));
        };
    }

    private bool TryNumber(out double number) => double.TryParse(Value, NumberStyles.Float, CultureInfo.InvariantCulture, out number) && !double.IsNaN(number);

    private WorkspaceException NeedsNumber() =>
        new($"'{this}' needs a number: {Column} is one.", "Compare with = != < <= > >= and a number with a decimal point, for example 0.2.");

    private bool Holds(int order) => Test switch
    {
        ColumnTest.Equal => order == 0,
        ColumnTest.NotEqual => order != 0,
        ColumnTest.Less => order < 0,
        ColumnTest.LessOrEqual => order <= 0,
        ColumnTest.Greater => order > 0,
        _ => order >= 0,
    };
}
