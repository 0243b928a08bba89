using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace Curator.EndToEnd.Tests.Browser;

/// <summary>Accessibility rules, checked on what is drawn now.</summary>
internal static class Axe
{
    /// <param name="screen">Named when a rule is broken.</param>
    public static async Task CheckAsync(IPage page, string screen)
    {
        var result = await page.RunAxe();
        Assert.True(
            result.Violations.Length == 0,
            $"{screen}: {string.Join("; ", result.Violations.Select(violation => $"{violation.Id} ({string.Join(", ", violation.Nodes.Select(node => node.Html))})"))}");
    }
}
