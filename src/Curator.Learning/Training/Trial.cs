namespace Curator.Learning.Training;

/// <summary>
/// Times candidates one after the other, twice where time allows, and keeps the first, the default, unless another is clearly quicker: a choice that a single slow moment makes would be
/// worse than none. Not thread-safe.
/// </summary>
/// <param name="seconds">That all candidates of all choices may take together.</param>
internal sealed class Trial(double seconds)
{
    private const int Rounds = 2;

    /// <summary>Seconds that are left; below 0 when the last candidate took longer than expected.</summary>
    public double Left { get; private set; } = seconds;

    /// <summary>Counts something else that had to be done.</summary>
    public void Spend(double spent) => Left -= spent;

    /// <param name="candidates">The default first.</param>
    /// <param name="margin">How many times as quick as the default another must be, above 1.</param>
    /// <param name="images">Images that timing a candidate takes; one that is not expected to end in time is left out.</param>
    /// <param name="time">Times a candidate: seconds that it took in all, and seconds an image; infinite for one that cannot be.</param>
    /// <param name="secondsAnImage">What is known before.</param>
    /// <returns>The chosen one and its seconds an image; infinite where nothing is known.</returns>
    public (T Chosen, double SecondsAnImage) Choose<T>(
        IReadOnlyList<T> candidates, double margin, Func<T, long> images, Func<T, (double Spent, double SecondsAnImage)> time, double secondsAnImage = double.PositiveInfinity)
    {
        var best = Enumerable.Repeat(double.PositiveInfinity, candidates.Count).ToArray();
        best[0] = secondsAnImage;
        for (var round = 0; round < Rounds; round++)
            for (var i = 0; i < candidates.Count; i++)
            {
                var quickest = best.Min();
                // Known before, far behind, or out of time before it would end.
                if (Left <= 0 || (round == 0 ? double.IsFinite(best[i]) : i > 0 && best[i] > margin * margin * quickest)) continue;
                if (double.IsFinite(quickest) && images(candidates[i]) * quickest > Left) continue;
                var (spent, perImage) = time(candidates[i]);
                Left -= spent;
                best[i] = Math.Min(best[i], perImage);
            }
        var chosen = Array.IndexOf(best, best.Min());
        // Not comparable with a default that was never timed.
        if (!double.IsFinite(best[0]) || best[chosen] * margin > best[0]) chosen = 0;
        return (candidates[chosen], best[chosen]);
    }
}
