using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Curator.Imagery.Decoding;

namespace Curator.Imagery.Gibs;

/// <summary>Counts of requests. Thread-safe.</summary>
internal sealed class RequestTally
{
    private long _requests;
    private long _bytes;

    public long Requests => Interlocked.Read(ref _requests);

    public long Bytes => Interlocked.Read(ref _bytes);

    public void Add(int bytes)
    {
        Interlocked.Increment(ref _requests);
        Interlocked.Add(ref _bytes, bytes);
    }
}

/// <summary>
/// Gets one tile for good or names why not: asks, judges, waits, asks again. Broken answers are tried again with pauses that double, each a random part of its length (full jitter); answers that
/// say there is nothing are believed when they came several times; what a server asks for with Retry-After is kept. Thread-safe.
/// </summary>
internal sealed class TileFetcher(GibsHttp http, TileStore store, GibsOptions options, TimeProvider clock)
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestHold = TimeSpan.FromMinutes(15);

    private readonly AdaptiveGate _gate = new(options.Connections, clock);
    private readonly BandwidthBudget _budget = new(options.Bandwidth, clock);
    private readonly ConcurrentBag<ImageDecoder> _decoders = [];

    public RequestTally Tally { get; } = new();

    /// <summary>Requests that may be under way now.</summary>
    public int Limit => _gate.Limit;

    /// <summary>What the journal knows and the store holds, or else what the server answers; the journal knows it afterwards.</summary>
    /// <param name="askAgain">Asks also for tiles that the server called blank, absent or another time's.</param>
    /// <param name="verify">Reads what the store holds and fetches anew what is spoilt.</param>
    public async Task<TileEntry> GetAsync(TileSet set, GibsLevel level, TileAddress tile, bool askAgain, bool verify, CancellationToken cancellationToken)
    {
        var journal = store.Journal(set);
        if (journal.Find(tile) is { } known && IsEnough(known, askAgain) && !(verify && known.HasPicture && store.TryGet(known.Sha256) is null)) return known;
        var entry = await FetchAsync(set, level, tile, cancellationToken);
        journal.Add(entry);
        return entry;
    }

    /// <summary>Whether a known tile need not be asked for.</summary>
    public bool IsEnough(TileEntry known, bool askAgain) =>
        known.IsFinal && (!askAgain || known.Status == TileStatus.Done) && (!known.HasPicture || store.Has(known));

    private async Task<TileEntry> FetchAsync(TileSet set, GibsLevel level, TileAddress tile, CancellationToken cancellationToken)
    {
        var path = set.Path(tile);
        Dictionary<TileVerdict, int> seen = [];
        Judgement judgement = default;
        for (var tries = 1; ; tries++)
        {
            await _gate.EnterAsync(cancellationToken);
            var signal = GateSignal.Neutral;
            try
            {
                var answer = await http.GetAsync(path, GibsHttp.LargestTile, null, cancellationToken);
                Tally.Add(answer.Body.Length);
                judgement = Judge(answer, set.Time, level, out var sha256);
                signal = judgement.Signal(answer);
                if (answer.RetryAfter is { } wait && wait > TimeSpan.Zero) _gate.Hold(wait < LongestHold ? wait : LongestHold);
                await _budget.SpendAsync(answer.Body.Length, cancellationToken);
                seen[judgement.Verdict] = seen.GetValueOrDefault(judgement.Verdict) + 1;
                if (Ended(judgement.Verdict, seen) is { } status)
                {
                    var hasPicture = status is TileStatus.Done or TileStatus.Blank;
                    if (hasPicture) store.Put(sha256, answer.Body);
                    return new TileEntry(
                        tile.Level, tile.Row, tile.Column, status, hasPicture ? sha256 : "", hasPicture ? answer.Body.Length : 0, judgement.NoDataShare, answer.ActualTime, answer.ActualLayer, answer.ETag,
                        clock.GetUtcNow(), tries, judgement.Detail.Length > 0 ? judgement.Detail : null);
                }
            }
            finally
            {
                _gate.Leave(signal);
            }
            if (tries >= options.Tries)
                return new TileEntry(tile.Level, tile.Row, tile.Column, TileStatus.Failed, "", 0, 0, null, null, null, clock.GetUtcNow(), tries, judgement.Detail);
            await Task.Delay(PauseAfter(path, tries), clock, cancellationToken);
        }
    }

    private TileStatus? Ended(TileVerdict verdict, Dictionary<TileVerdict, int> seen) => verdict switch
    {
        TileVerdict.Good => TileStatus.Done,
        TileVerdict.Blank when seen[verdict] > options.Confirm => TileStatus.Blank,
        TileVerdict.Nothing when seen[verdict] > options.Confirm => TileStatus.Absent,
        TileVerdict.OtherTime when seen[verdict] > options.Confirm => TileStatus.OtherTime,
        _ => null,
    };

    private Judgement Judge(GibsAnswer answer, GibsTime? time, GibsLevel level, out string sha256)
    {
        if (!_decoders.TryTake(out var decoder)) decoder = new ImageDecoder();
        var judgement = TileJudge.Judge(answer, time, level, decoder, out sha256);
        _decoders.Add(decoder);
        return judgement;
    }

    /// <summary>A random part of the pause, drawn from the address and the number of the try, so that runs repeat and tiles spread.</summary>
    private TimeSpan PauseAfter(string path, int tries)
    {
        var longest = options.Pause * Math.Pow(2, Math.Min(tries - 1, 20));
        if (longest > LongestPause) longest = LongestPause;
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{path}#{tries}"));
        return longest * (BitConverter.ToUInt32(hash) / (double)uint.MaxValue);
    }
}
