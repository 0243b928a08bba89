using System.Globalization;

namespace Curator.Labeling.Export.Splits;

/// <summary>The parts of a split and how much of the set each is to get.</summary>
/// <param name="Names">train, val, test, as many as there are shares.</param>
/// <param name="Shares">Sum 1.</param>
internal sealed record PartShares(IReadOnlyList<string> Names, IReadOnlyList<double> Shares)
{
    private static readonly string[] s_names = ["train", "val", "test"];

    /// <summary>Two or three numbers above zero, comma-separated, in any unit: <c>0.8,0.1,0.1</c> or <c>80,20</c>. Null when the text is something else.</summary>
    public static PartShares? Parse(string text)
    {
        var parts = text.Split(',', StringSplitOptions.TrimEntries);
        if (parts.Length is < 2 or > 3) return null;
        var shares = new double[parts.Length];
        for (var i = 0; i < parts.Length; i++)
            if (!double.TryParse(parts[i], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out shares[i]) || !(shares[i] > 0))
                return null;
        var sum = shares.Sum();
        return new PartShares(s_names[..parts.Length], [.. shares.Select(s => s / sum)]);
    }
}
