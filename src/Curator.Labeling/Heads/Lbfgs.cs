namespace Curator.Labeling.Heads;

/// <summary>
/// Minimises a smooth convex function of many variables: limited-memory BFGS with ten pairs and a backtracking line search on the Armijo condition
/// (Nocedal and Wright, Numerical Optimization, 2nd ed., algorithms 7.4, 7.5 and 3.1). Deterministic. Cost a step: one or two evaluations and O(20·d).
/// </summary>
internal static class Lbfgs
{
    private const int Pairs = 10;

    /// <summary>Writes the gradient at <paramref name="at"/> into <paramref name="gradient"/> and returns the value.</summary>
    public delegate double Objective(ReadOnlySpan<double> at, Span<double> gradient);

    /// <summary>Moves <paramref name="x"/> to the minimum: until ‖gradient‖ ≤ tolerance · max(1, ‖x‖), or the value no longer falls.</summary>
    /// <returns>Steps taken.</returns>
    public static int Minimise(Objective objective, double[] x, double tolerance, int maximumSteps, CancellationToken cancellationToken)
    {
        var n = x.Length;
        double[] gradient = new double[n], next = new double[n], nextGradient = new double[n], direction = new double[n];
        var moves = new List<(double[] Step, double[] Change, double Rho)>(Pairs);
        var value = objective(x, gradient);
        for (var step = 0; step < maximumSteps; step++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Norm(gradient) <= tolerance * Math.Max(1, Norm(x))) return step;
            Direction(gradient, moves, direction);
            var slope = Dot(gradient, direction);
            if (slope >= 0)
            {
                moves.Clear();
                for (var i = 0; i < n; i++) direction[i] = -gradient[i];
                slope = -Dot(gradient, gradient);
            }
            var length = moves.Count == 0 ? Math.Min(1, 1 / Norm(gradient)) : 1;
            double nextValue;
            for (var tries = 0; ; tries++)
            {
                for (var i = 0; i < n; i++) next[i] = x[i] + length * direction[i];
                nextValue = objective(next, nextGradient);
                if (nextValue <= value + 1e-4 * length * slope) break;
                if (tries == 30) return step;
                length /= 2;
            }
            Remember(moves, x, next, gradient, nextGradient);
            var gain = value - nextValue;
            value = nextValue;
            next.AsSpan().CopyTo(x);
            nextGradient.AsSpan().CopyTo(gradient);
            if (gain <= 1e-9 * Math.Max(1e-3, Math.Abs(value))) return step + 1;
        }
        return maximumSteps;
    }

    private static void Remember(List<(double[] Step, double[] Change, double Rho)> moves, double[] x, double[] next, double[] gradient, double[] nextGradient)
    {
        var n = x.Length;
        double[] step = new double[n], change = new double[n];
        for (var i = 0; i < n; i++)
        {
            step[i] = next[i] - x[i];
            change[i] = nextGradient[i] - gradient[i];
        }
        var curvature = Dot(step, change);
        if (curvature <= 1e-12 * Dot(change, change)) return;
        if (moves.Count == Pairs) moves.RemoveAt(0);
        moves.Add((step, change, 1 / curvature));
    }

    /// <summary>The two-loop recursion: direction = −H·gradient.</summary>
    private static void Direction(double[] gradient, List<(double[] Step, double[] Change, double Rho)> moves, double[] direction)
    {
        for (var i = 0; i < direction.Length; i++) direction[i] = -gradient[i];
        if (moves.Count == 0) return;
        Span<double> alpha = stackalloc double[Pairs];
        for (var m = moves.Count - 1; m >= 0; m--)
        {
            alpha[m] = moves[m].Rho * Dot(moves[m].Step, direction);
            AddScaled(direction, moves[m].Change, -alpha[m]);
        }
        var (lastStep, lastChange, _) = moves[^1];
        var scale = Dot(lastStep, lastChange) / Dot(lastChange, lastChange);
        for (var i = 0; i < direction.Length; i++) direction[i] *= scale;
        for (var m = 0; m < moves.Count; m++)
            AddScaled(direction, moves[m].Step, alpha[m] - moves[m].Rho * Dot(moves[m].Change, direction));
    }

    private static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b) => System.Numerics.Tensors.TensorPrimitives.Dot(a, b);

    private static double Norm(ReadOnlySpan<double> a) => System.Numerics.Tensors.TensorPrimitives.Norm(a);

    private static void AddScaled(Span<double> target, ReadOnlySpan<double> values, double factor) =>
        System.Numerics.Tensors.TensorPrimitives.MultiplyAdd(values, factor, target, target);
}
