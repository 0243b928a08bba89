using System.Formats.Tar;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Curator.Labeling.Export.Formats;

/// <summary>WebDataset: plain tar, three members a sample that share a key: the picture, <c>.cls</c> (class number) and <c>.json</c>. Members have no owner and the time zero, so that the same set gives the same bytes.</summary>
internal sealed class WebDatasetWriter(ExportContext context) : ShardedWriter(context, "tar")
{
    public override string Reading =>
        $"`webdataset.WebDataset(\"{Context.FileParts("images")[0]}-000000.tar\").decode(\"pil\").to_tuple(\"jpg;jpeg;png;tif;tiff;webp\", \"cls\")` reads a shard; `.json` has what the table says of the sample.";

    protected override IDisposable Open(Stream stream) => new TarWriter(stream, TarEntryFormat.Ustar, leaveOpen: false);

    protected override void Add(IDisposable sink, ExportItem item, byte[] picture)
    {
        var tar = (TarWriter)sink;
        Member(tar, item.IdName, picture);
        Member(tar, $"{item.Label.Image}.cls", Encoding.ASCII.GetBytes(item.Class.ToString(CultureInfo.InvariantCulture)));
        using var facts = new MemoryStream();
        using (var json = new Utf8JsonWriter(facts, ExportText.Json))
        {
            json.WriteStartObject();
            ExportText.WriteFacts(json, item);
            json.WriteString("uri", item.Label.Record.Uri);
            if (item.Label.Record.Footprint is { } box)
            {
                json.WritePropertyName("bbox");
                Footprints.WriteBox(json, box);
            }
            json.WriteEndObject();
        }
        Member(tar, $"{item.Label.Image}.json", facts.ToArray());
    }

    private static void Member(TarWriter tar, string name, byte[] content) =>
        tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name)
        {
            ModificationTime = DateTimeOffset.UnixEpoch,
            Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead,
            DataStream = new MemoryStream(content, writable: false),
        });
}
