using Curator.Imagery.Geography;

namespace Curator.Imagery.Tests.Geography;

public sealed class GeoReferenceTests
{
    // By GDAL 3.6 (gdaltransform -s_srs EPSG:32632 -t_srs EPSG:4326).
    [Theory]
    [InlineData(32632, 500_000, 5_300_000, 9, 47.8533419456088)]
    [InlineData(32633, 399_960, 5_200_020, 13.6854392470956, 46.9461622205954)]
    [InlineData(32733, 600_000, 8_000_000, 15.9450469497228, -18.0863946381451)]
    public void UTM_corners_are_where_GDAL_puts_them(int epsg, double x, double y, double longitude, double latitude)
    {
        var (actualLongitude, actualLatitude) = TransverseMercator.ToDegrees(x, y, epsg);
        Assert.InRange(actualLongitude - longitude, -1e-9, 1e-9);
        Assert.InRange(actualLatitude - latitude, -1e-9, 1e-9);
    }

    [Fact]
    public void UTM_is_the_inverse_of_the_forward_series()
    {
        for (var latitude = -80.0; latitude <= 84; latitude += 7.3)
            for (var offset = -3.0; offset <= 3; offset += 0.75)
            {
                var (x, y) = Forward(offset, latitude);
                var (longitude, back) = TransverseMercator.ToDegrees(500_000 + 0.9996 * x, (latitude < 0 ? 10_000_000 : 0) + 0.9996 * y, latitude < 0 ? 32731 : 32631);
                Assert.InRange(longitude - 3 - offset, -1e-9, 1e-9);
                Assert.InRange(back - latitude, -1e-9, 1e-9);
            }
    }

    [Fact]
    public void Degrees_give_their_own_box_and_parts_lie_inside()
    {
        var place = new GeoReference(-180, 90, 0.1, -0.1, 4326);
        Assert.Equal(new Core.Images.BoundingBox(-90, -180, 90, 180), place.Footprint(3600, 1800));
        var part = place.Part(100, 200).Footprint(50, 50)!.Value;
        Assert.Equal((65, -170, 70, -165), (Math.Round(part.South, 9), Math.Round(part.West, 9), Math.Round(part.North, 9), Math.Round(part.East, 9)));
    }

    [Fact]
    public void World_files_speak_of_the_middle_of_the_first_pixel()
    {
        using var folder = new TemporaryFolder();
        var place = new GeoReference(-10, 50, 0.25, -0.5, null);
        File.WriteAllText(folder["scene.jgw"], place.ToWorldFile());
        Assert.Equal(place, GeoReference.FromWorldFile(folder["scene.jpg"]));
        Assert.StartsWith("0.25\n0\n0\n-0.5\n-9.875\n49.75\n", place.ToWorldFile(), StringComparison.Ordinal);
        Assert.Null(GeoReference.FromWorldFile(folder["other.jpg"]));
    }

    /// <summary>Krüger's forward series (Karney 2011, equations 7 and 35).</summary>
    private static (double X, double Y) Forward(double offset, double latitude)
    {
        const double f = 1 / 298.257223563, n = f / (2 - f);
        const double radius = 6_378_137 / (1 + n) * (1 + n * n / 4 + n * n * n * n / 64);
        double[] alpha =
        [
            n / 2 - 2 * n * n / 3 + 5 * n * n * n / 16 + 41 * n * n * n * n / 180,
            13 * n * n / 48 - 3 * n * n * n / 5 + 557 * n * n * n * n / 1440,
            61 * n * n * n / 240 - 103 * n * n * n * n / 140,
            49_561 * n * n * n * n / 161_280,
        ];
        var e = Math.Sqrt(f * (2 - f));
        var sine = Math.Sin(latitude * Math.PI / 180);
        var t = Math.Sinh(Math.Atanh(sine) - e * Math.Atanh(e * sine));
        var lambda = offset * Math.PI / 180;
        var xi = Math.Atan2(t, Math.Cos(lambda));
        var eta = Math.Atanh(Math.Sin(lambda) / Math.Sqrt(1 + t * t));
        var (x, y) = (eta, xi);
        for (var j = 1; j <= 4; j++)
        {
            y += alpha[j - 1] * Math.Sin(2 * j * xi) * Math.Cosh(2 * j * eta);
            x += alpha[j - 1] * Math.Cos(2 * j * xi) * Math.Sinh(2 * j * eta);
        }

        return (radius * x, radius * y);
    }
}
