using Curator.Core.Tables;

namespace Curator.Labeling.Labelers;

/// <summary>Comma-separated values as in RFC 4180: quotes, doubled quotes, line breaks within quotes.</summary>
public static class Csv
{
    /// <summary>Records of the text; empty lines are passed over.</summary>
    public static IEnumerable<IReadOnlyList<string>> Read(string text) => CsvTable.Read(new StringReader(text));

    /// <summary>
    /// A field as it is written: with a quote in front where a spreadsheet would take the text for a formula (= + - @, tab, carriage return), and between quotes where RFC
    /// 4180 asks for it. For text only; numbers of our own are written as they are.
    /// </summary>
    public static string Text(string value)
    {
        if (value.Length > 0 && value[0] is '=' or '+' or '-' or '@' or '\t' or '\r') value = "'" + value;
        return value.AsSpan().IndexOfAny(",\"\r\n") >= 0 ? $"\"{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : value;
    }
}
