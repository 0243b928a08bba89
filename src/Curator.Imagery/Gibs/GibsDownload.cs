using System.Collections.Concurrent;
using System.Globalization;
using Curator.Core;
using Curator.Core.Files;
using Curator.Core.Shards;

namespace Curator.Imagery.Gibs;

/// <summary>
/// Carries out a plan: for each layer and time the server's tiles are fetched into the store, then the tiles of each size are cut out of them. What is there already is not fetched and not cut again,
/// so that whatever was interrupted or killed goes on when it is run again. Memory does not grow with region or times. One run at a time in an output folder.
/// </summary>
public sealed class GibsDownload
{
    private const int MostExamples = 20;
    /// <summary>Tiles that failed get so many more rounds at the end of their time.</summary>
    private const int MoreRounds = 2;

    private readonly GibsClient _client;
    private readonly GibsPlan _plan;
    private readonly string _output;
    private readonly IProgress<StageProgress>? _progress;
    private readonly ConcurrentQueue<string> _examples = [];
    private readonly Dictionary<string, Counted> _partitions = [];
    private long _done;
    private long _fetched;
    private long _there;
    private long _blank;
    private long _otherTime;
    private long _failed;

    private GibsDownload(GibsClient client, GibsPlan plan, string output, IProgress<StageProgress>? progress)
    {
        _client = client;
        _plan = plan;
        _output = output;
        _progress = progress;
    }

    private sealed record Counted(DownloadedPartition Partition, GibsCut Cut)
    {
        public SortedSet<string> Times { get; } = new(StringComparer.Ordinal);

        public long[] Outcomes { get; } = new long[Enum.GetValues<CutOutcome>().Length];

        public long this[CutOutcome outcome] => Outcomes[(int)outcome];

        /// <summary>Tiles that lie in the folder.</summary>
        public long Tiles => this[CutOutcome.Written] + this[CutOutcome.AlreadyThere];
    }

    /// <param name="output">Made when missing. Tiles go to <c>LAYER/RESOLUTION/PERIOD/DAY/</c>.</param>
    /// <exception cref="GibsException">Another download writes there just now.</exception>
    public static async Task<DownloadReport> RunAsync(GibsClient client, GibsPlan plan, string output, IProgress<StageProgress>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentException.ThrowIfNullOrEmpty(output);
        output = Path.GetFullPath(output);
        Directory.CreateDirectory(output);
        using var marker = Own(output);
        AtomicFile.RemoveLeftovers(output);
        return await new GibsDownload(client, plan, output, progress).RunAsync(cancellationToken);
    }

    private static FileStream Own(string output)
    {
        try
        {
            return new FileStream(Path.Combine(output, DownloadFolder.Marker), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException error) when (error is not DirectoryNotFoundException)
        {
            throw new GibsException($"Another download writes to {output} just now.", "Wait for its end, or give --out another folder.", error);
        }
    }

    private async Task<DownloadReport> RunAsync(CancellationToken cancellationToken)
    {
        var requests = _client.Fetcher.Tally.Requests;
        var bytes = _client.Fetcher.Tally.Bytes;
        foreach (var layer in _plan.Layers)
            foreach (var time in layer.Times)
                await OneAsync(layer, time, cancellationToken);
        foreach (var partition in _partitions.Values) WriteReceipt(partition);
        return new DownloadReport(
            [.. _partitions.Values.Select(one => one.Partition with { Tiles = one.Tiles })], _plan.SourceTiles, _fetched, _there, _blank, _otherTime, _failed,
            _client.Fetcher.Tally.Requests - requests, _client.Fetcher.Tally.Bytes - bytes, Sum(CutOutcome.Written), Sum(CutOutcome.AlreadyThere),
            Sum(CutOutcome.LeftOut), Sum(CutOutcome.Incomplete), [.. _examples.Take(MostExamples)]);
    }

    private long Sum(CutOutcome outcome) => _partitions.Values.Sum(one => one[outcome]);

    private async Task OneAsync(GibsLayerPlan plan, GibsTime? time, CancellationToken cancellationToken)
    {
        var set = new TileSet(plan.Layer, time);
        foreach (var level in plan.Cuts.GroupBy(cut => cut.Level))
        {
            var tiles = level.SelectMany(cut => cut.Sources).Distinct().ToList();
            await FetchAsync(set, level.Key, tiles, cancellationToken);
            foreach (var cut in level)
            {
                var spoilt = Cut(set, cut, cut.Tiles, cancellationToken);
                if (spoilt.Count == 0) continue;
                // Files that were damaged since they were fetched: once more.
                await _client.FetchAsync(set, level.Key, [.. spoilt.SelectMany(tile => GibsMosaic.Tiles(plan.Layer.Grid, level.Key, tile)).Distinct()], false, true, (_, _) => { }, cancellationToken);
                PartitionOf(cut, time).Outcomes[(int)CutOutcome.Incomplete] += Cut(set, cut, spoilt, cancellationToken).Count;
            }
        }
        _client.Store.Release(set);
    }

    private async Task FetchAsync(TileSet set, GibsLevel level, IReadOnlyList<TileAddress> tiles, CancellationToken cancellationToken)
    {
        var entries = new ConcurrentDictionary<TileAddress, TileEntry>();
        var begun = _client.Clock.GetUtcNow();
        await _client.FetchAsync(set, level, tiles, _plan.Options.AskAgain, _plan.Options.Verify, (tile, entry) =>
        {
            entries[tile] = entry;
            Report(1, set, "fetching");
        }, cancellationToken);
        for (var round = 0; round < MoreRounds; round++)
        {
            var failed = entries.Where(pair => pair.Value.Status == TileStatus.Failed).Select(pair => pair.Key).OrderBy(tile => tile.Row).ThenBy(tile => tile.Column).ToList();
            if (failed.Count == 0) break;
            await _client.FetchAsync(set, level, failed, false, false, (tile, entry) => entries[tile] = entry, cancellationToken);
        }
        foreach (var (tile, entry) in entries)
        {
            if (entry.At < begun) _there++;
            else if (entry.HasPicture) _fetched++;
            if (entry.Status is TileStatus.Blank or TileStatus.Absent) _blank++;
            if (entry.Status == TileStatus.OtherTime) _otherTime++;
            if (entry.Status == TileStatus.Failed) _failed++;
            if ((entry.Status is TileStatus.OtherTime or TileStatus.Failed) && _examples.Count < MostExamples) _examples.Enqueue($"{set.Path(tile)}: {entry.Detail}");
        }
    }

    /// <summary>Returns the tiles that could not be cut since what the store holds for them is spoilt.</summary>
    private List<PixelWindow> Cut(TileSet set, GibsCut cut, IReadOnlyList<PixelWindow> tiles, CancellationToken cancellationToken)
    {
        var counted = PartitionOf(cut, set.Time);
        var folder = Path.Combine(counted.Partition.Folder, TileCut.FolderOf(set.Time));
        using var journal = new CutJournal(folder);
        var maker = new TileCut(cut, set.Time, new GibsMosaic(_client.Store, set, cut.Level), _client.Store, set, _plan.FormatOf(cut.Layer), _plan.Options);
        var spoilt = new ConcurrentBag<PixelWindow>();
        Parallel.ForEach(
            Partitioner.Create(tiles), new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken },
            tile =>
            {
                try
                {
                    var outcome = maker.Make(tile, folder, journal);
                    Interlocked.Increment(ref counted.Outcomes[(int)outcome]);
                    Report(1, set, "cutting");
                }
                catch (MosaicHoleException)
                {
                    spoilt.Add(tile);
                }
            });
        return [.. spoilt];
    }

