using Curator.Core;

namespace Curator.Imagery.Gibs;

/// <summary>The imagery server, or what was asked of it, is not as needed: no such layer, no such day, no answer.</summary>
public sealed class GibsException(string whatHappened, string nextStep, Exception? cause = null) : CuratorException(whatHappened, nextStep, cause)
{
    /// <summary>Whether the server did not answer as it should, so that asking again later may help; false where what was asked for is not there.</summary>
    public bool ServerFailed { get; init; }
}
