namespace Curator.Learning.Training;

/// <summary>
/// How many steps a training has. With <c>--minutes</c> the steps that were timed before the first one may have been slower or quicker than the rest (another program was running, a laptop
/// grew warm), so the number follows the steps that were done, at every twentieth of the time but for the last fifth, in which the learning rate is all but zero. Of any other budget it
/// stays as it is. Not thread-safe.
/// </summary>
/// <param name="steps">As planned, or as a checkpoint has it.</param>
/// <param name="minutes">Null for a budget of images or epochs.</param>
internal sealed class StepPlan(long steps, double? minutes)
{
    private const int Parts = 20, LastPart = 16;
    private readonly double _seconds = (minutes ?? 0) * 60;
    private int _seen = -1;

    /// <summary>Of the whole training, at least 1.</summary>
    public long Steps { get; private set; } = steps;

    /// <summary>Looks at the time after a step, unless it was the last.</summary>
    /// <param name="step">Steps done, from 1.</param>
    /// <param name="seconds">That they took, with those before a training was taken up again.</param>
    public void Look(long step, double seconds)
    {
        if (minutes is null || step >= Steps) return;
        var part = (int)Math.Min(LastPart + 1, seconds / _seconds * Parts);
        if (_seen < 0) _seen = part; // A training that is taken up again has looked at this twentieth before.
        if (part <= _seen) return;
        _seen = part;
        if (part > LastPart) return;
        Steps = Math.Max(step + 1, (long)(_seconds / seconds * step));
    }
}
