using System.Collections.Concurrent;
using System.Net;
using System.Xml;
using System.Xml.Linq;
using Curator.Core.Files;

namespace Curator.Imagery.Gibs;

/// <summary>
/// The server's documents, kept on disk: asked for again after half an hour with the copy's ETag, and used as they are while the server cannot be reached. Thread-safe.
/// </summary>
internal sealed class CatalogueStore(GibsHttp http, string root, TimeProvider clock)
{
    private const int MostPages = 1000;
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan[] Pauses = [TimeSpan.FromSeconds(0.2), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(6)];

    private readonly ConcurrentDictionary<GibsProjection, (DateTimeOffset At, GibsCatalogue Catalogue)> _parsed = new();

    /// <summary>Since when the catalogue that was last given out is known, when it could not be asked for anew; null when it is fresh.</summary>
    public DateTimeOffset? Stale { get; private set; }

    /// <exception cref="GibsException">Never fetched, and not to be had now; or it cannot be read.</exception>
    public async Task<GibsCatalogue> CatalogueAsync(GibsProjection projection, bool refresh, CancellationToken cancellationToken)
    {
        if (!refresh && _parsed.TryGetValue(projection, out var known) && clock.GetUtcNow() - known.At < Fresh) return known.Catalogue;
        var bytes = await DocumentAsync(
            $"wmts/{projection.Code()}/best/1.0.0/WMTSCapabilities.xml", Path.Combine(root, $"capabilities-{projection.Code()}.xml"), refresh ? TimeSpan.Zero : Fresh, cancellationToken);
        using var stream = new MemoryStream(bytes);
        var catalogue = GibsCatalogue.Parse(stream, projection);
        _parsed[projection] = (clock.GetUtcNow(), catalogue);
        return catalogue;
    }

    /// <summary>All times of a layer between two days, page after page.</summary>
    /// <exception cref="GibsException">Not to be had, now or from an earlier time.</exception>
    public async Task<GibsDomain> DomainAsync(GibsLayer layer, DateOnly from, DateOnly to, CancellationToken cancellationToken)
    {
        // A composite that begins before the first day may reach into it.
        var range = $"{from.AddDays(-(int)LongestStep(layer.Domain).TotalDays):yyyy-MM-dd}--{to:yyyy-MM-dd}";
        var first = $"wmts/{layer.Grid.Projection.Code()}/best/1.0.0/{Uri.EscapeDataString(layer.Identifier)}/default/{Uri.EscapeDataString(layer.Grid.Name)}/all/{range}.xml";
        var folder = Path.Combine(root, "domains", layer.Grid.Projection.Code(), Core.Names.ToValid(layer.Identifier));
        Directory.CreateDirectory(folder);
        var values = new List<string>();
        var visited = new HashSet<string>();
        for (var path = first; path is not null && visited.Add(path) && visited.Count <= MostPages;)
        {
            var page = visited.Count == 1 ? "" : $"-{visited.Count}";
            var bytes = await DocumentAsync(path, Path.Combine(folder, $"{layer.Grid.Name}-{range}{page}.xml"), Fresh, cancellationToken);
            path = ReadPage(bytes, path, values);
        }
        return GibsDomain.Parse(values);
    }

    /// <summary>Collects a page's times. Returns where the next one is, below the server's address; null at the end.</summary>
    private string? ReadPage(byte[] bytes, string path, List<string> values)
    {
        try
        {
            using var stream = new MemoryStream(bytes);
            using var reader = XmlReader.Create(stream, new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null });
            var document = XDocument.Load(reader);
            var dimensions = document.Descendants().Where(element => element.Name.LocalName == "DimensionDomain");
            values.AddRange(dimensions.SelectMany(dimension => dimension.Elements().Where(element => element.Name.LocalName == "Domain").Select(element => element.Value)));
            if (document.Descendants().FirstOrDefault(element => element.Name.LocalName == "NextPage") is not { } next) return null;
            var link = next.Attributes().FirstOrDefault(attribute => attribute.Name.LocalName == "href")?.Value ?? next.Value;
            if (string.IsNullOrWhiteSpace(link)) return null;
            // Wherever the link says the server is, the next page is asked of the server that we talk to.
            var address = new Uri(new Uri(http.Address, path), link.Trim());
            var relative = http.Address.MakeRelativeUri(new UriBuilder(address) { Scheme = http.Address.Scheme, Host = http.Address.Host, Port = http.Address.Port }.Uri).ToString();
            return relative;
        }
        catch (Exception error) when (error is XmlException or UriFormatException)
        {
            throw new GibsException($"The server's list of times cannot be read: {error.Message}", "Try again later; the layer may be under repair.", error) { ServerFailed = true };
        }
    }

    private async Task<byte[]> DocumentAsync(string path, string file, TimeSpan fresh, CancellationToken cancellationToken)
    {
        Stale = null;
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        var tagFile = file + ".etag";
        var kept = File.Exists(file) ? await File.ReadAllBytesAsync(file, cancellationToken) : null;
        if (kept is not null && clock.GetUtcNow() - File.GetLastWriteTimeUtc(file) < fresh) return kept;
        var tag = kept is not null && File.Exists(tagFile) ? await File.ReadAllTextAsync(tagFile, cancellationToken) : null;
        GibsAnswer answer;
        for (var tries = 0; ; tries++)
        {
            answer = await http.GetAsync(path, GibsHttp.LargestDocument, tag, cancellationToken);
            if (answer.Failure is null && answer.Status == HttpStatusCode.NotModified && kept is not null)
            {
                File.SetLastWriteTimeUtc(file, clock.GetUtcNow().UtcDateTime);
                return kept;
            }
            if (answer.Failure is null && answer.Status == HttpStatusCode.OK && IsWhole(answer.Body))
            {
                AtomicFile.Write(file, stream => stream.Write(answer.Body));
                if (answer.ETag is null) File.Delete(tagFile);
                else AtomicFile.WriteText(tagFile, answer.ETag);
                return answer.Body;
            }
            // With a copy at hand a server that is away costs one try.
            if (tries == Pauses.Length || (kept is not null && answer.Failure is not null && !answer.TimedOut && tries > 0)) break;
            await Task.Delay(answer.RetryAfter is { } wait && wait > TimeSpan.Zero && wait < TimeSpan.FromMinutes(2) ? wait : Pauses[tries], clock, cancellationToken);
        }
        if (kept is null)
            throw new GibsException(
                $"{http.Address} did not give {path}: {answer.Failure ?? $"status {(int)answer.Status}"}.", "Check the network and --address; what was fetched once is found again without the network.") { ServerFailed = true };
        Stale = File.GetLastWriteTimeUtc(file);
        return kept;
    }

    /// <summary>Exceptions come as XML too, with status 200: they are no answer. A document that was cut off does not end with its root's end.</summary>
    private static bool IsWhole(byte[] body)
    {
        try
        {
            using var stream = new MemoryStream(body);
            using var reader = XmlReader.Create(stream, new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null });
            reader.MoveToContent();
            if (reader.LocalName is "ExceptionReport" or "ServiceExceptionReport") return false;
            while (reader.Read())
            {
                // To the end: the reader complains when it comes too early.
            }
            return true;
        }
        catch (XmlException)
        {
            return false;
        }
    }

    private static TimeSpan LongestStep(GibsDomain domain)
    {
        var days = domain.Periods.Select(period => period.StepMonths > 0 ? period.StepMonths * 31.0 : period.Step.TotalDays).Where(step => step > 1).DefaultIfEmpty(0).Max();
        return TimeSpan.FromDays(Math.Min(days, 400));
    }
}
