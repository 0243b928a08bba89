using System.Runtime.InteropServices;
using Curator.Core;
using Curator.Core.Files;
using Curator.Core.Images;
using Curator.Search.Indexes;

namespace Curator.Search.Maps;

/// <summary>
/// A map: position, cluster and group of every embedded image (docs/design/map.md has the bytes). Read whole and verified on opening: 20 bytes a point. Immutable, thread-safe.
/// </summary>
public sealed class MapFile
{
    internal const string Kind = "MAPL";
    internal const int Version = 1;
    private const int MaxSpan = 1 << 30;

    private readonly uint[] _rows;
    private readonly int[] _starts;
    private readonly int[] _representatives;

    private MapFile(MapInfo info, string fingerprint, uint[] rows, float[] positions, int[] clusters, int[] groups, int[] representatives)
    {
        (Info, Fingerprint, _rows, Positions, Clusters, Groups, _representatives) = (info, fingerprint, rows, positions, clusters, groups, representatives);
        _starts = new int[info.Partitions.Count + 1];
        for (var p = 0; p < info.Partitions.Count; p++) _starts[p + 1] = _starts[p] + info.Partitions[p].Points;
    }

    public MapInfo Info { get; }

    /// <summary>Of the embeddings and options that it was made from; a preview has that of the finished map.</summary>
    public string Fingerprint { get; }

    public int Count => _rows.Length;

    /// <summary>[points × 2]. Not to be changed.</summary>
    public float[] Positions { get; }

    /// <summary>Cluster by k-means of each point. Not to be changed.</summary>
    public int[] Clusters { get; }

    /// <summary>Group by density of each point, −1 for none. Not to be changed.</summary>
    public int[] Groups { get; }

    /// <summary>What a person runs to make a map.</summary>
    public static string CommandFor(string encoder, MapMethod method) => $"curator map --encoder {encoder} --method {method.ToString().ToLowerInvariant()}";

    /// <exception cref="ArtefactException">Missing, damaged, of another version, or with contents that cannot be.</exception>
    public static MapFile Open(string path, string rebuildCommand)
    {
        using var file = ArtefactFile.Open(path, Kind, Version, rebuildCommand);
        var info = MapInfo.Parse(file.Header.Metadata, file.Header.PayloadLength)
            ?? throw new ArtefactException($"'{path}' has metadata that do not fit its payload of {file.Header.PayloadLength} bytes.", $"Make it again with `{rebuildCommand}`.");
        var points = info.Points;
        var map = new MapFile(
            info, file.Header.Fingerprint, Copy<uint>(file, 0, points), Copy<float>(file, info.PositionsOffset, 2 * points), Copy<int>(file, info.ClustersOffset, points),
            Copy<int>(file, info.GroupsOffset, points), Copy<int>(file, info.RepresentativesOffset, info.Representatives * (info.Clusters + info.Groups)));
        if (!map.IsSane()) throw new ArtefactException($"'{path}' has points or clusters that cannot be.", $"Make it again with `{rebuildCommand}`.");
        return map;
    }

    public ImageId Image(int point)
    {
        var p = Array.BinarySearch(_starts, point);
        if (p < 0) p = ~p - 1;
        // Partitions without points begin where the next one does.
        while (_starts[p + 1] <= point) p++;
        return new ImageId(Info.Partitions[p].Number, _rows[point]);
    }

    /// <summary>Points of a partition, and the rows that they are, ascending; none where the map has no such partition.</summary>
    public (int FirstPoint, ReadOnlyMemory<uint> Rows) PointsOf(int partition)
    {
        for (var p = 0; p < Info.Partitions.Count; p++)
            if (Info.Partitions[p].Number == partition)
                return (_starts[p], _rows.AsMemory(_starts[p], Info.Partitions[p].Points));
        return (0, ReadOnlyMemory<uint>.Empty);
    }

    /// <summary>The point of an image; −1 when it is not on the map.</summary>
    public int PointOf(ImageId image)
    {
        var (first, rows) = PointsOf(image.Partition);
        var place = image.Row > uint.MaxValue ? -1 : rows.Span.BinarySearch((uint)image.Row);
        return place < 0 ? -1 : first + place;
    }

    /// <summary>Points that show what a cluster is: its middle first, then such as differ.</summary>
    public IReadOnlyList<int> RepresentativesOfCluster(int cluster) => Representatives(cluster);

    /// <inheritdoc cref="RepresentativesOfCluster"/>
    public IReadOnlyList<int> RepresentativesOfGroup(int group) => Representatives(Info.Clusters + group);

    /// <summary>Writes a map; it appears whole or not at all.</summary>
    /// <param name="rows">Row of each point in its partition, in the order of the partitions.</param>
    internal static void Write(
        string path, MapInfo info, string fingerprint, ReadOnlySpan<uint> rows, ReadOnlySpan<float> positions, ReadOnlySpan<int> clusters, ReadOnlySpan<int> groups, ReadOnlySpan<int> representatives)
    {
        using var artefact = ArtefactWriter.Create(path, Kind, Version, fingerprint, info.ToJson(), info.PayloadLength);
        var writer = new SectionWriter(artefact);
        writer.WriteLong(0, rows);
        writer.WriteLong(info.PositionsOffset, positions);
        writer.WriteLong(info.ClustersOffset, clusters);
        writer.WriteLong(info.GroupsOffset, groups);
        writer.WriteLong(info.RepresentativesOffset, representatives);
        artefact.Commit();
    }

    internal ReadOnlySpan<uint> Rows => _rows;

    internal ReadOnlySpan<int> AllRepresentatives => _representatives;

    private ReadOnlyMemory<int> Kept(int place) => _representatives.AsMemory(place * Info.Representatives, Info.Representatives);

    private List<int> Representatives(int place)
    {
        var points = new List<int>();
        foreach (var point in Kept(place).Span)
            if (point >= 0)
                points.Add(point);
        return points;
    }

    /// <summary>Checksums tell damage, not malice: nothing may point outside.</summary>
    private bool IsSane()
    {
        foreach (var cluster in Clusters)
            if (cluster < 0 || cluster >= Info.Clusters)
                return false;
        foreach (var group in Groups)
            if (group < -1 || group >= Info.Groups)
                return false;
        foreach (var point in _representatives)
            if (point < -1 || point >= Count)
                return false;
        foreach (var value in Positions)
            if (!float.IsFinite(value))
                return false;
        for (var p = 0; p < Info.Partitions.Count; p++)
            for (var point = _starts[p]; point < _starts[p + 1]; point++)
                if (_rows[point] >= Info.Partitions[p].Rows || (point > _starts[p] && _rows[point] <= _rows[point - 1]))
                    return false;
        return true;
    }

    private static T[] Copy<T>(ArtefactFile file, long offset, int count)
        where T : unmanaged
    {
        var values = new T[count];
        var step = MaxSpan / Marshal.SizeOf<T>();
        for (var done = 0; done < count; done += step)
        {
            var size = Math.Min(step, count - done);
            MemoryMarshal.Cast<byte, T>(file.Payload(offset + ((long)done * Marshal.SizeOf<T>()), size * Marshal.SizeOf<T>())).CopyTo(values.AsSpan(done, size));
        }

        return values;
    }
}
