using Curator.Core;

namespace Curator.Server.Errors;

/// <summary>A request that makes no sense, or that is not allowed; answered with <paramref name="status"/>.</summary>
internal sealed class RefusedException(int status, string whatHappened, string nextStep, Exception? innerException = null) : CuratorException(whatHappened, nextStep, innerException)
{
    public int Status { get; } = status;
}
