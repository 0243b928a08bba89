namespace Curator.Server.Places;

/// <summary>Pictures that the map may lay under the footprints, from the one host that the owner named. Off unless asked for: the page calls no other host by itself.</summary>
internal static class Backgrounds
{
    private const string Gibs = "https://gibs.earthdata.nasa.gov/wmts/epsg4326/best/MODIS_Terra_CorrectedReflectance_TrueColor/default/{date}/250m/{z}/{y}/{x}.jpg";
    private const string GibsCredit = "NASA GIBS / MODIS Terra";

    /// <summary>Degrees a pixel of the coarsest level of GIBS' tile matrix sets in EPSG:4326, whose tiles have 512 pixels.</summary>
    private const double GibsResolution = 0.5625;

    /// <param name="setting"><c>gibs</c>, an address with {z}, {y} and {x} (and {date}), or empty.</param>
    public static MapBackground? Of(string setting)
    {
        if (setting.Length == 0) return null;
        var url = setting.Equals("gibs", StringComparison.OrdinalIgnoreCase) ? Gibs : setting;
        return new MapBackground(url, url == Gibs ? GibsCredit : new Uri(url).Host, 512, 9, GibsResolution);
    }

    /// <summary>Scheme, host and port, for the content security policy; null without a background.</summary>
    public static string? HostOf(string setting) => Of(setting) is { } background ? new Uri(background.Url).GetLeftPart(UriPartial.Authority) : null;

    /// <summary>What is wrong with a setting, or null.</summary>
    public static string? FaultOf(string setting)
    {
        if (setting.Length == 0 || setting.Equals("gibs", StringComparison.OrdinalIgnoreCase)) return null;
        if (!Uri.TryCreate(setting, UriKind.Absolute, out var address) || address.Scheme is not ("https" or "http") || address.UserInfo.Length > 0) return "map-background is no address of tiles and not 'gibs'";
        if (address.Scheme == "http" && !address.IsLoopback) return "map-background needs https";
        return setting.Contains("{z}", StringComparison.Ordinal) && setting.Contains("{y}", StringComparison.Ordinal) && setting.Contains("{x}", StringComparison.Ordinal)
            ? null
            : "map-background needs {z}, {y} and {x}";
    }
}
