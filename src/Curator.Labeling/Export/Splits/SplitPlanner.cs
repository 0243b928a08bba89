using Curator.Core.Images;

namespace Curator.Labeling.Export.Splits;

/// <summary>Which part of the split each image goes to.</summary>
/// <param name="Parts">Names; empty when the set is not split.</param>
/// <param name="Of">Number of the part of each image, -1 for one that is left out.</param>
/// <param name="Groups">Groups that were kept whole.</param>
/// <param name="LeftOut">Images along the border of two parts: they touch an image of another part.</param>
/// <param name="Shared">Counted afterwards from what was decided: places (or days, or contents) that two parts share. Zero, or the split leaks.</param>
internal sealed record SplitPlan(IReadOnlyList<string> Parts, sbyte[] Of, SplitBy By, int Groups, long LeftOut, long Shared)
{
    public static SplitPlan None(int images) => new([], new sbyte[images], SplitBy.Image, 0, 0, 0);
}

/// <summary>What a split needs to know of the images, in columns.</summary>
internal sealed class SplitInput
{
    private readonly Dictionary<BoundingBox, int> _places = [];

    public List<int> Classes { get; } = [];

    /// <summary>Number in <see cref="Boxes"/>, -1 without a footprint.</summary>
    public List<int> Places { get; } = [];

    public List<BoundingBox> Boxes { get; } = [];

    /// <summary>Days since 0001-01-01, -1 without a date.</summary>
    public List<int> Days { get; } = [];

    /// <summary>The first 64 bits of the content's SHA-256.</summary>
    public List<ulong> Contents { get; } = [];

    public int Count => Classes.Count;

    public void Add(int @class, ImageRecord record)
    {
        Classes.Add(@class);
        var place = -1;
        if (record.Footprint is { } box && !_places.TryGetValue(box, out place))
        {
            _places[box] = place = Boxes.Count;
            Boxes.Add(box);
        }
        Places.Add(place);
        Days.Add(record.TakenAt is { } time ? DateOnly.FromDateTime(time.UtcDateTime).DayNumber : -1);
        Contents.Add(ulong.Parse(record.Sha256.AsSpan(0, 16), System.Globalization.NumberStyles.AllowHexSpecifier, System.Globalization.CultureInfo.InvariantCulture));
    }
}

/// <summary>
/// Splits a set so that no part knows what another is tested with. Groups that belong together (touching places, equal contents) are given whole, the largest first, to the part whose
/// shares of the classes they bring nearest to what is wanted (chi-square); equal groups in an order drawn from the seed. Days are cut in order of time: the past trains, the future tests.
/// </summary>
internal static class SplitPlanner
{
    public static SplitPlan Plan(SplitInput input, PartShares shares, SplitBy by, int seed)
    {
        if (by == SplitBy.Auto) by = input.Boxes.Count > 0 ? SplitBy.Place : SplitBy.Image;
        return by switch
        {
            SplitBy.Place => ByPlace(input, shares, seed),
            SplitBy.Date => ByDate(input, shares),
            _ => ByContent(input, shares, seed),
        };
    }

    private static SplitPlan ByPlace(SplitInput input, PartShares shares, int seed)
    {
        var pairs = new List<(int, int)>();
        new PlaceIndex(input.Boxes).ForEachPair((a, b) => pairs.Add((a, b)));
        var images = new int[input.Boxes.Count];
        foreach (var place in input.Places)
            if (place >= 0) images[place]++;
        var groups = PlaceGroups.Of(input.Boxes, images, pairs);
        var next = groups.Length == 0 ? 0 : groups.Max() + 1;
        var nowhere = new Dictionary<ulong, int>();
        var unit = new int[input.Count];
        for (var i = 0; i < unit.Length; i++)
            if (input.Places[i] >= 0) unit[i] = groups[input.Places[i]];
            else if (!nowhere.TryGetValue(input.Contents[i], out unit[i])) nowhere[input.Contents[i]] = unit[i] = next++;
        var partOf = Assign(input.Classes, unit, next, shares, seed);
        var places = new sbyte[input.Boxes.Count];
        for (var p = 0; p < places.Length; p++) places[p] = partOf[groups[p]];
        // Along the cuts the part that has most gives way, so that what is tested with stays whole.
        foreach (var (a, b) in pairs)
        {
            if (places[a] < 0 || places[b] < 0 || places[a] == places[b]) continue;
            if (shares.Shares[places[a]] >= shares.Shares[places[b]]) places[a] = -1;
            else places[b] = -1;
        }
        var of = new sbyte[input.Count];
        for (var i = 0; i < of.Length; i++) of[i] = input.Places[i] >= 0 ? places[input.Places[i]] : partOf[unit[i]];
        var leaks = pairs.LongCount(pair => places[pair.Item1] >= 0 && places[pair.Item2] >= 0 && places[pair.Item1] != places[pair.Item2]);
        return new SplitPlan(shares.Names, of, SplitBy.Place, next, of.LongCount(p => p < 0), leaks);
    }

