namespace Curator.Server.Hosting;

/// <summary>Links to the page. The token stands in the fragment, which browsers never send: it is in no log and no Referer header.</summary>
internal static class PageLink
{
    public static string Of(Uri address, string? task, string token) =>
        new Uri(address, task is null ? $"/#token={token}" : $"/tasks/{Uri.EscapeDataString(task)}#token={token}").AbsoluteUri;
}
