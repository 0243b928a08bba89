using Curator.Server;

namespace Curator.Cli;

/// <summary>What people need to open the page: the link, as a QR code too when it is for other machines, and how to know the certificate.</summary>
internal static class ShareText
{
    public static void Print(Terminal terminal, CuratorServer server, bool shared)
    {
        terminal.Line($"Open {server.Link}");
        if (!shared) return;
        if (!terminal.Json) terminal.Drawing(colour => TerminalQr.Draw(server.Link, colour));
        if (server.CertificateFingerprint is { } fingerprint)
            terminal.Note($"The certificate was made here, so browsers warn once. Its SHA-256 fingerprint: {fingerprint}");
    }
}
