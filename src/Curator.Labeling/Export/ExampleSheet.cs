using Curator.Imagery.Sheets;
using Curator.Labeling.Classification;

namespace Curator.Labeling.Export;

/// <summary>
/// <c>examples.png</c>: pictures of each class for the data card, spread evenly over the set: of each class those whose hashes are smallest, so that a picture is chosen whatever its order.
/// </summary>
internal sealed class ExampleSheet(IReadOnlyList<string> classes)
{
    public const string FileName = "examples.png";

    private const int MostClasses = 8;
    private const int PicturesOfAClass = 8;

    private readonly PriorityQueue<FinalLabel, string>[] _chosen =
        [.. classes.Take(MostClasses).Select(_ => new PriorityQueue<FinalLabel, string>(Comparer<string>.Create((a, b) => string.CompareOrdinal(b, a))))];

    /// <summary>Offers an image whose source file is there.</summary>
    public void Add(FinalLabel label, int @class)
    {
        if (@class >= _chosen.Length) return;
        var chosen = _chosen[@class];
        if (chosen.Count < PicturesOfAClass) chosen.Enqueue(label, label.Record.Sha256 + label.Image);
        else chosen.EnqueueDequeue(label, label.Record.Sha256 + label.Image);
    }

    /// <summary>PNG, a row a class.</summary>
    public byte[] Render(string title)
    {
        var items = new List<SheetItem>();
        foreach (var chosen in _chosen)
            items.AddRange(chosen.UnorderedItems.OrderBy(i => i.Priority, StringComparer.Ordinal)
                .Select(i => new SheetItem(i.Element.Record.Uri, i.Element.IsHuman ? $"{i.Element.Class} (person)" : $"{i.Element.Class} {i.Element.Confidence:0.00}")));
        return ContactSheet.Render(items, new SheetOptions { Title = title, Columns = PicturesOfAClass, CellSide = 112 });
    }
}
