namespace Curator.Tests.StandIns;

/// <summary>How the stand-in may misbehave: everything that the real server has been seen to do.</summary>
internal enum GibsFault
{
    /// <summary>The static blank picture in place of the tile.</summary>
    Blank,

    /// <summary>An exception report with status 200.</summary>
    XmlWithOk,

    /// <summary>An exception report with status 400.</summary>
    XmlWithBadRequest,

    NotFound,

    /// <summary>429 with Retry-After: 1; until then everybody else gets 429 too.</summary>
    Busy,

    /// <summary>500 to this request and the next nineteen.</summary>
    ErrorBurst,

    /// <summary>Half of the picture, and then nothing more.</summary>
    Stall,

    /// <summary>The connection is reset.</summary>
    Reset,

    /// <summary>A part of the picture as if it were the whole.</summary>
    ShortBody,

    /// <summary>Fewer bytes than were announced, and the connection closed.</summary>
    BrokenLength,

    /// <summary>The picture of another time, which the header says.</summary>
    OtherTime,
}

/// <summary>Which requests for tiles are answered wrongly: drawn from seed and number of the request. Thread-safe.</summary>
/// <param name="share">Of all answers, 0 to 1.</param>
/// <param name="kinds">With their weights.</param>
internal sealed class GibsFaults(int seed, double share, params (GibsFault Kind, double Weight)[] kinds)
{
    public const int Burst = 20;
    private readonly int[] _counts = new int[Enum.GetValues<GibsFault>().Length];
    private int _asked;
    private int _burst;

    public static GibsFaults None => new(0, 0, (GibsFault.Blank, 1));

    /// <summary>Every kind. A burst is twenty answers and a busy second many, so they begin more seldom.</summary>
    public static GibsFaults All(int seed, double share) => new(
        seed, share, [.. Enum.GetValues<GibsFault>().Select(kind => (kind, kind is GibsFault.ErrorBurst ? 1.0 / Burst : kind is GibsFault.Busy ? 0.1 : 1.0))]);

    /// <summary>Answers of each kind so far.</summary>
    public IReadOnlyDictionary<GibsFault, int> Counts => Enum.GetValues<GibsFault>().ToDictionary(kind => kind, kind => Volatile.Read(ref _counts[(int)kind]));

    public GibsFault? Next()
    {
        var number = Interlocked.Increment(ref _asked);
        if (Interlocked.Decrement(ref _burst) >= 0) return Count(GibsFault.ErrorBurst);
        var random = new Random(HashCode(seed, number));
        if (random.NextDouble() >= share) return null;
        var at = random.NextDouble() * kinds.Sum(kind => kind.Weight);
        foreach (var (kind, weight) in kinds)
        {
            at -= weight;
            if (at > 0) continue;
            if (kind == GibsFault.ErrorBurst) Volatile.Write(ref _burst, Burst - 1);
            return Count(kind);
        }
        return null;
    }

    public GibsFault Count(GibsFault kind)
    {
        Interlocked.Increment(ref _counts[(int)kind]);
        return kind;
    }

    private static int HashCode(int a, int b) => unchecked((int)(((uint)a * 2_654_435_761 + (uint)b) * 2_246_822_519 >> 3));
}
