using System.Globalization;
using Curator.Core;
using Curator.Core.Images;
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
/// ordinal for order.
/// </summary>
/// <param name="Column">One of <see cref="Names"/>.</param>
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
    };

    private static readonly SortedDictionary<string, Func<ImageRecord, string>> s_texts = new(StringComparer.Ordinal)
    {
        ["uri"] = record => record.Uri,
        ["file"] = record => record.Uri[(record.Uri.LastIndexOf('/') + 1)..],
        ["folder"] = record => record.Folder,
        ["sha256"] = record => record.Sha256,
    };

    /// <summary>Columns that can be asked about; <c>file</c> is the last part of <c>uri</c>.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. s_texts.Keys, .. s_numbers.Keys];

    /// <summary>Reads <c>COLUMN SIGN VALUE</c> with a sign of = != &lt; &lt;= &gt; &gt;= ~ (contains).</summary>
    /// <exception cref="WorkspaceException">Not of this form, no such column, or no number where one is needed.</exception>
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

    /// <exception cref="WorkspaceException">No such column, or no number where one is needed.</exception>
    internal Func<ImageRecord, bool> Compile()
    {
        if (s_numbers.TryGetValue(Column, out var number))
        {
            if (Test == ColumnTest.Contains || !double.TryParse(Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var limit))
                throw new WorkspaceException($"'{this}' needs a number: {Column} is one.", "Compare with = != < <= > >= and a number with a decimal point, for example 0.2.");
            return record => Holds(number(record).CompareTo(limit));
        }

        if (!s_texts.TryGetValue(Column, out var text))
        {
            var near = NearMiss.Find(Column, Names);
            throw new WorkspaceException($"There is no column '{Column}'.", near is null ? $"Columns are {string.Join(", ", Names)}." : $"Did you mean '{near}'? Columns are {string.Join(", ", Names)}.");
        }

        return Test == ColumnTest.Contains
            ? record => text(record).Contains(Value, StringComparison.OrdinalIgnoreCase)
            : record => Holds(string.CompareOrdinal(text(record), Value));
    }

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
