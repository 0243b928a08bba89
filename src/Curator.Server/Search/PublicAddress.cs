using System.Net;
using System.Net.Sockets;

namespace Curator.Server.Search;

/// <summary>
/// Which addresses a server that fetches on somebody's behalf may connect to: those of the public internet. Everything that the IANA special-purpose
/// registries keep back is refused: loopback, private and link-local networks (and with them the metadata services of clouds), carrier NAT, documentation,
/// benchmarking, multicast, and the IPv6 forms that carry an IPv4 address inside.
/// </summary>
internal static class PublicAddress
{
    private static readonly IPNetwork[] s_refused =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24",
            "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
            "2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20",
        }.Select(text => IPNetwork.Parse(text)),
    ];

    private static readonly IPNetwork s_global = IPNetwork.Parse("2000::/3");

    public static bool Holds(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        if (address.AddressFamily is AddressFamily.InterNetworkV6 && (!s_global.Contains(address) || address.ScopeId != 0)) return false;
        return address.AddressFamily is AddressFamily.InterNetwork or AddressFamily.InterNetworkV6 && !s_refused.Any(network => network.Contains(address));
    }
}
