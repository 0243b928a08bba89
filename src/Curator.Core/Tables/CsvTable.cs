using System.Text;

namespace Curator.Core.Tables;

/// <summary>Comma-separated values as in RFC 4180, one record at a time: quotes, doubled quotes, line breaks within quotes.</summary>
public static class CsvTable
{
    /// <summary>Records as they come; empty lines are passed over.</summary>
    public static IEnumerable<IReadOnlyList<string>> Read(TextReader text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var fields = new List<string>();
        var field = new StringBuilder();
        bool quoted = false, wasQuoted = false;
        if (text.Peek() == '\uFEFF') text.Read();
        for (var next = text.Read(); next >= 0; next = text.Read())
        {
            var c = (char)next;
            if (quoted)
            {
                if (c != '"') field.Append(c);
                else if (text.Peek() == '"') field.Append((char)text.Read());
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
}
