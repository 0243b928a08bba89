namespace Curator.Labeling.Tests;

/// <summary>Rows around random centres, seeded. Class 0 is rare and made of some of the centres.</summary>
internal sealed class Mixture
{
    public required float[] Rows { get; init; }

    public required int[] Labels { get; init; }

    public required int Dimension { get; init; }

    public int Count => Labels.Length;

    public ReadOnlySpan<float> Row(int i) => Rows.AsSpan(i * Dimension, Dimension);

    /// <param name="positiveCentres">Of <paramref name="centres"/>, which get a share of <paramref name="rare"/> of the rows together.</param>
    public static Mixture Draw(int count, int dimension, int centres, int positiveCentres, double rare, double noise, int seed)
    {
        var random = new Random(seed);
        var means = new float[centres * dimension];
        for (var i = 0; i < means.Length; i++) means[i] = (float)Normal(random);
        var rows = new float[count * dimension];
        var labels = new int[count];
        for (var i = 0; i < count; i++)
        {
            var positive = random.NextDouble() < rare;
            var centre = positive ? random.Next(positiveCentres) : positiveCentres + random.Next(centres - positiveCentres);
            labels[i] = positive ? 0 : 1;
            for (var c = 0; c < dimension; c++) rows[i * dimension + c] = means[centre * dimension + c] + (float)(noise * Normal(random));
        }
        return new Mixture { Rows = rows, Labels = labels, Dimension = dimension };
    }

    /// <summary>Several classes, each of two centres; the later a class, the rarer, by a half each.</summary>
    public static Mixture Many(int count, int dimension, int classes, double noise, int seed)
    {
        var random = new Random(seed);
        var means = new float[2 * classes * dimension];
        for (var i = 0; i < means.Length; i++) means[i] = (float)Normal(random);
        var rows = new float[count * dimension];
        var labels = new int[count];
        for (var i = 0; i < count; i++)
        {
            while (labels[i] < classes - 1 && random.NextDouble() < 0.5) labels[i]++;
            var centre = 2 * labels[i] + random.Next(2);
            for (var c = 0; c < dimension; c++) rows[i * dimension + c] = means[centre * dimension + c] + (float)(noise * Normal(random));
        }
        return new Mixture { Rows = rows, Labels = labels, Dimension = dimension };
    }

    public static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
