using System.Globalization;
using System.Text;
using Curator.Labeling.Labelers;

namespace Curator.Labeling.Export;

/// <summary><c>labels.csv</c>, in every set: a row an image, with who, when, how sure, which part, and where it came from.</summary>
internal sealed class LabelTable(Stream stream) : IDisposable
{
    public const string FileName = "labels.csv";

    /// <summary>The first columns are those of sets that earlier versions made.</summary>
    public const string Header = "filename,label,confidence,source,person,labeled_at,image_id,uri,taken_at,south,west,north,east,split,sha256";

    public const string FirstHeader = "filename,label,confidence,source,person,labeled_at,image_id,uri,taken_at,south,west,north,east";

    private readonly StreamWriter _writer = Begin(stream);

    public void Add(ExportItem item, string name)
    {
        var (label, box) = (item.Label, item.Label.Record.Footprint);
        string[] fields =
        [
            Csv.Text(name), Csv.Text(label.Class), label.Confidence.ToString("0.000000", CultureInfo.InvariantCulture), ExportText.Source(label), Csv.Text(label.Person ?? ""),
            ExportText.Time(label.LabeledAt), label.Image.ToString(), Csv.Text(label.Record.Uri), ExportText.Time(label.Record.TakenAt),
            ExportText.Degrees(box?.South), ExportText.Degrees(box?.West), ExportText.Degrees(box?.North), ExportText.Degrees(box?.East), item.Part ?? "", label.Record.Sha256,
        ];
        _writer.Write(string.Join(',', fields));
        _writer.Write('\n');
    }

    public void Dispose() => _writer.Dispose();

    private static StreamWriter Begin(Stream stream)
    {
        var writer = new StreamWriter(stream, new UTF8Encoding(false), 1 << 16);
        writer.Write(Header + "\n");
        return writer;
    }
}
