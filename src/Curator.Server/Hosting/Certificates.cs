using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Curator.Core;

namespace Curator.Server.Hosting;

/// <summary>TLS certificates: read from a file, or made here for a party in the local network.</summary>
internal static class Certificates
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(90);

    /// <exception cref="WorkspaceException">Missing, unreadable, or without its private key.</exception>
    public static X509Certificate2 Load(string path)
    {
        try
        {
            using var certificate = Path.GetExtension(path).ToLowerInvariant() is ".pem"
                ? X509Certificate2.CreateFromPemFile(path)
                : X509CertificateLoader.LoadPkcs12FromFile(path, null);
            if (!certificate.HasPrivateKey)
                throw new WorkspaceException($"The certificate {path} has no private key.", "Give --certificate a .pfx, or a .pem that holds certificate and key.");
            // TLS wants keys that have been through PKCS#12 once.
            return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new WorkspaceException($"The certificate {path} cannot be read.", "Give --certificate a .pfx without password, or a .pem that holds certificate and key.", e);
        }
    }

    /// <summary>
    /// The workspace's own certificate for an address, made anew when there is none, when it ends within a week or names another address; so
    /// that phones which accepted it once are not asked again at every start.
    /// </summary>
    public static async Task<X509Certificate2> GetOrMakeAsync(Workspace workspace, IPAddress address, CancellationToken cancellationToken)
    {
        var path = Path.Combine(workspace.WorkDirectory("serve"), $"{address.ToString().Replace(':', '-')}.pfx");
        var now = workspace.Clock.GetUtcNow();
        if (File.Exists(path))
        {
            var kept = Load(path);
            if (kept.NotAfter.ToUniversalTime() > now.UtcDateTime.AddDays(7)) return kept;
            kept.Dispose();
        }
        var made = Make(address, now);
        var temporary = $"{path}.{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        await using (var file = new FileStream(temporary, options))
            await file.WriteAsync(made, cancellationToken);
        File.Move(temporary, path, overwrite: true);
        return X509CertificateLoader.LoadPkcs12(made, null);
    }

    /// <summary>SHA-256 of the certificate in pairs of digits, as browsers show it.</summary>
    public static string Fingerprint(X509Certificate2 certificate) =>
        string.Join(':', Convert.ToHexString(certificate.GetCertHash(HashAlgorithmName.SHA256)).Chunk(2).Select(pair => new string(pair)));

    private static byte[] Make(IPAddress address, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Curator labeling page", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(address);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false)); // TLS server
        using var certificate = request.CreateSelfSigned(now.AddMinutes(-5), now + Lifetime);
        return certificate.Export(X509ContentType.Pkcs12);
    }
}
