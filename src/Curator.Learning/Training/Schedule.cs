namespace Curator.Learning.Training;

/// <summary>Learning rate by step: linear from zero over the warm-up, then half a cosine to zero. Loshchilov and Hutter 2017, "SGDR", equation 5, one period.</summary>
internal static class Schedule
{
    /// <param name="step">From 0.</param>
    /// <param name="steps">Of the whole training; at least 1.</param>
    /// <param name="warmUp">Share of the steps, 0 to 1.</param>
    public static double LearningRate(long step, long steps, double peak, double warmUp)
    {
        var warmSteps = Math.Min((long)Math.Ceiling(warmUp * steps), steps - 1);
        if (step < warmSteps) return peak * (step + 1) / warmSteps;
        var progress = (double)(step - warmSteps) / (steps - warmSteps);
        return peak * 0.5 * (1 + Math.Cos(Math.PI * progress));
    }
}
