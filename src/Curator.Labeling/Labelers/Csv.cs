using System.Text;

namespace Curator.Labeling.Labelers;

/// <summary>Comma-separated values as in RFC 4180: quotes, doubled quotes, line breaks within quotes.</summary>
public static class Csv
{
    /// <summary>Records of the text; empty lines are passed over.</summary>
    public static IEnumerable<IReadOnlyList<string>> Read(string text)
    {
        var fields = new List<string>();
        var field = new StringBuilder();
        bool quoted = false, wasQuoted = false;
        var start = text.StartsWith('\uFEFF') ? 1 : 0;
        for (var i = start; i < text.Length; i++)
        {
            var c = text[i];
            if (quoted)
            {
                if (c != '"') field.Append(c);
                else if (i + 1 < text.Length && text[i + 1] == '"') field.Append(text[i++]);
                else quoted = false;
            }
            else if (c == '"' && field.Length == 0)
            {
                quoted = wasQuoted = true;
            }
            else if (c == ',')
            {
                EndField();
            }
            else if (c == '\n')
            {
                if (field.Length > 0 && field[^1] == '\r') field.Length--;
                if (fields.Count > 0 || field.Length > 0 || wasQuoted) yield return EndRecord();
            }
            else
            {
                field.Append(c);
            }
        }
        if (fields.Count > 0 || field.Length > 0 || wasQuoted) yield return EndRecord();

        void EndField()
        {
            fields.Add(field.ToString());
            field.Clear();
            wasQuoted = false;
        }

        IReadOnlyList<string> EndRecord()
        {
            EndField();
            var record = fields.ToArray();
            fields.Clear();
            return record;
        }
    }

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
