namespace Curator.Cli;

/// <summary>What the process returns; the same for every verb.</summary>
internal static class ExitCodes
{
    /// <summary>All done.</summary>
    public const int Done = 0;

    /// <summary>Done, but some items were skipped, or a check found something.</summary>
    public const int DoneWithSkipped = 1;

    /// <summary>Could not do it: bad arguments, a missing input, a full disk.</summary>
    public const int CouldNot = 2;

    /// <summary>Stopped by Ctrl-C or a termination signal; the same command goes on from where it was.</summary>
    public const int Interrupted = 130;
}
