namespace Curator.Learning.Encoders;

/// <summary>Vectors of length one, in double precision.</summary>
internal static class UnitLength
{
    /// <summary>To length one; a vector without a direction (or not finite) becomes the first unit vector, so that no row is taken for an absent one.</summary>
    public static void Normalise(Span<float> vector)
    {
        double squares = 0;
        foreach (var value in vector) squares += (double)value * value;
        if (!double.IsFinite(squares) || squares < 1e-24)
        {
            vector.Clear();
            vector[0] = 1;
            return;
        }
        var scale = (float)(1 / Math.Sqrt(squares));
        foreach (ref var value in vector) value *= scale;
    }
}