    private static SplitPlan ByContent(SplitInput input, PartShares shares, int seed)
    {
        var units = new Dictionary<ulong, int>();
        var unit = new int[input.Count];
        for (var i = 0; i < unit.Length; i++)
            if (!units.TryGetValue(input.Contents[i], out unit[i])) units[input.Contents[i]] = unit[i] = units.Count;
        var partOf = Assign(input.Classes, unit, units.Count, shares, seed);
        var of = Array.ConvertAll(unit, u => partOf[u]);
        return new SplitPlan(shares.Names, of, SplitBy.Image, units.Count, 0, CountShared(input.Contents, of));
    }

    private static SplitPlan ByDate(SplitInput input, PartShares shares)
    {
        var days = input.Days.CountBy(day => day).OrderBy(day => day.Key).ToList();
        var partOf = new Dictionary<int, sbyte>();
        long before = 0;
        foreach (var (day, count) in days)
        {
            // The part in which the middle of the day's images lies; images without a date come first and train.
            var middle = (before + count / 2.0) / input.Count;
            sbyte part = 0;
            for (var end = shares.Shares[0]; part < shares.Names.Count - 1 && middle >= end; end += shares.Shares[part]) part++;
            partOf[day] = day < 0 ? (sbyte)0 : part;
            before += count;
        }
        var of = input.Days.Select(day => partOf[day]).ToArray();
        return new SplitPlan(shares.Names, of, SplitBy.Date, days.Count, 0, CountShared(input.Days, of));
    }

    private static long CountShared<T>(IReadOnlyList<T> keys, sbyte[] of)
        where T : notnull
    {
        var parts = new Dictionary<T, int>();
        for (var i = 0; i < of.Length; i++) parts[keys[i]] = parts.GetValueOrDefault(keys[i]) | (1 << of[i]);
        return parts.Values.LongCount(set => int.PopCount(set) > 1);
    }

    /// <summary>Part of each unit.</summary>
    internal static sbyte[] Assign(IReadOnlyList<int> classes, int[] unit, int units, PartShares shares, int seed)
    {
        var members = new Dictionary<(int Unit, int Class), int>();
        var size = new int[units];
        var total = new long[classes.Count == 0 ? 0 : classes.Max() + 1];
        for (var i = 0; i < unit.Length; i++)
        {
            members[(unit[i], classes[i])] = members.GetValueOrDefault((unit[i], classes[i])) + 1;
            size[unit[i]]++;
            total[classes[i]]++;
        }
        var counts = new List<(int Class, int Count)>[units];
        foreach (var ((u, c), n) in members.OrderBy(m => m.Key)) (counts[u] ??= []).Add((c, n));
        var order = Enumerable.Range(0, units).OrderByDescending(u => size[u]).ThenBy(u => Mix(seed, u)).ThenBy(u => u);
        var filled = shares.Names.Select(_ => new long[total.Length]).ToArray();
        var parts = new sbyte[units];
        foreach (var u in order)
        {
            var best = 0;
            var least = double.PositiveInfinity;
            for (var p = 0; p < filled.Length; p++)
            {
                var change = 0.0;
                foreach (var (c, n) in counts[u] ?? [])
                {
                    double now = (double)filled[p][c] / total[c] - shares.Shares[p], then = now + (double)n / total[c];
                    change += (then * then - now * now) / shares.Shares[p];
                }
                if (change < least - 1e-15) (best, least) = (p, change);
            }
            foreach (var (c, n) in counts[u] ?? []) filled[best][c] += n;
            parts[u] = (sbyte)best;
        }
        return parts;
    }

    /// <summary>SplitMix64 (Steele, Lea, Flood, 2014): an order that looks drawn and depends on the seed only.</summary>
    private static ulong Mix(int seed, int unit)
    {
        var z = ((ulong)(uint)seed << 32 | (uint)unit) + 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
