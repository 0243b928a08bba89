using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Curator.Core;

namespace Curator.Server.Hosting;

/// <summary>Where the server listens, and under which names it answers.</summary>
/// <param name="Certificate">TLS certificate, or null for plain HTTP on loopback or behind a proxy.</param>
/// <param name="Secure">Whether browsers reach it by HTTPS, here or at the proxy.</param>
internal sealed record Binding(IPAddress Address, int Port, X509Certificate2? Certificate, bool Secure, IReadOnlySet<string> AllowedHosts)
{
    /// <exception cref="WorkspaceException">
    /// The host is no address; or it can be reached from other machines and neither a certificate nor a proxy protects it.
    /// </exception>
    public static async Task<Binding> ResolveAsync(ServeOptions options, Workspace workspace, CancellationToken cancellationToken)
    {
        var address = options.Share ? FindLanAddress() : ParseHost(options.Host);
        var loopback = IPAddress.IsLoopback(address);
        var certificate = options.Certificate is { } path ? Certificates.Load(path)
            : options.Share && !options.BehindProxy ? await Certificates.GetOrMakeAsync(workspace, address, cancellationToken)
            : null;
        if (!loopback && certificate is null && !options.BehindProxy)
            throw new WorkspaceException(
                $"The address {address} can be reached from other machines, and without TLS everyone on the way could read the link and answer in others' names.",
                "Use --share (makes a certificate), give one with --certificate, or put a TLS proxy in front and say --behind-proxy.");
        return new Binding(address, options.Port, certificate, certificate is not null || options.BehindProxy, Hosts(options, address));
    }

    private static HashSet<string> Hosts(ServeOptions options, IPAddress address)
    {
        var hosts = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { Bracketed(address) };
        if (IPAddress.IsLoopback(address)) hosts.UnionWith(["localhost", "127.0.0.1", "[::1]"]);
        if (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any))
            hosts.UnionWith([.. OwnAddresses().Select(Bracketed), "localhost", Dns.GetHostName()]);
        hosts.UnionWith(options.AllowedHosts.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        return hosts;
    }

    /// <summary>As it stands in a URL.</summary>
    public static string Bracketed(IPAddress address) =>
        address.AddressFamily is AddressFamily.InterNetworkV6 ? $"[{address}]" : address.ToString();

    private static IPAddress ParseHost(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) ? IPAddress.Loopback
        : IPAddress.TryParse(host, out var address) ? address
        : throw new WorkspaceException($"'{host}' is no IP address.", "Give --host an address such as 127.0.0.1, or use --share for the address in the local network.");

    private static IPAddress FindLanAddress() =>
        OwnAddresses().FirstOrDefault(address => address.AddressFamily is AddressFamily.InterNetwork && !IPAddress.IsLoopback(address))
        ?? throw new WorkspaceException("This machine has no address in a local network.", "Connect it to one, or leave --share away to label on this machine.");

    private static IEnumerable<IPAddress> OwnAddresses() =>
        from network in NetworkInterface.GetAllNetworkInterfaces()
        where network.OperationalStatus is OperationalStatus.Up
        let properties = network.GetIPProperties()
        // Networks with a gateway first: phones are there, not in a virtual machine's or a container's own network.
        orderby properties.GatewayAddresses.Count == 0
        from unicast in properties.UnicastAddresses
        select unicast.Address;
}