    private void Report(int tiles, TileSet set, string what)
    {
        var done = Interlocked.Add(ref _done, tiles);
        _progress?.Report(new StageProgress(
            "download", done, _plan.SourceTiles + _plan.Tiles, "tiles",
            string.Create(CultureInfo.InvariantCulture, $"{what} {set.Time?.Text ?? set.Layer.Identifier}, {_client.Fetcher.Limit} at a time, {_client.Fetcher.Tally.Bytes / 1e6:0.0} MB")));
    }

    private Counted PartitionOf(GibsCut cut, GibsTime? time)
    {
        var period = time is not { } at ? "all" : _plan.Options.Period switch
        {
            DownloadPeriod.All => "all",
            DownloadPeriod.Year => $"{at.Day:yyyy}",
            DownloadPeriod.Month => $"{at.Day:yyyy-MM}",
            _ => $"{at.Day:yyyy-MM-dd}",
        };
        var product = Names.ToValid(cut.Layer.Identifier);
        var folder = Path.Combine(_output, product, cut.Resolution, period);
        if (!_partitions.TryGetValue(folder, out var counted)) _partitions[folder] = counted = new Counted(new DownloadedPartition(folder, product, cut.Resolution, period, 0), cut);
        if (time is { } taken) counted.Times.Add(taken.Text);
        return counted;
    }

    private void WriteReceipt(Counted one)
    {
        var layer = one.Cut.Layer;
        var box = _plan.Region.Bounds;
        DownloadFolder.Write(one.Partition.Folder, new DownloadReceipt(one.Partition.Product, one.Partition.Resolution, one.Partition.Period)
        {
            Tool = $"Curator {typeof(GibsDownload).Assembly.GetName().Version?.ToString(3)}",
            Server = _client.Address.ToString(),
            Layer = layer.Identifier,
            Title = layer.Title,
            Projection = layer.Grid.Projection.Code(),
            Grid = layer.Grid.Name,
            Level = one.Cut.Level.Number,
            PixelSize = one.Cut.Level.PixelSize,
            Box = [box.South, box.West, box.North, box.East],
            Region = _plan.Options.Region,
            Options = _plan.Options,
            Times = [.. one.Times],
            Tiles = one.Tiles,
            LeftOut = one[CutOutcome.LeftOut],
            Incomplete = one[CutOutcome.Incomplete],
            FinishedAt = _client.Clock.GetUtcNow(),
            Acknowledgement = "We acknowledge the use of imagery provided by services from NASA's Global Imagery Browse Services (GIBS), part of NASA's Earth Science Data and Information System (ESDIS).",
        });
    }
}
