namespace Curator.Imagery.Gibs;

/// <summary>A partition of downloaded tiles.</summary>
/// <param name="Folder">Absolute.</param>
public sealed record DownloadedPartition(string Folder, string Product, string Resolution, string Period, long Tiles);

/// <summary>What a download did.</summary>
/// <param name="SourceTiles">Tiles of the server that were needed.</param>
/// <param name="Fetched">Of these, those whose picture was fetched by this run.</param>
/// <param name="AlreadyThere">Of these, those that an earlier run had asked for.</param>
/// <param name="Blank">Of these, those that the server has no data for, or no tile.</param>
/// <param name="OtherTime">Of these, those that the server answered only with another time.</param>
/// <param name="Failed">Of these, those that no right answer came for.</param>
/// <param name="Requests">Sent by this run, repeats included.</param>
/// <param name="BytesFetched">By this run.</param>
/// <param name="Written">Tiles that were cut by this run.</param>
/// <param name="WrittenBefore">Tiles that were there.</param>
/// <param name="LeftOut">Tiles with too much no-data.</param>
/// <param name="Incomplete">Tiles that wait for one that failed.</param>
/// <param name="Examples">Of failed tiles, with the reason.</param>
public sealed record DownloadReport(
    IReadOnlyList<DownloadedPartition> Partitions, long SourceTiles, long Fetched, long AlreadyThere, long Blank, long OtherTime, long Failed, long Requests, long BytesFetched, long Written,
    long WrittenBefore, long LeftOut, long Incomplete, IReadOnlyList<string> Examples)
{
    /// <summary>Whether nothing is missing.</summary>
    public bool IsComplete => Failed == 0 && OtherTime == 0 && Incomplete == 0;
}
