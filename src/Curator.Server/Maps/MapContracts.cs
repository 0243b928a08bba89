namespace Curator.Server.Maps;

/// <summary>A map that can be looked at.</summary>
/// <param name="Version">Changes with the map's content.</param>
/// <param name="Step">Below <paramref name="Steps"/> it is a preview of a map that is being made.</param>
internal sealed record MapSummary(
    string Encoder, string Method, string Version, int Points, int Clusters, int Groups, int Step, int Steps, double? Trustworthiness, double? NeighboursKept);

/// <summary>A cluster by k-means, or a group by density.</summary>
/// <param name="Pictures">Its middle first, then such as differ.</param>
internal sealed record MapCluster(int Number, int Size, IReadOnlyList<MapPicture> Pictures);

internal sealed record MapClusters(IReadOnlyList<MapCluster> Clusters, IReadOnlyList<MapCluster> Groups);

internal sealed record MapPicture(string ImageId, string Picture);

/// <param name="Distance">1 − cos, 0 to 2.</param>
internal sealed record MapNeighbour(string ImageId, string Picture, double Distance);

/// <param name="Hidden">False shows pictures again that were hidden; other marks stay.</param>
internal sealed record HideRequest(IReadOnlyList<string> Images, bool Hidden = true);

/// <param name="Changed">Pictures whose mark was set or taken away.</param>
internal sealed record HideAnswer(int Changed);
