using System.Globalization;
using System.Runtime.InteropServices;
using Curator.Core;
using Curator.Core.Files;
using Curator.Search.Indexes;
using Curator.Search.Layout;
using Curator.Search.Neighbours;

namespace Curator.Search.Maps;

/// <summary>What is under way of a map: the k-NN table and the newest state of the layout, as artefact files in a folder. A file that is missing, damaged or of other inputs is as none.</summary>
internal sealed class MapWork(string folder, string fingerprint)
{
    private const string TableKind = "NEIB";
    private const string StateKind = "LAYS";
    private const int MaxSpan = 1 << 28;

    private string TablePath => Path.Combine(folder, "neighbours");

    private string StatePath => Path.Combine(folder, "layout");

    public void SaveTable(NeighbourTable table)
    {
        using var artefact = ArtefactWriter.Create(TablePath, TableKind, 1, fingerprint, "{}", 8L * table.Rows.LongLength);
        var writer = new SectionWriter(artefact);
        writer.WriteLong<int>(0, table.Rows);
        foreach (var part in Parts(table.Distances)) writer.Append(MemoryMarshal.AsBytes(part.Span));
        artefact.Commit();
    }

    /// <summary>Null when there is none.</summary>
    public NeighbourTable? LoadTable(int count, int k)
    {
        using var file = Open(TablePath, TableKind, 8L * count * k);
        if (file is null) return null;
        var table = new NeighbourTable(count, k, new int[(long)count * k], new float[(long)count * k]);
        Fill(file, 0, table.Rows);
        Fill(file, 4L * count * k, table.Distances);
        return Array.TrueForAll(table.Rows, row => row >= 0 && row < count) ? table : null;
    }

    public void SaveState(ILayoutRun run)
    {
        var step = run.Step.ToString(CultureInfo.InvariantCulture);
        using var artefact = ArtefactWriter.Create(StatePath, StateKind, 1, fingerprint, $"{{\"step\":{step}}}", run.State.Sum(part => 4L * part.Length));
        var writer = new SectionWriter(artefact);
        foreach (var part in run.State.SelectMany(Parts)) writer.Append(MemoryMarshal.AsBytes(part.Span));
        artefact.Commit();
    }

    /// <summary>Goes on from the newest state, if there is one.</summary>
    public void Resume(ILayoutRun run)
    {
        using var file = Open(StatePath, StateKind, run.State.Sum(part => 4L * part.Length));
        if (file is null) return;
        var metadata = System.Text.Json.Nodes.JsonNode.Parse(file.Header.Metadata);
        if (metadata?["step"]?.GetValue<int>() is not (> 0 and var step) || step > run.Steps) return;
        long offset = 0;
        foreach (var part in run.State)
        {
            Fill(file, offset, part);
            offset += 4L * part.Length;
        }

        run.Resume(step);
    }

    public void Remove()
    {
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    }

    /// <summary>Opened and verified, or null.</summary>
    private ArtefactFile? Open(string path, string kind, long payloadLength)
    {
        if (!File.Exists(path)) return null;
        try
        {
            var file = ArtefactFile.Open(path, kind, 1, "curator map", fingerprint);
            if (file.Header.PayloadLength == payloadLength && file.Verify().Count == 0) return file;
            file.Dispose();
        }
        catch (ArtefactException)
        {
            // It only saves time.
        }

        return null;
    }

    private static IEnumerable<ReadOnlyMemory<float>> Parts(float[] values)
    {
        for (var first = 0; first < values.Length; first += MaxSpan / 4) yield return values.AsMemory(first, Math.Min(MaxSpan / 4, values.Length - first));
    }

    private static void Fill<T>(ArtefactFile file, long offset, T[] values)
        where T : unmanaged
    {
        for (var first = 0; first < values.Length; first += MaxSpan / 4)
        {
            var part = values.AsSpan(first, Math.Min(MaxSpan / 4, values.Length - first));
            file.Payload(offset + (4L * first), 4 * part.Length).CopyTo(MemoryMarshal.AsBytes(part));
        }
    }
}
