using System.Globalization;
using System.Text;
using Curator.Labeling.Labelers;

namespace Curator.Labeling.Agreement;

/// <summary>Consensus as a CSV file: <c>image_id,majority,votes,dawid_skene,probability</c>.</summary>
public static class ConsensusTable
{
    /// <param name="path">Replaced when it is there.</param>
    public static void Write(string path, IReadOnlyList<ConsensusItem> items)
    {
        ArgumentNullException.ThrowIfNull(items);
        var text = new StringBuilder("image_id,majority,votes,dawid_skene,probability\n");
        foreach (var item in items)
            text.Append(CultureInfo.InvariantCulture, $"{item.Image},{Csv.Text(item.Majority ?? "")},{item.Votes},{Csv.Text(item.DawidSkene)},{item.Probability:0.000000}\n");
        File.WriteAllText(path, text.ToString(), new UTF8Encoding(false));
    }
}
