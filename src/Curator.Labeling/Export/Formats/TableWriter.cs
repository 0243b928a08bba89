namespace Curator.Labeling.Export.Formats;

/// <summary>Nothing but the table that every set has: pictures are named where they are.</summary>
internal sealed class TableWriter : IDataSetWriter
{
    public string Reading => "`labels.csv` has a row an image; `uri` is where its picture lies.";

    public string Write(ExportItem item) => ExportText.RelativeName(item.Label.Record);

    public void Finish()
    {
        // The table is written by the exporter.
    }

    public void Dispose()
    {
        // Nothing is held open.
    }
}
