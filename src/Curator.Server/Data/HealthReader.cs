using System.Collections.Concurrent;
using Curator.Core;
using Curator.Core.Images;

namespace Curator.Server.Data;

/// <summary>
/// What the manifests say of the pictures' health. Partitions beyond <see cref="MostRows"/> images are read in blocks drawn evenly over them. What was read is kept until the partition
/// changes. Thread-safe. Cost: about four seconds a million images, once.
/// </summary>
internal sealed class HealthReader(Workspace workspace) : IDisposable
{
    private const long MostRows = 1 << 18;
    private const int BlockRows = 8192;
    private const int ExamplesEach = 8;
    private const int SizesShown = 5;
    private const int LumaSteps = 16;

    /// <summary>What is odd about a picture, and from where on.</summary>
    private static readonly (string Name, Func<ImageRecord, bool> Holds)[] s_problems =
    [
        ("noData", record => record.NoDataShare >= 0.5f),
        ("dark", record => record.NoDataShare < 0.5f && record.MeanLuma < 20),
        ("bright", record => record.MeanLuma > 235),
        ("featureless", record => record.NoDataShare < 0.5f && record.LumaDeviation < 3),
        ("tiny", record => Math.Min(record.Width, record.Height) < 32),
        ("long", record => Math.Max(record.Width, record.Height) > 4L * Math.Min(record.Width, record.Height)),
    ];

    private readonly ConcurrentDictionary<int, (string Fingerprint, PartitionHealth Health)> _known = [];
    private readonly SemaphoreSlim _one = new(1, 1);

    /// <summary>Null when there is no such partition.</summary>
    public async Task<PartitionHealth?> ReadAsync(int number, CancellationToken cancellationToken)
    {
        if ((await workspace.Catalog.GetPartitionsAsync(cancellationToken)).FirstOrDefault(p => p.Number == number) is not { } partition) return null;
        if (_known.TryGetValue(number, out var known) && known.Fingerprint == partition.Fingerprint) return known.Health;
        // Several pages that ask at once read once, and partitions one after the other.
        await _one.WaitAsync(cancellationToken);
        try
        {
            if (_known.TryGetValue(number, out known) && known.Fingerprint == partition.Fingerprint) return known.Health;
            var health = await Task.Run(() => Read(partition, cancellationToken), cancellationToken);
            _known[number] = (partition.Fingerprint, health);
            return health;
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    private PartitionHealth Read(Partition partition, CancellationToken cancellationToken)
    {
        var counts = new long[s_problems.Length];
        var examples = s_problems.Select(_ => new List<OddImage>()).ToArray();
        var luma = new long[LumaSteps];
        var sizes = new Dictionary<(int, int), long>();
        var contents = new HashSet<string>(StringComparer.Ordinal);
        long read = 0, placed = 0, dated = 0, same = 0;
        DateTimeOffset? first = null, last = null;
        if (partition.Rows > 0)
        {
            using var manifest = workspace.OpenManifest(partition);
            foreach (var (row, record) in Rows(partition.Rows, manifest.Read))
            {
                if (read++ % BlockRows == 0) cancellationToken.ThrowIfCancellationRequested();
                for (var p = 0; p < counts.Length; p++)
                {
                    if (!s_problems[p].Holds(record)) continue;
                    counts[p]++;
                    if (examples[p].Count < ExamplesEach)
                    {
                        var id = new ImageId(partition.Number, row);
                        examples[p].Add(new OddImage(id.ToString(), $"/api/images/{id}/picture?v={record.Sha256[..16]}"));
                    }
                }
                luma[Math.Clamp((int)(record.MeanLuma / 256 * LumaSteps), 0, LumaSteps - 1)]++;
                sizes[(record.Width, record.Height)] = sizes.GetValueOrDefault((record.Width, record.Height)) + 1;
                if (!contents.Add(record.Sha256)) same++;
                if (record.Footprint is not null) placed++;
                if (record.TakenAt is not { } taken) continue;
                dated++;
                if (first is null || taken < first) first = taken;
                if (last is null || taken > last) last = taken;
            }
        }
        return new PartitionHealth(
            read, partition.Rows,
            s_problems.Select((p, i) => (p.Name, counts[i])).Where(p => p.Item2 > 0).ToDictionary(),
            [.. s_problems.Select((p, i) => new OddImages(p.Name, examples[i])).Where(p => p.Images.Count > 0)],
            luma, [.. sizes.OrderByDescending(s => s.Value).ThenBy(s => s.Key).Take(SizesShown).Select(s => new SizeCount(s.Key.Item1, s.Key.Item2, s.Value))],
            placed, dated, first, last, same);
    }

    private static IEnumerable<(long Row, ImageRecord Record)> Rows(long rows, Func<long, long, IEnumerable<ImageRecord>> read)
    {
        var blocks = rows <= MostRows ? 1 : MostRows / BlockRows;
        var size = rows <= MostRows ? rows : BlockRows;
        for (long block = 0; block < blocks; block++)
        {
            // Blocks of the manifest itself, so that each is decoded once.
            var row = blocks == 1 ? 0 : block * (rows / BlockRows) / blocks * BlockRows;
            foreach (var record in read(row, size)) yield return (row++, record);
        }
    }
}
