namespace Curator.Imagery.Gibs;

/// <summary>The grids that imagery is fetched in. EPSG:3857 is not among them: the server makes it from the geographic one and is known to answer there for another day.</summary>
public enum GibsProjection
{
    /// <summary>EPSG:4326, degrees.</summary>
    Geographic,

    /// <summary>EPSG:3413, north polar stereographic, metres.</summary>
    Arctic,

    /// <summary>EPSG:3031, south polar stereographic, metres.</summary>
    Antarctic,
}

/// <summary>Names of projections in addresses.</summary>
internal static class GibsProjections
{
    /// <summary><c>epsg4326</c>, as it stands in an address.</summary>
    public static string Code(this GibsProjection projection) => projection switch
    {
        GibsProjection.Geographic => "epsg4326",
        GibsProjection.Arctic => "epsg3413",
        GibsProjection.Antarctic => "epsg3031",
        _ => throw new ArgumentOutOfRangeException(nameof(projection)),
    };
}
