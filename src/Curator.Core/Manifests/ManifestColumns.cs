using Curator.Core.Images;
using ParquetSharp;

namespace Curator.Core.Manifests;

/// <summary>One row group, column by column: what a writer collects and a reader keeps. About 500 bytes a row, and the free columns.</summary>
/// <param name="version">1 has no columns after the place; they are null then.</param>
/// <param name="free">By name, ordinal.</param>
internal sealed class ManifestColumns(int capacity, int version, IReadOnlyList<MetadataColumn> free)
{
    private readonly bool _extended = version > 1;
    private readonly string[] _uri = new string[capacity];
    private readonly string[] _sha256 = new string[capacity];
    private readonly long[] _sizeBytes = new long[capacity];
    private readonly long[] _modified = new long[capacity];
    private readonly int[] _width = new int[capacity];
    private readonly int[] _height = new int[capacity];
    private readonly int[] _channels = new int[capacity];
    private readonly int[] _bitDepth = new int[capacity];
    private readonly string[] _folder = new string[capacity];
    private readonly long[] _perceptualHash = new long[capacity];
    private readonly float[] _meanLuma = new float[capacity];
    private readonly float[] _lumaDeviation = new float[capacity];
    private readonly float[] _noDataShare = new float[capacity];
    private readonly DateTime?[] _takenAt = new DateTime?[capacity];
    private readonly double?[] _south = new double?[capacity];
    private readonly double?[] _west = new double?[capacity];
    private readonly double?[] _north = new double?[capacity];
    private readonly double?[] _east = new double?[capacity];
    private readonly float?[] _cloudShare = new float?[version > 1 ? capacity : 0];
    private readonly float?[] _sharpness = new float?[version > 1 ? capacity : 0];
    private readonly string?[] _rendering = new string?[version > 1 ? capacity : 0];
    private readonly byte[]?[] _gaps = new byte[]?[version > 1 ? capacity : 0];
    private readonly FreeColumn[] _free = [.. free.Select(column => new FreeColumn(column, capacity))];

    public int Count { get; private set; }

    /// <summary>Whether there is a free column of this name for the value; numbers go into columns of texts too.</summary>
    public bool Takes(string name, MetadataValue value) => Array.Exists(_free, column => column.Name == name && (column.Numbers is null || value.Number is not null));

    public bool IsFull => Count == capacity;

    public void Clear() => Count = 0;

    public void Add(ImageRecord record)
    {
        var i = Count++;
        _uri[i] = record.Uri;
        _sha256[i] = record.Sha256;
        _sizeBytes[i] = record.SizeBytes;
        _modified[i] = record.ModifiedNanoseconds;
        _width[i] = record.Width;
        _height[i] = record.Height;
        _channels[i] = record.Channels;
        _bitDepth[i] = record.BitDepth;
        _folder[i] = record.Folder;
        _perceptualHash[i] = unchecked((long)record.PerceptualHash);
        _meanLuma[i] = record.MeanLuma;
        _lumaDeviation[i] = record.LumaDeviation;
        _noDataShare[i] = record.NoDataShare;
        _takenAt[i] = record.TakenAt?.UtcDateTime;
        _south[i] = record.Footprint?.South;
        _west[i] = record.Footprint?.West;
        _north[i] = record.Footprint?.North;
        _east[i] = record.Footprint?.East;
        _cloudShare[i] = record.CloudShare;
        _sharpness[i] = record.Sharpness;
        _rendering[i] = record.Rendering.IsPlain ? null : record.Rendering.ToString();
        _gaps[i] = record.Gaps?.Packed.ToArray();
        foreach (var column in _free) column.Set(i, record.Metadata[column.Name]);
    }

    public ImageRecord this[int i] => new()
    {
        Uri = _uri[i],
        Sha256 = _sha256[i],
        SizeBytes = _sizeBytes[i],
        ModifiedNanoseconds = _modified[i],
        Width = _width[i],
        Height = _height[i],
        Channels = _channels[i],
        BitDepth = _bitDepth[i],
        Folder = _folder[i],
        PerceptualHash = unchecked((ulong)_perceptualHash[i]),
        MeanLuma = _meanLuma[i],
        LumaDeviation = _lumaDeviation[i],
        NoDataShare = _noDataShare[i],
        TakenAt = _takenAt[i] is { } taken ? new DateTimeOffset(DateTime.SpecifyKind(taken, DateTimeKind.Utc)) : null,
        Footprint = _south[i] is { } south && _west[i] is { } west && _north[i] is { } north && _east[i] is { } east
            ? new BoundingBox(south, west, north, east)
            : null,
        CloudShare = _extended ? _cloudShare[i] : null,
        Sharpness = _extended ? _sharpness[i] : null,
        Rendering = _extended ? Rendering.Parse(_rendering[i]) : Rendering.Plain,
        Gaps = _extended && _gaps[i] is { } gaps ? GapMask.Unpack(gaps) : null,
        Metadata = _free.Length == 0 ? ImageMetadata.Empty : new ImageMetadata(free, Array.ConvertAll(_free, column => column.Get(i))),
    };

