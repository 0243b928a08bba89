namespace Curator.Learning.Views;

/// <summary>
/// Random numbers that depend only on a seed and counters, so that step 1,000 draws the same numbers whether or not a process was killed
/// before it. SplitMix64: Steele, Lea, Flood 2014, "Fast Splittable Pseudorandom Number Generators". Not thread-safe.
/// </summary>
internal struct CounterRandom(ulong seed, ulong step, ulong stream)
{
    private ulong _state = Mix(Mix(Mix(seed) + step) + stream);

    public ulong NextBits()
    {
        _state += 0x9E3779B97F4A7C15;
        return Mix(_state);
    }

    /// <summary>From 0 inclusive to 1 exclusive.</summary>
    public float NextUnit() => (NextBits() >> 40) * (1f / (1 << 24));

    public float Between(float low, float high) => low + ((high - low) * NextUnit());

    /// <summary>From 0 inclusive to <paramref name="bound"/> exclusive. Lemire 2019, without the correction: the bias is below 2⁻³² for our bounds.</summary>
    public int Below(int bound) => (int)(((NextBits() >> 32) * (ulong)bound) >> 32);

    /// <summary>Fisher and Yates.</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var j = Below(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
