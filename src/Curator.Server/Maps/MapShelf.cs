using System.Collections.Concurrent;
using Curator.Core;
using Curator.Search.Maps;
using Curator.Server.Errors;
using Microsoft.AspNetCore.Http;

namespace Curator.Server.Maps;

/// <summary>The project's maps, each read once and again when it was replaced. Thread-safe.</summary>
internal sealed class MapShelf(Workspace workspace)
{
    private readonly ConcurrentDictionary<string, (long Length, long Ticks, Shelved Map)> _open = new(StringComparer.Ordinal);

    /// <summary>All maps that can be read, newest encoder first; finished t-SNE before others of the same encoder.</summary>
    public async Task<IReadOnlyList<Shelved>> AllAsync(CancellationToken cancellationToken)
    {
        var maps = new List<Shelved>();
        foreach (var encoder in (await workspace.Catalog.GetEncodersAsync(cancellationToken)).OrderByDescending(row => row.CreatedAt).ThenByDescending(row => row.Version))
        {
            foreach (var method in Enum.GetValues<MapMethod>())
            {
                try
                {
                    if (Find(encoder.Id, method) is { } map) maps.Add(map);
                }
                catch (ArtefactException)
                {
                    // A damaged one is told of by whoever asks for it; the others stay to be seen.
                }
            }
        }

        return maps;
    }

    /// <exception cref="RefusedException">No such map.</exception>
    /// <exception cref="ArtefactException">It is damaged.</exception>
    public Shelved Get(string encoder, string method)
    {
        Shelved? found = null;
        try
        {
            if (Enum.TryParse<MapMethod>(method, ignoreCase: true, out var parsed) && MapBuilding.MethodName(parsed) == method) found = Find(encoder, parsed);
        }
        catch (WorkspaceException)
        {
            // A name that cannot be one.
        }

        return found ?? throw new RefusedException(StatusCodes.Status404NotFound, "There is no such map.", "GET /api/maps lists them; the owner makes one with `curator map`.");
    }

    private Shelved? Find(string encoder, MapMethod method)
    {
        var path = workspace.MapPath(encoder, MapBuilding.MethodName(method));
        var file = new FileInfo(path);
        if (!file.Exists) return null;
        if (_open.TryGetValue(path, out var known) && known.Length == file.Length && known.Ticks == file.LastWriteTimeUtc.Ticks) return known.Map;
        var map = new Shelved(MapFile.Open(path, MapFile.CommandFor(encoder, method)), method, file.LastWriteTimeUtc.Ticks);
        _open[path] = (file.Length, file.LastWriteTimeUtc.Ticks, map);
        return map;
    }
}

/// <summary>A map, and the columns of its images that were read for it.</summary>
internal sealed class Shelved(MapFile map, MapMethod method, long ticks)
{
    public MapFile Map => map;

    public string Method { get; } = MapBuilding.MethodName(method);

    /// <summary>Of what was made from what, and when: a map made again may look different on another processor.</summary>
    public string Version { get; } = $"{map.Fingerprint[..12]}{ticks:x}-{map.Info.Step}";

    /// <summary>Dates of the points; asked for once, since it reads all manifests.</summary>
    public Lazy<Task<long[]>>? Dates { get; set; }
}
