using Curator.Imagery.Records;

namespace Curator.Labeling.Export.Formats;

/// <summary>Shards of <c>tf.train.Example</c> with the names that TensorFlow's own image tools use; the picture is the source file's bytes.</summary>
internal sealed class TfRecordDataWriter(ExportContext context) : ShardedWriter(context, "tfrecord")
{
    public override string Reading =>
        "`tf.data.TFRecordDataset` reads the shards: `image/encoded` (the source file's bytes), `image/format`, `image/filename`, `image/class/label` (int64), `image/class/text`, and what the table says of the image.";

    protected override IDisposable Open(Stream stream) => new TfRecordWriter(stream);

    protected override void Add(IDisposable sink, ExportItem item, byte[] picture)
    {
        var (label, record) = (item.Label, item.Label.Record);
        var example = new TfExample()
            .Add("image/encoded", picture)
            .Add("image/format", Format(record.Uri))
            .Add("image/filename", item.IdName)
            .Add("image/width", (long)record.Width)
            .Add("image/height", (long)record.Height)
            .Add("image/class/label", (long)item.Class)
            .Add("image/class/text", label.Class)
            .Add("image/class/confidence", (float)ExportText.Confidence(label))
            .Add("image/class/source", ExportText.Source(label))
            .Add("image/sha256", record.Sha256)
            .Add("image/uri", record.Uri);
        if (label.Person is { } person) example.Add("image/class/person", person);
        if (label.LabeledAt is { } at) example.Add("image/class/labeled_at", ExportText.Time(at));
        if (record.TakenAt is { } taken) example.Add("image/taken_at", ExportText.Time(taken));
        if (record.Footprint is { } box) example.Add("image/bbox_south_west_north_east", (float)box.South, (float)box.West, (float)box.North, (float)box.East);
        ((TfRecordWriter)sink).Write(example.ToBytes());
    }

    private static string Format(string uri)
    {
        var extension = Path.GetExtension(uri).TrimStart('.').ToLowerInvariant();
        return extension == "jpg" ? "jpeg" : extension;
    }
}
