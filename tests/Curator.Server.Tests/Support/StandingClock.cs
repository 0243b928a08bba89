namespace Curator.Server.Tests.Support;

/// <summary>No time passes for throttles, however long thousands of requests take.</summary>
internal sealed class StandingClock : TimeProvider
{
    public override long GetTimestamp() => 0;
}
