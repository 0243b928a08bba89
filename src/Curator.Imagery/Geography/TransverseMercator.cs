namespace Curator.Imagery.Geography;

/// <summary>
/// UTM on WGS 84 to degrees, by Krüger's series to the fourth order in n (C. F. F. Karney, "Transverse Mercator with an accuracy of a few nanometers", 2011, equations 15 and 36):
/// better than a micrometre within a zone.
/// </summary>
internal static class TransverseMercator
{
    private const double SemiMajor = 6_378_137;
    private const double Flattening = 1 / 298.257223563;
    private const double Scale = 0.9996;
    private const double FalseEasting = 500_000;
    private const double FalseNorthing = 10_000_000;

    /// <param name="epsg">326zz for zones of the north, 327zz of the south.</param>
    public static (double Longitude, double Latitude) ToDegrees(double easting, double northing, int epsg)
    {
        var zone = epsg % 100;
        if (epsg / 100 == 327) northing -= FalseNorthing;
        const double n = Flattening / (2 - Flattening);
        const double radius = SemiMajor / (1 + n) * (1 + n * n / 4 + n * n * n * n / 64);
        double[] beta =
        [
            n / 2 - 2 * n * n / 3 + 37 * n * n * n / 96 - n * n * n * n / 360,
            n * n / 48 + n * n * n / 15 - 437 * n * n * n * n / 1440,
            17 * n * n * n / 480 - 37 * n * n * n * n / 840,
            4397 * n * n * n * n / 161_280,
        ];
        var xi = northing / (Scale * radius);
        var eta = (easting - FalseEasting) / (Scale * radius);
        var (xi1, eta1) = (xi, eta);
        for (var j = 1; j <= beta.Length; j++)
        {
            xi1 -= beta[j - 1] * Math.Sin(2 * j * xi) * Math.Cosh(2 * j * eta);
            eta1 -= beta[j - 1] * Math.Cos(2 * j * xi) * Math.Sinh(2 * j * eta);
        }

        // From the conformal latitude to the geographic one by Newton's steps on its tangent (equations 19 to 21).
        var target = Math.Sin(xi1) / Math.Sqrt(Math.Sinh(eta1) * Math.Sinh(eta1) + Math.Cos(xi1) * Math.Cos(xi1));
        var e = Math.Sqrt(Flattening * (2 - Flattening));
        var tau = target;
        for (var i = 0; i < 5; i++)
        {
            var sigma = Math.Sinh(e * Math.Atanh(e * tau / Math.Sqrt(1 + tau * tau)));
            var tau1 = tau * Math.Sqrt(1 + sigma * sigma) - sigma * Math.Sqrt(1 + tau * tau);
            tau += (target - tau1) / Math.Sqrt(1 + tau1 * tau1) * (1 + (1 - e * e) * tau * tau) / ((1 - e * e) * Math.Sqrt(1 + tau * tau));
        }

        var longitude = zone * 6 - 183 + Math.Atan2(Math.Sinh(eta1), Math.Cos(xi1)) * 180 / Math.PI;
        return (longitude, Math.Atan(tau) * 180 / Math.PI);
    }
}
