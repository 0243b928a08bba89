using System.Globalization;

namespace Curator.Labeling.Export.Formats;

/// <summary>
/// Samples in numbered shards, one series a part: at most 10,000 samples and about 1 GiB each. Where a shard begins depends on the set alone, so a shard that an interrupted export
/// finished is passed over when it goes on.
/// </summary>
internal abstract class ShardedWriter(ExportContext context, string extension) : IDataSetWriter
{
    private const int MostSamples = 10_000;
    private const long MostBytes = 1L << 30;

    private readonly Dictionary<string, Shard> _open = [];

    public abstract string Reading { get; }

    protected ExportContext Context => context;

    public string Write(ExportItem item)
    {
        var part = item.Part ?? "images";
        if (!_open.TryGetValue(part, out var shard)) _open[part] = shard = Next(part, 0);
        if (shard.Samples == MostSamples || (shard.Samples > 0 && shard.Bytes + item.Label.Record.SizeBytes > MostBytes))
        {
            Close(shard);
            _open[part] = shard = Next(part, shard.Number + 1);
        }
        shard.Samples++;
        shard.Bytes += item.Label.Record.SizeBytes;
        if (shard.Sink is null) context.Folder.IsThere(item.Label.Record.Uri);
        else if (context.Folder.Read(item.Label.Record.Uri) is { } picture) Add(shard.Sink, item, picture);
        return shard.Name;
    }

    public void Finish()
    {
        foreach (var shard in _open.Values) Close(shard);
        _open.Clear();
    }

    public void Dispose()
    {
        foreach (var shard in _open.Values) shard.Sink?.Dispose();
    }

    /// <summary>Begins a shard.</summary>
    /// <param name="stream">Closed with the sink.</param>
    protected abstract IDisposable Open(Stream stream);

    /// <summary>Adds a sample to a shard.</summary>
    protected abstract void Add(IDisposable sink, ExportItem item, byte[] picture);

    private Shard Next(string part, int number)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{part}-{number:D6}.{extension}");
        return new Shard(name, number) { Sink = context.Folder.Has(name) ? null : Open(context.Folder.Begin(name)) };
    }

    private void Close(Shard shard)
    {
        if (shard.Sink is null) return;
        shard.Sink.Dispose();
        shard.Sink = null;
        context.Folder.Finish(shard.Name);
    }

    private sealed class Shard(string name, int number)
    {
        public string Name => name;

        public int Number => number;

        public int Samples { get; set; }

        public long Bytes { get; set; }

        /// <summary>Null when the shard was finished by an earlier run.</summary>
        public IDisposable? Sink { get; set; }
    }
}
