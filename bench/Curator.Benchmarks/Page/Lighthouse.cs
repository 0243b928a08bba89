using System.Diagnostics;
using System.Text.Json;

namespace Curator.Benchmarks.Page;

/// <summary>What Lighthouse says of a page as a slow phone would load it (simulated 4G, processor slowed four times), when it is installed.</summary>
internal static class Lighthouse
{
    private static readonly string[] Categories = ["performance", "accessibility", "best-practices"];

    private static readonly (string Name, string Audit)[] Figures =
    [
        ("FCP ms", "first-contentful-paint"), ("LCP ms", "largest-contentful-paint"), ("TBT ms", "total-blocking-time"), ("CLS", "cumulative-layout-shift"),
        ("speed index ms", "speed-index"), ("bytes", "total-byte-weight"),
    ];

    /// <returns>Names and values, or null where Lighthouse is not installed.</returns>
    public static async Task<(string, object)[]?> RunAsync(string program, string chromium, string link, CancellationToken cancellationToken)
    {
        if (!File.Exists(program)) return null;
        var start = new ProcessStartInfo("node", [program, link, "--output=json", "--quiet", "--chrome-flags=--headless=new --no-sandbox --disable-gpu"])
        {
            RedirectStandardOutput = true,
            Environment = { ["CHROME_PATH"] = chromium },
        };
        using var process = Process.Start(start) ?? throw new InvalidOperationException("node did not start.");
        using var report = await JsonDocument.ParseAsync(process.StandardOutput.BaseStream, default, cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        var root = report.RootElement;
        return
        [
            ("lighthouse", root.GetProperty("lighthouseVersion").GetString()!),
            .. Categories.Select(name => (name, (object)root.GetProperty("categories").GetProperty(name).GetProperty("score").GetDouble())),
            .. Figures.Select(figure => (figure.Name, (object)root.GetProperty("audits").GetProperty(figure.Audit).GetProperty("numericValue").GetDouble())),
            ("failed audits", string.Join(", ", Failed(root))),
        ];
    }

    private static IEnumerable<string> Failed(JsonElement root) =>
        root.GetProperty("audits").EnumerateObject()
            .Where(audit => audit.Value.GetProperty("scoreDisplayMode").GetString() == "binary" && audit.Value.GetProperty("score").ValueKind == JsonValueKind.Number
                && audit.Value.GetProperty("score").GetDouble() < 1)
            .Select(audit => audit.Name);
}