    public void Write(RowGroupWriter group)
    {
        WriteColumn(group, _uri);
        WriteColumn(group, _sha256);
        WriteColumn(group, _sizeBytes);
        WriteColumn(group, _modified);
        WriteColumn(group, _width);
        WriteColumn(group, _height);
        WriteColumn(group, _channels);
        WriteColumn(group, _bitDepth);
        WriteColumn(group, _folder);
        WriteColumn(group, _perceptualHash);
        WriteColumn(group, _meanLuma);
        WriteColumn(group, _lumaDeviation);
        WriteColumn(group, _noDataShare);
        WriteColumn(group, _takenAt);
        WriteColumn(group, _south);
        WriteColumn(group, _west);
        WriteColumn(group, _north);
        WriteColumn(group, _east);
        WriteColumn(group, _cloudShare);
        WriteColumn(group, _sharpness);
        WriteColumn(group, _rendering);
        WriteColumn(group, _gaps);
        foreach (var column in _free)
            if (column.Numbers is { } numbers) WriteColumn(group, numbers);
            else WriteColumn(group, column.Texts!);
    }

    public void Read(RowGroupReader group)
    {
        Count = capacity;
        var column = 0;
        ReadColumn(group, column++, _uri);
        ReadColumn(group, column++, _sha256);
        ReadColumn(group, column++, _sizeBytes);
        ReadColumn(group, column++, _modified);
        ReadColumn(group, column++, _width);
        ReadColumn(group, column++, _height);
        ReadColumn(group, column++, _channels);
        ReadColumn(group, column++, _bitDepth);
        ReadColumn(group, column++, _folder);
        ReadColumn(group, column++, _perceptualHash);
        ReadColumn(group, column++, _meanLuma);
        ReadColumn(group, column++, _lumaDeviation);
        ReadColumn(group, column++, _noDataShare);
        ReadColumn(group, column++, _takenAt);
        ReadColumn(group, column++, _south);
        ReadColumn(group, column++, _west);
        ReadColumn(group, column++, _north);
        ReadColumn(group, column++, _east);
        if (_extended)
        {
            ReadColumn(group, column++, _cloudShare);
            ReadColumn(group, column++, _sharpness);
            ReadColumn(group, column++, _rendering);
            ReadColumn(group, column++, _gaps);
        }

        foreach (var own in _free)
            if (own.Numbers is { } numbers) ReadColumn(group, column++, numbers);
            else ReadColumn(group, column++, own.Texts!);
        ShareFolders();
    }

    private void WriteColumn<T>(RowGroupWriter group, T[] values)
    {
        using var writer = group.NextColumn().LogicalWriter<T>();
        writer.WriteBatch(values.AsSpan(0, Count));
    }

    private static void ReadColumn<T>(RowGroupReader group, int column, T[] values)
    {
        using var columnReader = group.Column(column);
        using var reader = columnReader.LogicalReader<T>();
        var rest = values.AsSpan();
        while (!rest.IsEmpty)
        {
            var read = reader.ReadBatch(rest);
            if (read == 0) throw new InvalidDataException($"column {column} ends after {values.Length - rest.Length} of {values.Length} rows");
            rest = rest[read..];
        }
    }

    /// <summary>Thousands of rows name the same few folders; one string each is enough.</summary>
    private void ShareFolders()
    {
        for (var i = 1; i < Count; i++)
            if (_folder[i] == _folder[i - 1])
                _folder[i] = _folder[i - 1];
    }

    /// <summary>Values of one free column; of <see cref="Numbers"/> and <see cref="Texts"/> one is there.</summary>
    private sealed class FreeColumn(MetadataColumn column, int capacity)
    {
        public string Name => column.Name;

        public double?[]? Numbers { get; } = column.Kind == MetadataKind.Number ? new double?[capacity] : null;

        public string?[]? Texts { get; } = column.Kind == MetadataKind.Text ? new string?[capacity] : null;

        public void Set(int i, MetadataValue value)
        {
            if (Numbers is not null) Numbers[i] = value.Number;
            else Texts![i] = value.IsMissing ? null : value.ToString();
        }

        public MetadataValue Get(int i) => Numbers is null ? MetadataValue.Of(Texts![i]) : Numbers[i] is { } number ? MetadataValue.Of(number) : default;
    }
}
